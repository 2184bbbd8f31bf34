"""
Which nodes exist: a file is a kind of tree.
"""
