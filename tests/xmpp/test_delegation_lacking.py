"""
Accounts whose server cannot delegate: they ask the publisher's own host.
"""

from dataclasses import replace

import pytest

from pushsvc.wire.namespaces import NS_PUSH
from pushsvc.xmpp.delegates import EnablingDelegate
from pushsvc.xmpp.enabling import EnablingRequests
from pushsvc.xmpp.handlers import HandlerParts, makeHandlers
from tests.publisher.conftest import JULIET, House
from tests.support import resultOf
from tests.xmpp.player import Player
from tests.xmpp.test_publish import errorOf
from tests.xmpp.world import HOST

PHONE = f"{JULIET}/phone"
SERVICE = "jid='push.example.net'"


@pytest.fixture
def house(clock):
    return House(clock)


@pytest.fixture
def player(world, sessions, ongoing, house, clock):
    enabling = EnablingDelegate(EnablingRequests(house.publisher, clock), house.publisher, HOST)
    return Player(makeHandlers(world.hosts, sessions, ongoing, "7", HandlerParts(enabling=enabling)))


def ask(player, name="enable", attributes=f"{SERVICE} node='n1'", sender=PHONE, to=HOST, type="set"):
    return player.ask(
        f"<iq type='{type}' from='{sender}' to='{to}' id='e'><{name} xmlns='{NS_PUSH}' {attributes}/></iq>"
    )


def test_enabledHere(player, house):
    """
    An account enables and disables at the host, as it would with its server.
    """
    enabled = ask(player)
    (kept,) = resultOf(house.enablements.ofAccount(JULIET))
    disabled = ask(player, "disable")

    assert ["result", "result"] == [enabled["type"], disabled["type"]]
    assert ("push.example.net", "n1", "phone") == (kept.service, kept.node, kept.session)
    assert not resultOf(house.enablements.ofAccount(JULIET))


def test_enabledAtTheOwnDomain(world, sessions, ongoing, house, clock):
    """
    Where the accounts' own domain is a host here as well, they may ask that; others may not.
    """
    enabling = EnablingDelegate(EnablingRequests(house.publisher, clock), house.publisher, HOST)
    hosts = {**world.hosts, "example.org": replace(world.hosts[HOST], name="example.org")}
    player = Player(makeHandlers(hosts, sessions, ongoing, "7", HandlerParts(enabling=enabling)))

    enabled = ask(player, to="example.org")
    refused = ask(player, to="example.org", sender="juliet@example.net/phone")

    assert "result" == enabled["type"]
    assert ("cancel", "not-allowed") == errorOf(refused)
    assert [JULIET] == [each.account for each in resultOf(house.enablements.ofAccount(JULIET))]


@pytest.mark.parametrize(
    "more, error",
    [
        ({"attributes": ""}, ("modify", "bad-request")),
        ({"attributes": "jid='@'"}, ("modify", "jid-malformed")),
        # Only accounts that we publish for, only themselves, and only at the publisher's host.
        ({"sender": "juliet@example.net/phone"}, ("cancel", "not-allowed")),
        ({"sender": "example.org"}, ("cancel", "not-allowed")),
        ({"to": "uniform.example.net"}, ("cancel", "not-allowed")),
        ({"to": f"juliet@{HOST}"}, ("cancel", "service-unavailable")),
        ({"type": "get"}, ("cancel", "service-unavailable")),
    ],
)
def test_refusedHere(player, house, more, error):
    """
    What is refused there is refused in the words of XEP-0357, and nothing is kept.
    """
    assert error == errorOf(ask(player, **more))
    assert not resultOf(house.enablements.ofAccount(JULIET))


def test_withoutPublisher(world, sessions, ongoing):
    """
    Who does not publish takes no such requests.
    """
    player = Player(makeHandlers(world.hosts, sessions, ongoing, "7"))

    assert ("cancel", "service-unavailable") == errorOf(ask(player))
