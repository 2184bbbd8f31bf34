"""
Accounts' requests that their server hands on, on the stream.
"""

import pytest
from zope.interface import implementer

from pushsvc.ipushsvc import IPublisher
from pushsvc.wire.namespaces import NS_PUSH
from pushsvc.xmpp.delegation import Delegation
from pushsvc.xmpp.enabling import EnablingRequests
from pushsvc.xmpp.handlers import HandlerParts, makeHandlers
from tests.publisher.conftest import JULIET, House
from tests.support import resultOf
from tests.xmpp.player import Player
from tests.xmpp.world import HOST

NAMESPACES = ["urn:xmpp:delegation:1", "urn:xmpp:delegation:2"]


@pytest.fixture
def house(clock):
    return House(clock)


@pytest.fixture
def publisher(house):
    return house.publisher


@pytest.fixture
def player(world, sessions, ongoing, publisher, clock):
    delegation = Delegation(EnablingRequests(publisher, clock), publisher)
    return Player(makeHandlers(world.hosts, sessions, ongoing, "7", HandlerParts(delegation=delegation)))


def asked(player, content, namespace=NAMESPACES[1], server="example.org", sender=f"{JULIET}/phone", type="set"):
    """
    Let a server hand a request on; what stands in its own words, and what the account gets.
    """
    reply = player.ask(
        f"<iq type='set' id='outer' from='{server}' to='{HOST}'><delegation xmlns='{namespace}'>"
        f"<forwarded xmlns='urn:xmpp:forward:0'><iq xmlns='jabber:client' type='{type}' id='inner' from='{sender}'>"
        f"{content}</iq></forwarded></delegation></iq>"
    )
    assert ("outer", server, HOST) == (reply["id"], reply["to"], reply["from"])
    inner = reply.delegation.forwarded.iq if reply.delegation is not None else None
    return reply, inner


ENABLE = f"<enable xmlns='{NS_PUSH}' jid='push.example.net' node='n1'/>"


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_0355_3_enabled(player, house, namespace):
    """
    0355-3: an account enables through its server, and is answered by the same way, in the namespace asked.
    """
    reply, inner = asked(player, ENABLE, namespace)

    assert ("result", namespace) == (reply["type"], reply.delegation.uri)
    assert ("result", "inner", f"{JULIET}/phone", JULIET) == (inner["type"], inner["id"], inner["to"], inner["from"])
    (kept,) = resultOf(house.enablements.ofAccount(JULIET))
    assert ("n1", "phone") == (kept.node, kept.session)


@pytest.mark.parametrize(
    "content, type, condition",
    [
        (f"<enable xmlns='{NS_PUSH}'/>", "set", "bad-request"),
        (ENABLE, "get", "not-allowed"),
        ("", "set", "bad-request"),
        (ENABLE + ENABLE, "set", "bad-request"),
        ("<query xmlns='jabber:iq:roster'/>", "set", "not-allowed"),
    ],
)
def test_0355_4_refusedWithin(player, content, type, condition):
    """
    0355-4: whatever an account is told, its server is told that all went well.
    """
    reply, inner = asked(player, content, type=type)

    assert ("result", "error") == (reply["type"], inner["type"])
    assert [condition] == [each.name for each in inner.error.elements()][:1]


@pytest.mark.parametrize(
    "server, sender",
    [
        ("example.net", f"{JULIET}/phone"),
        ("example.net", "juliet@example.net/phone"),
        (JULIET, f"{JULIET}/phone"),
        ("example.org/x", f"{JULIET}/phone"),
        ("push.example.org", "romeo@push.example.org/x"),
    ],
)
def test_0355_5_otherServers(player, house, server, sender):
    """
    0355-5: only a server that we publish for hands on its own accounts' requests, and nobody else's.
    """
    reply, inner = asked(player, ENABLE, server=server, sender=sender)

    assert ("result", "error", "not-allowed") == (reply["type"], inner["type"], inner.error.firstChildElement().name)
    assert not resultOf(house.enablements.ofAccount(JULIET))


def test_0355_5_nothingHandedOn(player):
    """
    0355-5: a server that hands on nothing is told so.
    """
    reply = player.ask(
        f"<iq type='set' id='outer' from='example.org' to='{HOST}'><delegation xmlns='{NAMESPACES[0]}'/></iq>"
    )

    assert "error" == reply["type"]


@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize("whose", ["", "bare"])
def test_0355_2_0357_11_whatTheyHaveBecauseOfUs(player, namespace, whose):
    """
    0355-2, 0357-11: a server asks what it, and its accounts, can do because of us, and what there is to list.
    """
    node = f"{namespace}:{whose}:{NS_PUSH}"

    info, items = [
        player.ask(
            f"<iq type='get' id='d' from='example.org' to='{HOST}'>"
            f"<query xmlns='http://jabber.org/protocol/disco#{what}' node='{node}'/></iq>"
        )
        for what in ("info", "items")
    ]

    assert ("result", node) == (info["type"], info.query["node"])
    assert [NS_PUSH] == [feature["var"] for feature in info.query.elements()]
    assert ("result", node, []) == (items["type"], items.query["node"], list(items.query.elements()))


@implementer(IPublisher)
class Broken:
    """
    A publisher with a bug.
    """

    def serves(self, account):
        return True

    async def enable(self, enablement, options=None):
        raise ZeroDivisionError(enablement.service)


class TestBug:
    """
    What becomes of a bug.
    """

    @pytest.fixture
    def publisher(self):
        return Broken()

    def test_0355_4_bugsAreForLater(self, player, loggedFailures):
        """
        0355-4: a bug of ours is told as trouble that passes, is logged, and tells nothing of whom it concerns.
        """
        reply, inner = asked(player, ENABLE)

        assert ("result", "error", "wait") == (reply["type"], inner["type"], inner.error["type"])
        (failure,) = loggedFailures
        assert "push.example.net" not in failure.getTraceback()
        loggedFailures.clear()
