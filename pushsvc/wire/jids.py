"""
Where JIDs used to be read.
"""

from pushsvc.jids import Address, addressOf

__all__ = ["Address", "addressOf"]
