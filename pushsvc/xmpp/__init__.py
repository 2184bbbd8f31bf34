"""
Wokkel handlers: they read a stanza, call, and answer.
"""
