"""
register-push, with the phone's sort in the form.
"""

import pytest
from zope.interface.verify import verifyObject

from pushsvc.dialects import plain
from pushsvc.dialects.modpush import ModPush
from pushsvc.errors import BadForm, NoSuchCommand
from pushsvc.ipushsvc import IDialect, IDialectKind
from tests.dialects.client import HOST, JULIET, Client, values
from tests.support import resultOf


@pytest.fixture
def dialect(registrar):
    return plain.makeDialect(registrar)


def test_kind(dialect):
    """
    It is a dialect of one command, where there is an app at all.
    """
    assert verifyObject(IDialectKind, plain)
    assert verifyObject(IDialect, dialect)
    assert {"register-push"} == set(dialect.commands(HOST))
    assert {} == dialect.commands("nobody.example")


@pytest.mark.parametrize("field", ["type", "device_type"])
@pytest.mark.parametrize(("said", "app"), [("android", "google"), ("iOS", "apple"), ("gcm", "google")])
def test_R19_R20_registers(registrar, dialect, field, said, app):
    """
    R19, R20: the sort of the phone says which network it is on.
    """
    juliet = Client(dialect, resource=None)

    given = values(juliet.bare("register-push", fields(**{field: said, "token": "t"})))

    (kept,) = resultOf(registrar.registrations(JULIET))
    assert app == kept.target.app
    assert (HOST, kept.node) == (given["jid"], given["node"])
    assert kept.usedDigest(given["secret"]) is not None


def fields(**said):
    from pushsvc.fields import Fields

    return Fields({name: (value,) for name, value in said.items()})


def test_theSameToken(juliet, registrar):
    """
    A token that registers again is the same device, and keeps its node; nothing of it is in the device's name.
    """
    first = values(juliet.run("register-push", type="android", token="token-of-juliet"))
    again = values(juliet.run("register-push", type="android", token="token-of-juliet"))

    assert first["node"] == again["node"]
    (kept,) = resultOf(registrar.registrations(JULIET))
    assert "token-of-juliet" not in kept.deviceId


def test_oneTableForAllDialects(juliet, registrar):
    """
    A device that came by another dialect, with the same token, keeps its node.
    """
    before = Client(ModPush(registrar)).register(device_id="phone")

    now = values(juliet.run("register-push", type="android", token="t"))

    assert before["node"] == now["node"]


@pytest.mark.parametrize("wrong", [{"type": "android"}, {"token": "t"}, {"type": ["android", "ios"], "token": "t"}])
def test_whatIsMissing(juliet, wrong):
    """
    What is missing, or said twice, is told.
    """
    with pytest.raises(BadForm):
        juliet.run("register-push", **wrong)
    with pytest.raises(BadForm):
        juliet.bare("register-push")


def test_noSuchNetwork(juliet):
    """
    A network that no app here is on cannot be registered for.
    """
    with pytest.raises(NoSuchCommand):
        juliet.run("register-push", type="windows", token="t")
