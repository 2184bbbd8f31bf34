"""
The user's-server half of XEP-0357: enablements, what is worth a push, and how much of it is told.
"""
