"""
Feeds: how the publisher learns what happens on users' servers. The name in the configuration is the name of the file.
"""
