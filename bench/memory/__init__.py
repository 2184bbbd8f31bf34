"""
What a push network that is down costs in memory: ``python -m bench.memory``.
"""
