"""
Node types are tried out with a real delivery behind them.
"""

from tests.delivery.conftest import house, makeHouse

__all__ = ["house", "makeHouse"]
