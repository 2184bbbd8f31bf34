"""
Where pushes go: a file is a push network.
"""
