"""
An accepted notification on its way to a push network.
"""
