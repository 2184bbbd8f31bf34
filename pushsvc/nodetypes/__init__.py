"""
What a publish means: a file is a type of node.
"""
