"""
What Huawei's tests say often.
"""

from pathlib import Path
from typing import Any

from twisted.internet.interfaces import IReactorTime

from pushsvc.config import build
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers import huawei
from tests.providers.contract import NOTIFICATION, targetOf
from tests.standins.http import answer
from tests.standins.huawei import CLIENT_ID, CLIENT_SECRET, PROJECT, TOKEN_PATH, says
from tests.support import resultOf

ENDPOINT = "https://push-api.example"
ALL = ["v1", "v2", "v3"]
SENT = answer(200, says("80000000")["body"])
GRANTED = answer(200, {"access_token": "T1", "expires_in": 3600})


def tableOf(version: str, account: Path, endpoint: str = ENDPOINT) -> dict[str, Any]:
    """
    An app of one version, with the credentials that it usually has.
    """
    table: dict[str, Any] = {"provider": "huawei", "api-version": version, "endpoint": endpoint}
    if version == "v3":
        return table | {"service-account": str(account)}
    secret = {"client-id": CLIENT_ID, "client-secret": CLIENT_SECRET, "token-endpoint": endpoint + TOKEN_PATH}
    return table | secret | ({"project-id": PROJECT} if version == "v2" else {})


def makeHuawei(
    table: dict[str, Any], http: IHTTP, clock: IReactorTime, deadline: float = huawei.DEADLINE, **more: Any
) -> huawei.Huawei:
    """
    The provider of the app chatninja.
    """
    table = table | {name.replace("_", "-"): value for name, value in more.items()}
    return huawei.makeProvider("chatninja", build(huawei.Options, table, "apps.chatninja"), http, clock, deadline)


def send(provider, clock, notification=NOTIFICATION, ttl=60, token="token-1", pushId="push-1"):
    """
    Push, and say what became of it.
    """
    return resultOf(provider.send(targetOf(token), notification, pushId, clock.seconds() + ttl))
