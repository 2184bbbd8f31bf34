"""
How stanzas reach us: a file is a kind of link.
"""
