"""
How many streams of ours there are: whoever asks us something has us open one, to wherever it says that it is.
"""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import CancelledError, Deferred, DeferredSemaphore

from pushsvc.links.s2s.approach import Unreached
from pushsvc.links.s2s.ourselves import Settings
from pushsvc.links.s2s.peerstream import PeerStream


class Departures:
    """
    Lets streams be opened one after the other, and the one that was of no use for longest be closed for one more.
    """

    def __init__(self, settings: Settings, clock: Any) -> None:
        self._settings = settings
        self._clock = clock
        self._turns = DeferredSemaphore(settings.maxConnecting)
        self._all: set[PeerStream] = set()
        self._slow: dict[Deferred[PeerStream], None] = {}  # those that give way to whoever comes
        self._ousted: set[Deferred[PeerStream]] = set()

    async def open(self, reach: Callable[[], "Deferred[PeerStream]"]) -> PeerStream:
        """
        What ``reach`` comes to, when it is its turn.

        :raises Unreached: there are too many.
        """
        settings = self._settings
        if len(self._turns.waiting) >= settings.maxDeparting:
            raise Unreached("too many streams of ours wait to be opened", "resource-constraint")
        if not self._turns.tokens and self._slow:
            self._oust(next(iter(self._slow)))
        await self._turns.acquire()
        try:
            self._makeRoom()
            stream = await self._reached(reach())
        finally:
            self._turns.release()
        if stream not in self._all and stream.usable:
            self._all.add(stream)
            stream.ends.append(self._all.discard)
        return stream

    async def _reached(self, reaching: "Deferred[PeerStream]") -> PeerStream:
        """
        Servers that let us wait, of which a stranger can name any number, do not keep us from the others.
        """
        slow = self._clock.callLater(self._settings.crowding, self._isSlow, reaching)
        try:
            return await reaching
        except CancelledError:
            if reaching in self._ousted:
                raise Unreached("no stream yet, and others wait", "resource-constraint") from None
            raise
        finally:
            self._slow.pop(reaching, None)
            self._ousted.discard(reaching)
            if slow.active():
                slow.cancel()

    def _isSlow(self, reaching: "Deferred[PeerStream]") -> None:
        self._slow[reaching] = None
        if self._turns.waiting:
            self._oust(reaching)

    def _oust(self, reaching: "Deferred[PeerStream]") -> None:
        self._ousted.add(reaching)
        reaching.cancel()

    def _makeRoom(self) -> None:
        settings = self._settings
        if len(self._all) < settings.maxOutgoing:
            return
        usable = [stream for stream in self._all if stream.usable]
        if len(usable) >= settings.maxOutgoing:
            min(usable, key=lambda stream: stream.usedAt).finish()
        elif len(self._all) >= settings.maxOutgoing + settings.maxConnecting:
            # Closing takes a while where the peer does not want to.
            raise Unreached("too many streams of ours", "resource-constraint")
