"""
mod_push_appserver's pages: registering, unregistering and publishing over HTTP.
"""

import re

import pytest

from pushsvc.jids import addressOf, domainOf
from pushsvc.model import Target
from pushsvc.strangers import ownerOf
from tests.support import resultOf
from tests.web.visiting import DEVICE, HOST, JULIET, PHONE


@pytest.mark.parametrize("prefix", ["/push_appserver/v1/", "/v1/"])
def test_R9_R_14_registersAndPushes(house, prefix):
    """
    R9, R-14: a phone registers, whoever has what it got can wake it, and it unregisters by the id that it gave.
    """
    status, answer = house.post(prefix + "register", {"type": "apns", "node": PHONE, "token": "t"})
    ok, node, secret = answer.split("\n")
    assert (200, "OK") == (status, ok)

    assert (200, f"OK\n{node}") == house.post(prefix + "push", {"node": node, "secret": secret})
    ((target, notification, _),) = house.delivery.accepted
    assert Target(node, "apple", "t") == target
    assert notification.summary is None

    gone = {"type": "apns", "node": PHONE}
    assert (200, f"OK\n{PHONE}") == house.post(prefix + "unregister", gone)
    assert (200, "ERROR\nNode not found!") == house.post(prefix + "unregister", gone)
    assert (200, "ERROR\nNode or secret not found!") == house.post(prefix + "push", {"node": node, "secret": secret})
    assert {"accepted": 1} == house.host.answers


def test_registeringAgain(house):
    """
    A phone that registers again keeps its node; what its server has from before goes on working.
    """
    node, first = house.register()
    again, second = house.register(token="t")

    assert node == again
    for secret in (first, second):
        assert (200, f"OK\n{node}") == house.post("/v1/push", {"node": node, "secret": secret})


def test_unregisteringByNode(house):
    """
    A phone may go by the node that it got as well.
    """
    node, _ = house.register()

    assert "ERROR" in house.post("/v1/unregister", {"type": "fcm", "node": node})[1]
    assert (200, f"OK\n{node}") == house.post("/v1/unregister", {"type": "apns", "node": node})
    assert [] == house.of(ownerOf(HOST, PHONE))


def test_unregisteringOneToken(house):
    """
    A phone that says its token unregisters that one alone.
    """
    first, _ = house.register(token="t")
    second, _ = house.register(token="u")

    house.post("/v1/unregister", {"type": "apns", "node": PHONE, "token": "t"})

    assert [second] == [kept.node for kept in house.of(ownerOf(HOST, PHONE))]
    assert first != second


def test_whoKnowsTheIdAlone(house):
    """
    Whoever knows the id of a device, and not its token, gets no push of it: he registers something else beside it.
    """
    node, secret = house.register(token="juliets")

    stolen, _ = house.register(token="mallorys")

    assert node != stolen
    assert (200, f"OK\n{node}") == house.post("/v1/push", {"node": node, "secret": secret})
    assert ["juliets"] == [target.token for target, _, _ in house.delivery.accepted]


def test_accountsAreOutOfReach(house):
    """
    What accounts have registered cannot be found, changed or removed from here: not by device id, token or node.
    """
    account = house.account(PHONE)
    before = house.of(JULIET)

    node, _ = house.register(token="t")
    assert account.node != node
    for said in (PHONE, account.node, JULIET):
        house.post("/v1/unregister", {"type": "apns", "node": said})
        house.post("/v1/unregister", {"type": "apns", "node": said, "token": "t"})

    assert before == house.of(JULIET)
    assert [] == house.of(ownerOf(HOST, PHONE))


def test_publishersHoldHereToo(house):
    """
    Where only some may publish, nobody does over HTTP: no server vouches for who it is.
    """
    node, secret = house.register()
    object.__setattr__(house.host, "publishers", ("example.org", "owner"))

    assert (200, "ERROR\nNode or secret not found!") == house.post("/v1/push", {"node": node, "secret": secret})
    assert [] == house.delivery.accepted
    assert {"NotAllowed": 1} == house.host.answers


def test_noSecretIsNone(house):
    """
    A registration without a secret is the owner's server's to publish to, and nobody's here.
    """
    given = house.account("d", secret=False)

    assert 400 == house.post("/v1/push", {"node": given.node, "secret": ""})[0]
    assert 400 == house.post("/v1/push", {"node": given.node})[0]
    assert "ERROR" in house.post("/v1/push", {"node": given.node, "secret": "x"})[1]
    assert [] == house.delivery.accepted


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "apns", "node": PHONE},
        {"type": "apns", "token": "t"},
        {"node": PHONE, "token": "t"},
        {"type": "pigeon", "node": PHONE, "token": "t"},
        {"type": "apns", "node": "x" * 2000, "token": "t"},
        {"type": "apns", "node": PHONE, "token": "impossible"},
        {"type": "apns", "node": "a\0b", "token": "t"},
        {"type": "apns", "node": PHONE, "token": "t", "t\0": "x"},
        b"type=apns&type=fcm&node=n&token=t",
        b"\xff\xfe",
        b"&".join(b"a%d=b" % number for number in range(100)),
        b"type=apns&node=%FF&token=t",
        b"",
    ],
)
def test_whatIsNoForm(house, wrong):
    """
    What cannot be a registration is refused with a reason, and nothing of it is kept.
    """
    status, answer = house.post("/v1/register", wrong)

    assert 400 == status
    assert re.fullmatch(r"ERROR\n[^\n]+", answer)
    assert [] == resultOf(house.storage.registrations.page("", 10))


def test_troubleIsTemporary(house):
    """
    When the storage fails, the client is told to come again.
    """
    resultOf(house.storage.close())

    assert 503 == house.post("/v1/register", {"type": "apns", "node": PHONE, "token": "t"})[0]
    assert 503 == house.post(f"/unregister-device/{HOST}", DEVICE)[0]


def test_bugsTellNothing(house, loggedFailures):
    """
    What goes wrong by a fault of ours is logged without what it was about, and the client is told to come again.
    """

    async def broken(owner):
        raise KeyError("the token of juliet")

    house.storage.registrations.ofOwner = broken

    status, answer = house.post("/v1/register", {"type": "apns", "node": PHONE, "token": "t"})

    assert (500, "ERROR\nnot now, come again later") == (status, answer)
    (failure,) = loggedFailures
    assert "juliet" not in str(failure)
    loggedFailures.clear()


def test_ownersAreNobody():
    """
    The owner of what a stranger registers is one that no stanza can come from, and tells nothing of the device.
    """
    owner = ownerOf(HOST, PHONE)

    assert addressOf(owner) is None
    assert addressOf(domainOf(owner)) is None or len(domainOf(owner)) > 63
    assert PHONE not in owner
    assert owner != ownerOf("other.example", PHONE)
