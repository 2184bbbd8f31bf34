"""
Providers whose network is XMPP are told by what to publish.
"""

from typing import Any

from pushsvc.apps import App
from pushsvc.ipushsvc import IPushService, IRelaying


class Introducing:
    """
    Tells them, when the service is put together and when an app is renewed.
    """

    def __init__(self, pushService: IPushService) -> None:
        self._pushService = pushService

    def introduce(self, app: App) -> None:
        """
        Of this app, if it is one of them.
        """
        relaying: Any = IRelaying(app.provider, None)
        if relaying is not None:
            relaying.publishBy(self._pushService, app.pubsubHost)
