"""
The streams that there are, whoever opened them, and the end of those that nobody uses, or that nothing vouches for.
"""

from twisted.internet.defer import Deferred

from pushsvc.links.s2s.ourselves import Settings
from pushsvc.links.s2s.peerstream import PeerStream


class Streams(set[PeerStream]):
    """
    All of them, from the connection on until that is gone.
    """

    def __init__(self) -> None:
        super().__init__()
        self._emptied: Deferred[None] | None = None

    def opened(self, stream: PeerStream) -> None:
        """
        There is a connection.
        """
        self.add(stream)
        stream.ends.append(self._gone)

    def closeIdle(self, settings: Settings, now: float) -> None:
        """
        Close what was not used for long, and what a certificate has opened that is no longer valid.
        """
        for stream in list(self):
            if stream.usable and stream.expired(now):
                # RFC 6120 section 13.7.2.3; the peer may come again, with another one.
                stream.dismiss("reset")
                continue
            # What we opened is ours to close, however busily the peer keeps it alive.
            at, patience = stream.usedAt, settings.idle
            if not stream.initiating:
                at, patience = max(stream.heardAt, stream.saidAt), settings.idleIncoming
            if stream.usable and now - at > patience:
                stream.finish()

    async def closeAll(self) -> None:
        """
        Close all; what was sent leaves.

        :returns: when the connections are gone.
        """
        for stream in list(self):
            # What it is about to do is not to be done any more.
            stream.authenticator.lost("we stop")
            stream.finish()
        if self:
            self._emptied = Deferred()
            await self._emptied
            self._emptied = None

    def _gone(self, stream: PeerStream) -> None:
        self.discard(stream)
        if not self and self._emptied is not None:
            self._emptied.callback(None)
