"""
What Web Push's tests say often.
"""

from typing import Any

from twisted.internet.interfaces import IReactorTime

from pushsvc.config import build
from pushsvc.ipushsvc import IHTTP
from pushsvc.model import Target
from pushsvc.providers import webpush
from tests.standins.webpush import Browser

SUBJECT = "mailto:push@example.org"


def makeWebPush(http: IHTTP, clock: IReactorTime, deadline: float = webpush.DEADLINE, **keys: Any) -> webpush.WebPush:
    """
    The provider of the app chatninja.
    """
    table = {"provider": "webpush", **{name.replace("_", "-"): value for name, value in keys.items()}}
    if "vapid-key-file" in table:
        table = {"subject": SUBJECT, **table}
    return webpush.makeProvider("chatninja", build(webpush.Options, table, "apps.chatninja"), http, clock, deadline)


def targetOf(browser: Browser, key: str = "node") -> Target:
    """
    A device as it is stored.
    """
    return Target(key, "chatninja", browser.endpoint, {"p256dh": browser.p256dh, "auth": browser.auth})
