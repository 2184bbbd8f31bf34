"""
What WNS' tests say often.
"""

from typing import Any

from twisted.internet.interfaces import IReactorTime

from pushsvc.config import build
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers import wns
from tests.providers.contract import targetOf
from tests.standins.http import answer
from tests.standins.wns import CLIENT_ID, CLIENT_SECRET, PACKAGE_SID, TENANT

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
