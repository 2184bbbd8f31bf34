"""
What WNS' tests say often.
"""

import json
from base64 import b64decode
from typing import Any

from twisted.internet.interfaces import IReactorTime

from pushsvc.config import build
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers import wns
from tests.providers.contract import NOTIFICATION, targetOf
from tests.standins.http import answer
from tests.standins.wns import CLIENT_ID, CLIENT_SECRET, PACKAGE_SID, TENANT
from tests.support import resultOf

WINDOWS = "https://db5p.notify.windows.com"
CHANNEL = targetOf(f"{WINDOWS}/?token=AwYA%2fsecret%3d")
ENTRA: dict[str, Any] = {"tenant": TENANT, "client-id": CLIENT_ID, "client-secret": CLIENT_SECRET}
PARTNER_CENTER: dict[str, Any] = {"package-sid": PACKAGE_SID, "auth-key": CLIENT_SECRET}
RECEIVED = answer(200, b"", x_wns_status="received")


def optionsOf(**table: Any) -> wns.Options:
    """
    The options of the app chatninja.
    """
    return build(wns.Options, {"provider": "wns", **table}, "apps.chatninja")


def makeWNS(http: IHTTP, clock: IReactorTime, deadline: float = wns.DEADLINE, **table: Any) -> wns.WNS:
    """
    The provider of the app chatninja, known to Entra ID unless the table says otherwise.
    """
    given = table if {"client-id", "package-sid"} & set(table) else {**ENTRA, **table}
    return wns.makeProvider("chatninja", optionsOf(**given), http, clock, deadline)


def send(provider, clock, target=CHANNEL, notification=NOTIFICATION, ttl=3600):
    """
    Push, and say what became of it.
    """
    return resultOf(provider.send(target, notification, "push-1", clock.seconds() + ttl))


def told(push):
    """
    What a device reads.
    """
    return json.loads(b64decode(push["body"], validate=True))
