"""
Credentials, as soon as the service starts: whether networks take them is asked before the first push tells.
"""

from collections.abc import Callable, Mapping

from twisted.application.service import Service
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.logger import Logger

from pushsvc.apps import App
from pushsvc.concealed import concealed
from pushsvc.errors import DeliveryError, ProviderRefused


class Credentials(Service):
    """
    Asks each app's network once. Nothing waits for the answers: a network that is down keeps nobody from starting.

    :param refused: told of apps whose credentials are not taken.
    """

    log = Logger()
    name = "credentials"

    def __init__(self, apps: Mapping[str, App], refused: Callable[[str, ProviderRefused], None]) -> None:
        self._apps = apps
        self._refused = refused
        self._asking: set[Deferred[None]] = set()

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]
        for app in list(self._apps.values()):
            self._asking.add(ensureDeferred(self._ask(app)))

    def stopService(self) -> None:
        super().stopService()  # type: ignore[no-untyped-call]
        while self._asking:
            self._asking.pop().cancel()

    async def _ask(self, app: App) -> None:
        try:
            await app.provider.check()
        except ProviderRefused as e:
            # The app may have been renewed meanwhile.
            if self.running and self._apps.get(app.name) is app:
                self._refused(app.name, e)
        except DeliveryError as e:
            if self.running:
                self.log.warn(
                    "{app}: the network could not be asked about our credentials: {reason}",
                    app=app.name,
                    reason=str(e),
                )
        except Exception:
            self.log.failure("{app}: asking about our credentials failed", concealed(), app=app.name)
