"""
Push ids: UUIDs (RFC 9562, version 4), made from random bytes that were fetched for many at once.

Each look at the system's randomness is a call of the kernel, and ``uuid4`` makes an object that nobody needs: together
they cost more than all else that accepting a notification costs by itself.
"""

import os
from collections.abc import Callable

# Made of one look.
FETCHED = 256

_VARIANTS = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


class PushIds:
    """
    Makes them. Nothing is fetched before the first is wanted: a process that forks before that shares none with
    another.
    """

    def __init__(self, randomly: Callable[[int], bytes] = os.urandom) -> None:
        self._randomly = randomly
        self._random = ""
        self._used = 0

    def next(self) -> str:
        """
        One that there never was.
        """
        if self._used == len(self._random):
            self._random, self._used = self._randomly(16 * FETCHED).hex(), 0
        digits = self._random[self._used : self._used + 32]
        self._used += 32
        variant = _VARIANTS[digits[16]]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
