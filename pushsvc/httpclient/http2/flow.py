"""
How much the other side may send us (RFC 9113, 5.2).
"""


class Allowed:
    """
    A window of ours, given back in large pieces.

    :ivar isOverrun: more came than was allowed.
    """

    __slots__ = ("_left", "_owed", "_piece")

    def __init__(self, window: int) -> None:
        self._left = window
        self._owed = 0
        self._piece = window // 2

    @property
    def isOverrun(self) -> bool:
        return self._left < 0

    def took(self, size: int) -> int:
        """
        So much came, and makes room again.

        :returns: how much to give back now; mostly nothing.
        """
        self._left -= size
        self._owed += size
        if self._left < 0 or self._owed < self._piece:
            return 0
        owed, self._owed = self._owed, 0
        self._left += owed
        return owed
