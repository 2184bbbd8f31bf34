"""
How long an encrypted payload may be, as providers tell it.
"""

import json

import pytest

from pushsvc.model import Encrypted, Kind, Notification, Target
from pushsvc.providers.apns import APNs
from pushsvc.providers.apnspayload import ALERT
from pushsvc.providers.fcm import FCM
from pushsvc.providers.fcmmessage import PAYLOAD_SIZE, Shape
from tests.providers.apnssupport import PUSH_ID, optionsOf

TARGET = Target("node", "app", "t" * 160, {"kind": "token"})
EVERY = [(Kind.CALL, "voip"), (Kind.MESSAGE, None), (Kind.MESSAGE, "voip")]


def encrypted(kind: Kind, type: str | None, size: int) -> Notification:
    return Notification(kind, encrypted=Encrypted("A" * 16, "x" * size, type))


@pytest.mark.parametrize("shape", [{}, {"alert_body": "ü" * 100, "additional_data": {"a": "b" * 500}, "sound": ""}])
def test_C21_APNs(shape):
    """
    C21: What APNs says fits arrives whole, and a little more does not, however an app's pushes look.
    """
    options = optionsOf(**shape)
    size = options.payloadSize()

    def arrives(kind: Kind, type: str | None, size: int) -> bool:
        return "encrypted-payload" in json.loads(options.payload(ALERT, encrypted(kind, type, size), PUSH_ID))

    assert all(arrives(kind, type, size) for kind, type in EVERY)
    assert not all(arrives(kind, type, size + 1) for kind, type in EVERY)


def test_C21_FCM():
    """
    C21: What FCM says fits arrives whole, and a little more does not.
    """

    def arrives(kind: Kind, type: str | None, size: int) -> bool:
        return b"encrypted-payload" in Shape().message(TARGET, encrypted(kind, type, size), PUSH_ID, 60.0)

    assert all(arrives(kind, type, PAYLOAD_SIZE) for kind, type in EVERY)
    assert not all(arrives(kind, type, PAYLOAD_SIZE + 1) for kind, type in EVERY)


def test_C21_noRoom():
    """
    C21: Where an app fills its pushes itself, there is no room, and not less.
    """
    assert 0 == optionsOf(additional_data={"a": "b" * 3990}).payloadSize()


@pytest.mark.parametrize("provider", [APNs, FCM])
def test_A12_payloadsAreHandedOn(provider):
    """
    A12: Both hand on what only the device can read, and say so.
    """
    assert "tigase:push:encrypt:0" in provider.features
