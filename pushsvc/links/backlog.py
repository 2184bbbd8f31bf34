"""
Stanzas that wait until their link can take them.
"""

from collections import deque


class Backlog:
    """
    First in, first out; what does not fit is dropped, and counted.

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
        self._waiting: deque[str] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, stanza: str) -> bool:
        """
        Keep a stanza, written as it will be sent.

        :returns: whether it fits.
        """
        if len(self._waiting) >= self._maxStanzas or self._size + len(stanza) > self._maxSize:
            self.dropped += 1
            return False
        self._waiting.append(stanza)
        self._size += len(stanza)
        return True

    def pop(self) -> str:
        """
        The one that waits longest.
        """
        stanza = self._waiting.popleft()
        self._size -= len(stanza)
        return stanza
