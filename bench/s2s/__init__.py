"""
Servers that publish over streams of their own, as pushsvc's s2s link has them.
"""
