"""
p2's vocabulary, as Conversations uses it.
"""

import pytest
from zope.interface.verify import verifyObject

from pushsvc.dialects import p2
from pushsvc.dialects.modpush import ModPush
from pushsvc.errors import NoSuchCommand, NoSuchNode
from pushsvc.ipushsvc import IDialect, IDialectKind
from tests.dialects.client import HOST, Client


@pytest.fixture
def dialect(registrar):
    return p2.makeDialect(registrar)


@pytest.fixture
def registering(registrar):
    return Client(ModPush(registrar))


def test_kind(dialect):
    """
    It is a dialect, and claims nothing of mod_push's.
    """
    assert verifyObject(IDialectKind, p2)
    assert verifyObject(IDialect, dialect)
    assert {"unregister-push-fcm", "unregister-push-gcm", "unregister-push-apns"} == set(dialect.commands(HOST))


@pytest.mark.parametrize("name", ["device_id", "android_id"])
def test_R5_unregisters(juliet, registering, name):
    """
    R5: a device is unregistered under either of its names.
    """
    registering.register(device_id="phone")

    juliet.run("unregister-push-fcm", **{name: "phone"})

    assert [] == registering.listed()


@pytest.mark.parametrize("name", ["muc", "channel"])
def test_R7_aRoomAlone(juliet, registering, name):
    """
    R-7: where a room is named, in either way, only the registration for that room goes.
    """
    kept = registering.register(device_id="phone")
    registering.register(device_id="phone", muc="room@muc.example")

    juliet.run("unregister-push-fcm", device_id="phone", **{name: "room@MUC.example"})

    assert [{"node": kept["node"]}] == registering.listed()


def test_R7_unknown(juliet, registering):
    """
    R-7: a device that nobody knows is item-not-found here.
    """
    registering.register(device_id="phone")

    with pytest.raises(NoSuchNode):
        juliet.run("unregister-push-fcm", device_id="tablet")

    assert 1 == len(registering.listed())


def test_othersStay(romeo, registering):
    """
    Nobody unregisters what is somebody else's.
    """
    registering.register(device_id="phone")

    with pytest.raises(NoSuchNode):
        romeo.run("unregister-push-fcm", device_id="phone")

    assert 1 == len(registering.listed())


def test_withoutAForm(juliet, registering):
    """
    Without a form it is the device that asks.
    """
    registering.register()

    juliet.bare("unregister-push-fcm")

    assert [] == registering.listed()


def test_anythingElse(juliet):
    """
    What is not its own it does not answer.
    """
    with pytest.raises(NoSuchCommand):
        juliet.bare("register-push-fcm")
