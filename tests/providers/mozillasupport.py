"""
What SimplePush's tests say often.
"""

from pathlib import Path
from typing import Any

from twisted.internet.interfaces import IReactorTime

from pushsvc.config import build
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers import mozilla
from tests.providers.contract import NOTIFICATION, targetOf
from tests.standins.http import answer
from tests.support import resultOf

ENDPOINT = "https://simplepush.example/push"
SENT = answer(200, {})
PHONE = targetOf("phone-1")


def makeMozilla(
    folder: Path, http: IHTTP, clock: IReactorTime, deadline: float = mozilla.DEADLINE, **table: Any
) -> mozilla.Mozilla:
    """
    The provider of the app fox.

    :param folder: where it keeps its versions.
    """
    table = {"provider": "mozilla", "endpoint": ENDPOINT, "version-file": str(folder / "versions"), **table}
    return mozilla.makeProvider("fox", build(mozilla.Options, table, "apps.fox"), http, clock, deadline)


def send(provider, clock, notification=NOTIFICATION, target=PHONE):
    """
    Push, and say what became of it.
    """
    return resultOf(provider.send(target, notification, "push-1", clock.seconds() + 60))
