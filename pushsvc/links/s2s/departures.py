"""
How many streams of ours there are: whoever asks us something has us open one, to wherever it says that it is.
"""

from collections.abc import Awaitable, Callable

from twisted.internet.defer import DeferredSemaphore

from pushsvc.links.s2s.approach import Unreached
from pushsvc.links.s2s.ourselves import Settings
from pushsvc.links.s2s.peerstream import PeerStream


class Departures:
    """
    Lets streams be opened one after the other, and the one that was of no use for longest be closed for one more.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turns = DeferredSemaphore(settings.maxConnecting)
        self._all: set[PeerStream] = set()

    async def open(self, reach: Callable[[], Awaitable[PeerStream]]) -> PeerStream:
        """
        What ``reach`` comes to, when it is its turn.

        :raises Unreached: there are too many.
        """
        settings = self._settings
        if len(self._turns.waiting) >= settings.maxDeparting:
            raise Unreached("too many streams of ours wait to be opened", "resource-constraint")
        await self._turns.acquire()
        try:
            self._makeRoom()
            stream = await reach()
        finally:
            self._turns.release()
        if stream not in self._all and stream.usable:
            self._all.add(stream)
            stream.ends.append(self._all.discard)
        return stream

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
