"""
The tour of ``pushsvc demo``: the whole path on loopback, without any other server.
"""
