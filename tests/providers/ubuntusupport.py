"""
What Ubuntu Touch's tests say often.
"""

from typing import Any

from twisted.internet.interfaces import IReactorTime

from pushsvc.config import build
from pushsvc.ipushsvc import IHTTP
from pushsvc.model import Target
from pushsvc.providers import ubuntu
from tests.providers.contract import NOTIFICATION
from tests.standins.http import answer
from tests.standins.ubports import tokenOf
from tests.support import resultOf

ENDPOINT = "https://push.example"
APPLICATION = "org.example.chat_chat"
TOKEN = tokenOf(APPLICATION, "secret-device")
SENT = answer(200, {"ok": True})


def makeUbuntu(http: IHTTP, clock: IReactorTime, deadline: float = ubuntu.DEADLINE, **table: Any) -> ubuntu.Ubuntu:
    """
    The provider of the app lark.
    """
    table = {"provider": "ubuntu", "endpoint": ENDPOINT, **table}
    return ubuntu.makeProvider("lark", build(ubuntu.Options, table, "apps.lark"), http, clock, deadline)


def device(token: str = TOKEN, application: str = APPLICATION, key: str = "node") -> Target:
    """
    A device, by default one of the app's.
    """
    return Target(key, "lark", token, {"application-id": application})


def send(provider, clock, notification=NOTIFICATION, target=None, ttl=3600, pushId="push-1"):
    """
    Push, and say what became of it.
    """
    return resultOf(provider.send(target or device(), notification, pushId, clock.seconds() + ttl))
