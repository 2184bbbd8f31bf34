"""
Stanzas that wait until their link can take them.
"""

from collections import OrderedDict


class Backlog:
    """
    First in, first out; what does not fit is dropped, and counted. What need not be sent any more can be withdrawn.

    :ivar dropped: how many stanzas were.
    """

    def __init__(self, maxStanzas: int, maxSize: int) -> None:
        """
        :param maxSize: characters of all that waits.
        """
        self.dropped = 0
        self._maxStanzas = maxStanzas
        self._maxSize = maxSize
        self._size = 0
        self._waiting: OrderedDict[int, str] = OrderedDict()
        self._last = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, stanza: str) -> int | None:
        """
        Keep a stanza, written as it will be sent.

        :returns: what `withdraw` wants to know; None: it does not fit.
        """
        if len(self._waiting) >= self._maxStanzas or self._size + len(stanza) > self._maxSize:
            self.dropped += 1
            return None
        self._last += 1
        self._waiting[self._last] = stanza
        self._size += len(stanza)
        return self._last

    def pop(self) -> str:
        """
        The one that waits longest.
        """
        _, stanza = self._waiting.popitem(last=False)
        self._size -= len(stanza)
        return stanza

    def withdraw(self, number: int) -> None:
        """
        This one need not be sent any more; it may have been.
        """
        self._size -= len(self._waiting.pop(number, ""))
