"""
Stanzas to values and back: no I/O, no state, no policy.
"""
