"""
What MongoosePush's tests say often.
"""

from typing import Any

from twisted.internet.interfaces import IReactorTime

from pushsvc.config import build
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers import mongoosepush
from tests.providers.contract import NOTIFICATION, targetOf
from tests.support import resultOf

ENDPOINT = "https://mongoosepush.example"
FCM = {"service": "fcm"}


def makeMongoosePush(
    http: IHTTP,
    clock: IReactorTime,
    endpoint: str = ENDPOINT,
    deadline: float = mongoosepush.DEADLINE,
    **more: Any,
) -> mongoosepush.MongoosePush:
    """
    The provider of the app chatninja.
    """
    table = {"provider": "mongoosepush", "endpoint": endpoint, "topic": "org.example.chat"}
    table |= {name.replace("_", "-"): value for name, value in more.items()}
    options = build(mongoosepush.Options, table, "apps.chatninja")
    return mongoosepush.makeProvider("chatninja", options, http, clock, deadline)


def send(provider, clock, notification=NOTIFICATION, ttl=60, token="token-1", **details):
    """
    Push, and say what became of it.
    """
    target = targetOf(token, **(details or FCM))
    return resultOf(provider.send(target, notification, "push-1", clock.seconds() + ttl))
