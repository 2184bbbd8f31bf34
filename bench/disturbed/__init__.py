"""
How long a good peer waits for its answers while others mean harm: ``python -m bench.disturbed``.
"""
