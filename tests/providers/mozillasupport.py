"""
What SimplePush's tests say often.
"""

from pathlib import Path
from typing import Any

from twisted.internet.interfaces import IReactorTime

from pushsvc.config import build
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers import mozilla
from tests.standins.http import answer

ENDPOINT = "https://simplepush.example/push"
SENT = answer(200, {})


def makeMozilla(
    folder: Path, http: IHTTP, clock: IReactorTime, deadline: float = mozilla.DEADLINE, **table: Any
) -> mozilla.Mozilla:
    """
    The provider of the app fox.

    :param folder: where it keeps its versions.
    """
    table = {"provider": "mozilla", "endpoint": ENDPOINT, "version-file": str(folder / "versions"), **table}
    return mozilla.makeProvider("fox", build(mozilla.Options, table, "apps.fox"), http, clock, deadline)
