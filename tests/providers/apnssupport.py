"""
What APNs' tests say often.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twisted.internet.interfaces import IReactorTime

from pushsvc.config import build
from pushsvc.ipushsvc import IHTTP
from pushsvc.model import Kind, Notification, Priority, Summary
from pushsvc.providers import apns
from tests.providers.contract import NOTIFICATION, targetOf
from tests.standins.apns import APNsStandIn
from tests.standins.applekeys import KEY_ID, TEAM_ID, TOPIC, publicPEM, signingKey, writeKey
from tests.standins.http import answer
from tests.support import resultOf

DEVICE = "00112233445566778899aabbccddeeff" * 2
PUSH_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
VOIP = "ff" * 32
SENT = answer(200, b"", apns_id=PUSH_ID)
CALL = Notification(Kind.CALL, Priority.HIGH, Summary(lastMessageSender="romeo@montague.example"))


def optionsOf(**said: Any) -> apns.Options:
    """
    ``[apps.chatninja]``, with underscores for hyphens.
    """
    table = {"provider": "apns", "topic": TOPIC, **{name.replace("_", "-"): value for name, value in said.items()}}
    return build(apns.Options, {name: value for name, value in table.items() if value is not None}, "apps.chatninja")


@contextmanager
def keyFile(name: str = "first") -> Iterator[Path]:
    """
    A ``.p8`` file, for as long as it takes to read it.
    """
    with TemporaryDirectory() as folder:
        yield writeKey(Path(folder) / "AuthKey.p8", name)


def makeAPNs(http: IHTTP, clock: IReactorTime, deadline: float = apns.DEADLINE, **said: Any) -> apns.APNs:
    """
    The provider of the app chatninja, with a provider token.
    """
    with keyFile() as path:
        table = {"key_file": str(path), "key_id": KEY_ID, "team_id": TEAM_ID, **said}
        return apns.makeProvider("chatninja", optionsOf(**table), http, clock, deadline, clock.seconds)


def makeStandIn(clock: IReactorTime, *topics: str) -> APNsStandIn:
    """
    APNs, as it knows us.
    """
    keys = {KEY_ID: (TEAM_ID, publicPEM(signingKey("first")))}
    return APNsStandIn(topics or (TOPIC,), keys, clock.seconds)


def send(provider, clock, notification=NOTIFICATION, ttl=60, pushId=PUSH_ID, **details):
    """
    Push, and say what became of it.
    """
    return resultOf(provider.send(targetOf(DEVICE, **details), notification, pushId, clock.seconds() + ttl))
