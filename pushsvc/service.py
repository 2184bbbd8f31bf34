"""
Starting and stopping in an order: what is needed is there before who needs it, and goes after.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from twisted.application.service import IService, MultiService
from twisted.internet.defer import Deferred, ensureDeferred, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.logger import Logger

from pushsvc import __version__
from pushsvc.concealed import concealed
from pushsvc.config import ConfigurationError
from pushsvc.errors import CannotOpen
from pushsvc.ipushsvc import IHTTP, IStorage
from pushsvc.xmpp.ongoing import Ongoing

# Seconds a clean stop waits for the answers to those who have asked.
LAST_ANSWERS = 5.0


class PushService(MultiService):
    """
    Storage, delivery and links: opened in this order. On the way down whoever has asked gets an answer, and whoever
    asks then is told to try later; the delivery finishes what is in flight; then streams are closed; then the rest.
    Parts that were added later start last, and stop after these.
    """

    log = Logger()

    def __init__(
        self,
        storage: IStorage,
        delivery: IService,
        links: Sequence[Any],
        ongoing: Ongoing,
        clients: Iterable[IHTTP],
        publisher: IService | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._storage = storage
        self._ongoing = ongoing
        self._clients = clients
        telling = [publisher] if publisher is not None else []
        # What happens elsewhere is heard last, and first no more.
        self._ordered: list[Any] = [*telling, delivery, *links]
        for part in (delivery, *links, *telling):
            part.setServiceParent(self)

    def startService(self) -> None:
        try:
            self._storage.open()
            super().startService()  # type: ignore[no-untyped-call]
        except (CannotOpen, CannotListenError, ConfigurationError) as e:
            self.log.critical("pushsvc cannot start: {reason}", reason=str(e))
            raise SystemExit(1) from None
        self.log.info("pushsvc {version} has started", version=__version__)

    def stopService(self) -> Deferred[None]:
        self.running = 0
        return ensureDeferred(self._stop())

    async def _stop(self) -> None:
        await self._unlessItFails(lambda: ensureDeferred(self._ongoing.finish(LAST_ANSWERS)))
        for part in self._ordered:
            await self._unlessItFails(part.stopService)
        for part in [part for part in self if part not in self._ordered]:
            await self._unlessItFails(part.stopService)
        for client in self._clients:
            await self._unlessItFails(client.close)
        await self._unlessItFails(self._storage.close)

    async def _unlessItFails(self, stop: Any) -> None:
        # One part that does not stop well must not keep the others from stopping.
        try:
            await maybeDeferred(stop)
        except Exception:
            self.log.failure("stopping a part failed", concealed())
