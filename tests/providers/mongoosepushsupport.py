"""
What MongoosePush's tests say often.
"""

from typing import Any

from twisted.internet.interfaces import IReactorTime

from pushsvc.config import build
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers import mongoosepush

ENDPOINT = "https://mongoosepush.example"


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
