"""
Where everything lives: a file is a kind of storage.
"""
