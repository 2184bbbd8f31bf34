"""
Commands for people.
"""

import pytest
from zope.interface import implementer
from zope.interface.verify import verifyObject

from pushsvc.care import TEST, Care
from pushsvc.dialects import selfservice
from pushsvc.dialects.modpush import ModPush
from pushsvc.errors import BadForm, NoSuchCommand, NoSuchNode, TryLater
from pushsvc.ipushsvc import ICare, IDelivery, IDialect, IDialectKind
from pushsvc.model import Priority, Remembered
from tests.dialects.client import HOST, JULIET, ROMEO, Client
from tests.support import resultOf


@implementer(IDelivery)
class Accepting:
    """
    A delivery that remembers what it accepted.
    """

    def __init__(self):
        self.accepted = []

    async def accept(self, target, notification, publisher="", account=""):
        self.accepted.append((target, notification, account))


@pytest.fixture
def delivery():
    return Accepting()


@pytest.fixture
def dialect(registrar, storage, delivery):
    registrar.care = Care(storage.registrations, storage.verdicts, delivery)
    assert verifyObject(ICare, registrar.care)
    return selfservice.makeDialect(registrar)


@pytest.fixture
def registered(registrar):
    """
    Registers devices; returns their nodes.
    """

    def register(*names, owner=JULIET):
        client = Client(ModPush(registrar), owner)
        return [client.register(device_id=name, device_name=name.title())["node"] for name in names]

    return register


def test_kind(dialect):
    """
    It is a dialect of four commands, with names that people read.
    """
    assert verifyObject(IDialectKind, selfservice)
    assert verifyObject(IDialect, dialect)
    assert {"pushsvc:devices", "pushsvc:test", "pushsvc:forget", "pushsvc:forget-all"} == set(dialect.commands(HOST))


def test_U2_whatAboutMyDevices(juliet, registered, storage, clock):
    """
    U-2: people see when a network last took a notification for each of their devices, when it did not, and what that
    means, in words.
    """
    phone, tablet = registered("phone", "tablet")
    registered("other", owner=ROMEO)
    news = {phone: Remembered(clock.seconds(), None, None), tablet: Remembered(None, clock.seconds(), "refused")}
    resultOf(storage.verdicts.note(news))

    result = juliet.bare("pushsvc:devices")

    shown = {item["device-name"]: item for item in result.items}
    assert {"Phone", "Tablet"} == set(shown)
    when = "2026-09-21 14:13 UTC"
    assert {"device-name": "Phone", "app": "google", "registered": when, "last-success": when} == shown["Phone"]
    assert when == shown["Tablet"]["last-error"]
    assert "credentials" in shown["Tablet"]["meaning"]
    assert {column.var for column in result.columns} >= set(shown["Tablet"])


def test_nobodysDevices(juliet):
    """
    Who has no device is told so, whatever he asks for.
    """
    for command in juliet.dialect.commands(HOST):
        result = juliet.bare(command)
        assert "None" in result.note
        assert not result.form


def test_U2_aTestPush(juliet, registered, delivery):
    """
    U-2: people choose one of their devices, and it gets a test.
    """
    phone, tablet = registered("phone", "tablet")

    (asked,) = juliet.bare("pushsvc:test").form
    assert ("device", {phone: "Phone", tablet: "Tablet"}) == (asked.var, dict(asked.options))
    assert "on its way" in juliet.run("pushsvc:test", device=tablet).note

    ((target, notification, account),) = delivery.accepted
    assert (tablet, JULIET) == (target.key, account)
    assert (Priority.HIGH, TEST) == (notification.priority, notification.summary.lastMessageBody)


def test_forget(juliet, registered, withdrawals, registrar):
    """
    A device that is forgotten is gone, and the user's server is told.
    """
    phone, tablet = registered("phone", "tablet")

    assert "forgotten" in juliet.run("pushsvc:forget", device=phone).note

    assert [tablet] == [kept.node for kept in resultOf(registrar.registrations(JULIET))]
    assert [(HOST, phone, JULIET)] == withdrawals.told


def test_forgetAll(juliet, registered, registrar):
    """
    All are forgotten once it was said that this is meant, and nobody else's.
    """
    registered("phone", "tablet")
    registered("other", owner=ROMEO)

    for unsure in (juliet.bare("pushsvc:forget-all"), juliet.run("pushsvc:forget-all", sure="0")):
        assert ["sure"] == [field.var for field in unsure.form]
    assert "2" in juliet.run("pushsvc:forget-all", sure="1").note

    assert [] == list(resultOf(registrar.registrations(JULIET)))
    assert 1 == len(resultOf(registrar.registrations(ROMEO)))


@pytest.mark.parametrize("command", ["pushsvc:test", "pushsvc:forget"])
def test_othersDevices(juliet, registered, delivery, registrar, command):
    """
    Nobody can do anything to the devices of others, or learn that there are any.
    """
    registered("phone")
    (theirs,) = registered("other", owner=ROMEO)

    for node in (theirs, "unknown"):
        with pytest.raises(NoSuchNode, match=r"^there is no such device$"):
            juliet.run(command, device=node)
    with pytest.raises(BadForm):
        juliet.run(command, device=[theirs, theirs])

    assert [] == delivery.accepted
    assert 1 == len(resultOf(registrar.registrations(ROMEO)))


def test_tryOutOthers(registrar, registered, dialect):
    """
    Nor by asking whoever looks after devices directly.
    """
    (theirs,) = registered("other", owner=ROMEO)

    assert not resultOf(registrar.care.tryOut(JULIET, theirs))
    assert not resultOf(registrar.care.tryOut(JULIET, "unknown"))


def test_anythingElse(juliet, registrar):
    """
    Other commands are not its own, and without somebody who looks after devices there is nothing to be done now.
    """
    with pytest.raises(NoSuchCommand):
        juliet.bare("other")
    registrar.care = None
    with pytest.raises(TryLater):
        juliet.bare("pushsvc:devices")
