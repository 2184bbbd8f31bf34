"""
The steps. Once released, a step is not changed any more.
"""
