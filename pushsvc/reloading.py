"""
What is read again when the process gets a SIGHUP: certificates of links, and credentials of apps.
"""

import signal
import threading
from collections.abc import Sequence
from typing import Any, Protocol

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredLock, ensureDeferred
from twisted.logger import Logger

from pushsvc.concealed import concealed
from pushsvc.config import ConfigurationError


class Reloadable(Protocol):
    """
    Whoever has files that change: a link, or what looks after the apps.
    """

    async def reload(self) -> bool | None:
        """
        Read them again.

        :returns: False: some of it could not be used, which has been told; the rest is in use.
        :raises ConfigurationError: they cannot be used; what was in use stays.
        """


class Reloading(Service):
    """
    Has everybody read their files again, one after the other. What cannot be used is told, and what was in use stays.
    """

    log = Logger()
    name = "reloading"

    def __init__(self, parts: Sequence[Reloadable], reactor: Any) -> None:
        self._parts = parts
        # Two at once could end with what the first one read.
        self._lock = DeferredLock()
        self._reactor = reactor
        self._before: Any = None

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]
        # Only the main thread may; whoever embeds us in another has to call reload.
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGHUP, self._onHangup)

    def stopService(self) -> None:
        super().stopService()  # type: ignore[no-untyped-call]
        if self._before is not None:
            signal.signal(signal.SIGHUP, self._before)
            self._before = None

    def _onHangup(self, number: int, frame: object) -> None:
        self._reactor.callFromThread(self.reload)

    def reload(self) -> Deferred[None]:
        """
        Read them again.
        """
        return self._lock.run(lambda: ensureDeferred(self._reload()))

    async def _reload(self) -> None:
        isWhole = True
        for part in self._parts:
            try:
                if await part.reload() is False:
                    isWhole = False
            except ConfigurationError as e:
                self.log.error("what was in use stays: {reason}", reason=str(e))
                isWhole = False
            except Exception:
                self.log.failure("reading files again failed", concealed())
                isWhole = False
        if isWhole:
            self.log.info("reloaded")
        else:
            self.log.warn("not everything was reloaded: see above")
