"""
What FCM's tests say often.
"""

from pathlib import Path
from typing import Any

from twisted.internet.interfaces import IReactorTime

from pushsvc.config import build
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers import fcm
from tests.providers.contract import NOTIFICATION, targetOf
from tests.standins.http import answer
from tests.support import resultOf

ENDPOINT = "https://fcm.example"
TOKEN_URI = "https://oauth.example/token"
SENT = answer(200, {"name": "projects/chatninja-1234/messages/0:1"})


def granted(token: str = "T1", lasts: Any = 3599) -> Any:
    """
    The token endpoint's yes.
    """
    return answer(200, {"access_token": token, "expires_in": lasts, "token_type": "Bearer"})


def makeFCM(
    account: Path,
    http: IHTTP,
    clock: IReactorTime,
    endpoint: str = ENDPOINT,
    deadline: float = fcm.DEADLINE,
    **more: Any,
) -> fcm.FCM:
    """
    The provider of the app chatninja.

    :param more: further keys of its table, with underscores.
    """
    table = {"provider": "fcm", "service-account": str(account), "endpoint": endpoint}
    table |= {name.replace("_", "-"): value for name, value in more.items()}
    return fcm.makeProvider("chatninja", build(fcm.Options, table, "apps.chatninja"), http, clock, deadline)


def send(provider, clock, notification=NOTIFICATION, ttl=60, **details):
    """
    Push, and say what became of it.
    """
    return resultOf(provider.send(targetOf("token-1", **details), notification, "push-1", clock.seconds() + ttl))
