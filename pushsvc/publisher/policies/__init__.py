"""
Policies: what is told, to whom and how. The name in the configuration is the name of the file.
"""
