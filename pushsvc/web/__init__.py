"""
HTTP as others need it: pages for operators.
"""
