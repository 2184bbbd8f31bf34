"""
Tigase's vocabulary, as Siskin and its relatives use it.
"""

import pytest
from zope.interface.verify import verifyObject

from pushsvc.dialects import tigase
from pushsvc.dialects.modpush import ModPush
from pushsvc.errors import BadForm, NoSuchNode
from pushsvc.ipushsvc import IDialect, IDialectKind
from tests.dialects.client import HOST, JULIET, Client, values
from tests.support import resultOf

PROVIDER = "tigase:messenger:apns:1"


@pytest.fixture
def dialect(registrar):
    return tigase.makeDialect(registrar)


def register(client, token="abcd", **fields):
    return client.run("register-device", provider=PROVIDER, **{"device-token": token, **fields})


def test_kind(dialect):
    """
    It is a dialect of two commands, where an app has a name that these clients look for.
    """
    assert verifyObject(IDialectKind, tigase)
    assert verifyObject(IDialect, dialect)
    assert {"register-device", "unregister-device"} == set(dialect.commands(HOST))
    assert {} == dialect.commands("other.example.net")


def test_R8_asksForWhatItNeeds(juliet):
    """
    R-8: without a form there comes one, which lists the providers.
    """
    result = juliet.bare("register-device")

    provider, token, second = result.form
    assert ("provider", {PROVIDER: "apple", "snikket:apns:1": "apple"}) == (provider.var, dict(provider.options))
    assert ["device-token", "device-second-token"] == [token.var, second.var]
    assert (True, True, False) == (provider.required, token.required, second.required)
    assert ["provider", "device-token"] == [field.var for field in juliet.bare("unregister-device").form]


def test_R10_registers(juliet, registrar):
    """
    R10: a device gets a node, and no secret: it is the owner's server that may publish without one.
    """
    result = register(juliet)

    given = values(result)
    # Martin looks at the type of this one.
    assert {"features": "text-multi"} == result.types
    (kept,) = resultOf(registrar.registrations(JULIET))
    assert ("apple", "abcd") == (kept.target.app, kept.target.token)
    assert {"node": kept.node, "features": ""} == given
    assert kept.usedDigest("") is not None
    assert len(kept.node) >= 22


def test_R10_theSameToken(juliet, registrar):
    """
    R10: a token that registers again, by whichever of the app's names, is the same device and keeps its node.
    """
    first = values(register(juliet))
    again = values(juliet.run("register-device", provider="snikket:apns:1", **{"device-token": "abcd"}))

    assert first["node"] == again["node"]
    assert 1 == len(resultOf(registrar.registrations(JULIET)))


def test_twoPhonesOfOneResource(juliet, registrar):
    """
    Two phones that call themselves alike do not take each other's place.
    """
    register(juliet, "abcd")
    register(juliet, "ef01")

    assert {"abcd", "ef01"} == {kept.target.token for kept in resultOf(registrar.registrations(JULIET))}


def test_oneTableForAllDialects(juliet, registrar):
    """
    A device that came by another dialect, with the same token, keeps its node and its name.
    """
    before = values(Client(ModPush(registrar)).run("register-push-apns", token="abcd", device_id="phone"))

    now = values(register(juliet))

    assert before["node"] == now["node"]
    (kept,) = resultOf(registrar.registrations(JULIET))
    assert "phone" == kept.deviceId


def test_R11_unregisters(juliet, romeo, registrar):
    """
    R11: a device goes by its token, its owner's only.
    """
    register(juliet)
    asked = {"provider": PROVIDER, "device-token": "abcd"}

    with pytest.raises(NoSuchNode):
        romeo.run("unregister-device", **asked)
    juliet.run("unregister-device", **asked)

    assert [] == list(resultOf(registrar.registrations(JULIET)))
    with pytest.raises(NoSuchNode):
        juliet.run("unregister-device", **asked)


def test_unknownProviders(juliet):
    """
    An app that is not here cannot be registered for.
    """
    with pytest.raises(NoSuchNode):
        juliet.run("register-device", provider="someone:else:apns:1", **{"device-token": "abcd"})


@pytest.mark.parametrize("wrong", [{"provider": PROVIDER}, {"device-token": "abcd"}, {"provider": [PROVIDER, "x"]}])
def test_whatIsMissing(juliet, wrong):
    """
    Half a form is not taken for a question, but for what it is.
    """
    with pytest.raises(BadForm):
        juliet.run("register-device", **wrong)
