"""
How long pushes of one lane take while the network of another hangs: ``python -m bench.fairness``.
"""
