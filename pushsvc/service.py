"""
Starting and stopping in an order: what is needed is there before who needs it, and goes after.
"""

from collections.abc import Sequence
from typing import Any

from twisted.application.service import IService, MultiService
from twisted.internet.defer import Deferred, ensureDeferred, maybeDeferred
from twisted.logger import Logger

from pushsvc.ipushsvc import IHTTP, IStorage


class PushService(MultiService):
    """
    Storage, delivery and links: opened in this order. On the way down the delivery first finishes what is in flight,
    while links still answer, and what is accepted meanwhile stays on disk; then streams are closed; then the rest.
    """

    log = Logger()

    def __init__(self, storage: IStorage, delivery: IService, links: Sequence[Any], clients: Sequence[IHTTP]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._storage = storage
        self._clients = clients
        self._ordered: list[Any] = [delivery, *links]
        for part in self._ordered:
            part.setServiceParent(self)

    def startService(self) -> None:
        self._storage.open()
        super().startService()  # type: ignore[no-untyped-call]

    def stopService(self) -> Deferred[None]:
        self.running = 0
        return ensureDeferred(self._stop())

    async def _stop(self) -> None:
        for part in self._ordered:
            await self._unlessItFails(part.stopService)
        for client in self._clients:
            await self._unlessItFails(client.close)
        await self._unlessItFails(self._storage.close)

    async def _unlessItFails(self, stop: Any) -> None:
        # One part that does not stop well must not keep the others from stopping.
        try:
            await maybeDeferred(stop)
        except Exception:
            self.log.failure("stopping a part failed")
