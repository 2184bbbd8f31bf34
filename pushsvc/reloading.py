"""
What is read again when the process gets a SIGHUP: certificates of links, which are renewed every few months.
"""

import signal
import threading
from collections.abc import Sequence
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.logger import Logger

from pushsvc.concealed import concealed
from pushsvc.config import ConfigurationError
from pushsvc.ipushsvc import ILink


class Reloading(Service):
    """
    Has links read their files again. What cannot be used is told, and what was in use stays.
    """

    log = Logger()
    name = "reloading"

    def __init__(self, links: Sequence[ILink], reactor: Any) -> None:
        self._links = links
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
        return ensureDeferred(self._reload())

    async def _reload(self) -> None:
        for link in self._links:
            try:
                await link.reload()
            except ConfigurationError as e:
                self.log.error("what was in use stays: {reason}", reason=str(e))
            except Exception:
                self.log.failure("a link failed to reload", concealed())
        self.log.info("reloaded")
