"""
What Huawei's tests say often.
"""

from pathlib import Path
from typing import Any

from twisted.internet.interfaces import IReactorTime

from pushsvc.config import build
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers import huawei
from tests.standins.huawei import CLIENT_ID, CLIENT_SECRET, PROJECT, TOKEN_PATH

ENDPOINT = "https://push-api.example"


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
