"""
A peer that says much at once is heard out bit by bit: others have their turns in between.
"""

from typing import Any, Protocol

from pushsvc.links.turns import Turns


class Listener(Protocol):
    """
    Who hears it.
    """

    @property
    def authenticated(self) -> bool:
        """
        Whether it is known who speaks.
        """

    def hear(self, said: bytes) -> None:
        """
        The next of what was said.
        """

    def mayHear(self) -> bool:
        """
        Whether it wants to hear any more for now.
        """

    def heardAll(self) -> None:
        """
        A turn is over, and there is nothing left.
        """

    def flow(self, wanted: bool) -> None:
        """
        Have more arrive, or not.
        """


class Hearing:
    """
    What a peer has said and was not heard yet. Until all of it is, nothing more arrives.
    """

    def __init__(self, listener: Listener, clock: Any, turns: Turns | None) -> None:
        """
        :param turns: how long the peer is listened to before others have their turn; None: as long as it speaks.
        """
        self._listener = listener
        self._clock = clock
        self._turns = turns
        self._unread = bytearray()
        self._next: Any = None  # turn
        self._isFlowing = True

    @property
    def pending(self) -> bool:
        """
        Whether there is something that waits for its turn.
        """
        return bool(self._unread)

    def add(self, data: bytes) -> None:
        """
        This has arrived.
        """
        self._unread += data
        if self._next is None:
            self._read()

    def forget(self) -> None:
        """
        Nobody wants to hear it.
        """
        self._unread.clear()

    def regulate(self) -> None:
        """
        Go on, now or never, with what has arrived; have more arrive only if there is nothing left of it.
        """
        mayHear = self._listener.mayHear()
        if self._unread and mayHear and self._next is None:
            self._next = self._clock.callLater(0, self._takeTurn)
            if self._turns is not None:
                self._turns.wait()
        elif self._next is not None and not (self._unread and mayHear):
            self._next.cancel()
            self._waitNoLonger()
        wanted = mayHear and not self._unread
        if wanted != self._isFlowing:
            self._isFlowing = wanted
            self._listener.flow(wanted)

    def _takeTurn(self) -> None:
        self._waitNoLonger()
        self._read()

    def _waitNoLonger(self) -> None:
        self._next = None
        if self._turns is not None:
            self._turns.leave()

    def _read(self) -> None:
        if self._turns is None:
            self._readAll()
        else:
            self._readSome(*self._turns.next(self._listener.authenticated))
        self.regulate()
        if not self._unread:
            self._listener.heardAll()

    def _readAll(self) -> None:
        said = bytes(self._unread)
        self._unread.clear()
        self._listener.hear(said)

    def _readSome(self, seconds: float, amount: int) -> None:
        end = self._clock.seconds() + seconds
        while self._unread:
            # The rest is forgotten when this, whatever it leads to, ends the stream or begins it anew.
            said = bytes(self._unread[:amount])
            del self._unread[:amount]
            self._listener.hear(said)
            if not self._listener.mayHear() or self._clock.seconds() > end:
                break
