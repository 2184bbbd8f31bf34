"""
Messages to our hosts.
"""

import pytest
from zope.interface import implementer

from pushsvc.errors import TryLater
from pushsvc.event import Occasion
from pushsvc.feeds import ejabberd, forwarded
from pushsvc.ipushsvc import IStanzaFeed
from pushsvc.xmpp.hearing import Hearing
from pushsvc.xmpp.voices import GRACE, Voice, Voices
from tests.publisher.conftest import JULIET, SERVICE, House
from tests.support import resultOf
from tests.xmpp.player import Player

HOST = "push.example.org"
PUBSUB = "http://jabber.org/protocol/pubsub"


@implementer(IStanzaFeed)
class Feed:
    """
    Takes what has a body.
    """

    def __init__(self):
        self.heardOf = []

    def heard(self, message):
        if message.body is None:
            return False
        self.heardOf.append(message)
        return True


@pytest.fixture
def house(clock):
    house = House(clock)
    house.enable("n1")
    return house


@pytest.fixture
def voices():
    return Voices("privileged", HOST)


@pytest.fixture
def feeds():
    return [Feed(), Feed()]


@pytest.fixture
def player(house, voices, feeds):
    return Player([Hearing(["example.org"], house.publisher, voices, feeds)])


@pytest.fixture
def nodes(house):
    def nodes():
        return [each.node for each in resultOf(house.enablements.ofAccount(JULIET))]

    return nodes


def say(player, content, sender="example.org", to=HOST, more=""):
    player.send(f"<message from='{sender}' to='{to}'{more}>{content}</message>")
    assert player.silent


def granting(type="set", namespace="urn:xmpp:privilege:2"):
    return (
        f"<privilege xmlns='{namespace}'><perm access='iq'><namespace ns='{PUBSUB}' type='{type}'/></perm></privilege>"
    )


def withdrawing(node="n1", jid=JULIET):
    return f"<pubsub xmlns='{PUBSUB}' node='{node}'><affiliation jid='{jid}' affiliation='none'/></pubsub>"


def forwarding(content, sender=SERVICE, to=JULIET):
    return (
        f"<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='{sender}' to='{to}'>{content}"
        "</message></forwarded>"
    )


def test_0356_1_granted(player, voices):
    """
    0356-1: what a server grants holds until it says something else.
    """
    say(player, granting())
    assert Voice(HOST, "urn:xmpp:privilege:2") == voices.of(JULIET)

    say(player, granting("get"))
    assert Voice(HOST) == voices.of(JULIET)


def test_0356_1_grantedNoMore(house, clock):
    """
    0356-1: what was granted was so until the link was lost: a server whose operator thought better of it says nothing
    when we are back. Nobody speaks before it has had the time to say it; what other links heard holds.
    """
    voices = Voices("privileged", HOST, clock=clock)
    ours, other = (Hearing(["example.org", "example.net"], house.publisher, voices, []) for _ in range(2))
    say(Player([ours]), granting())
    say(Player([other]), granting(), sender="example.net")
    assert Voice(HOST, "urn:xmpp:privilege:2") == voices.of(JULIET)

    ours.connectionLost(None)

    assert voices.of(JULIET) is None
    clock.advance(GRACE)
    assert Voice(HOST) == voices.of(JULIET)
    assert Voice(HOST, "urn:xmpp:privilege:2") == voices.of("romeo@example.net")
    ours.connectionLost(None)
    assert Voice(HOST) == voices.of(JULIET)


@pytest.mark.parametrize("sender", ["example.net", JULIET, "example.org/x", "@"])
def test_0356_1_grantedByOthers(player, voices, sender):
    """
    0356-1: nobody but the accounts' own server has anything to grant.
    """
    say(player, granting(), sender=sender)

    assert Voice(HOST) == voices.of(JULIET)


def test_0355_1_delegated(player, feeds, logEvents):
    """
    0355-1: the operator is told when a server has us enable for its accounts, and run commands on its domain.
    """
    said = "<delegation xmlns='urn:xmpp:delegation:2'><delegated namespace='{}'/></delegation>"

    say(player, said.format("urn:xmpp:push:0"))
    say(player, said.format("http://jabber.org/protocol/commands"))
    say(player, said.format("urn:other"))

    assert ["example.org", "example.org"] == [event["server"] for event in logEvents if "server" in event]
    assert [] == feeds[0].heardOf


@pytest.mark.parametrize("sender, heeded", [(SERVICE, True), ("evil.example.net", False), (f"{SERVICE}/x", False)])
def test_0357_19_MP37_withdrawn(player, nodes, sender, heeded):
    """
    0357-19, MP-37: a service takes no more publishes: exactly that one, for exactly that account.
    """
    say(player, withdrawing(), sender=sender, to=JULIET)

    assert nodes() == ([] if heeded else ["n1"])


def test_0357_19_otherNodes(player, nodes, house):
    """
    0357-19: other nodes of that service stay.
    """
    house.enable("n2")

    say(player, withdrawing("n2"), sender=SERVICE, to=JULIET)
    say(player, withdrawing("n3"), sender=SERVICE, to=JULIET)

    assert ["n1"] == nodes()


def test_0357_19_forwardedByTheServer(player, nodes, feeds):
    """
    0357-19: what a service says to an account its server forwards to us; it is no message that waits for anybody.
    """
    say(player, forwarding(withdrawing()))

    assert [] == nodes()
    assert [] == feeds[0].heardOf


@pytest.mark.parametrize(
    "sender, service, to",
    [
        ("example.net", SERVICE, JULIET),
        (JULIET, SERVICE, JULIET),
        ("example.org", "evil.example.net", JULIET),
        ("example.org", SERVICE, "romeo@example.org"),
        ("example.org", "@", JULIET),
    ],
)
def test_0357_19_forwardedByOthers(player, nodes, sender, service, to):
    """
    0357-19, 0297-1: nobody else forwards anything, nor anything else.
    """
    say(player, forwarding(withdrawing(), service, to), sender=sender)

    assert ["n1"] == nodes()


def test_feedsInTheirOrder(player, feeds):
    """
    What is none of that is the feeds' affair, and of the first that has use for it.
    """
    say(player, "<body>b</body>")
    say(player, "<other/>")
    say(player, "<body>b</body>", more=" type='error'")

    assert [1, 0] == [len(feed.heardOf) for feed in feeds]


class TestTrouble:
    """
    What becomes of a withdrawal when the storage does not answer, and when there is a bug.
    """

    @pytest.fixture
    def house(self, clock):
        house = House(clock)
        house.enable("n1")

        async def disable(*arguments):
            raise self.trouble

        house.enablements.disable = disable
        return house

    def test_storageTrouble(self, player, house):
        """
        A withdrawal that cannot be written down is no calamity: the service refuses the next publish as well.
        """
        self.trouble = TryLater("disk")

        say(player, withdrawing(), sender=SERVICE, to=JULIET)

    def test_bugs(self, player, house, loggedFailures):
        """
        A bug is logged, without anybody's name.
        """
        self.trouble = ZeroDivisionError(JULIET)

        say(player, withdrawing(), sender=SERVICE, to=JULIET)

        (failure,) = loggedFailures
        assert JULIET not in failure.getTraceback()
        loggedFailures.clear()


class TestRealFeeds:
    """
    The feeds that we have.
    """

    @pytest.fixture
    def feeds(self, house, clock):
        kinds = ((forwarded, "forwarded"), (ejabberd, "ejabberd"))
        return [kind.makeFeed(kind.Options(kind=name), house.publisher, clock) for kind, name in kinds]

    def test_theyAreFeeds(self, feeds):
        """
        They are fed stanzas.
        """
        assert all(IStanzaFeed.providedBy(feed) for feed in feeds)

    @pytest.mark.parametrize(
        "sender, told", [("example.org", 1), ("example.net", 0), ("push.example.org", 0), (f"{JULIET}/balcony", 0)]
    )
    def test_0297_1_whoForwards(self, player, house, sender, told):
        """
        0297-1: a server forwards what was for its own accounts; a client that does so is none.
        """
        say(player, forwarding("<body>b</body>", "romeo@example.net/orchard"), sender=sender)

        assert told == len(house.told)

    @pytest.mark.parametrize("sender, told", [(JULIET, 1), ("romeo@example.org", 0), ("example.org", 0)])
    def test_whoPublishes(self, player, house, sender, told):
        """
        ejabberd's mod_push_offline speaks as the account.
        """
        message = "<message xmlns='jabber:client' type='chat' from='romeo@example.net'><body>b</body></message>"
        items = f"<items node='urn:xmpp:push:nodes:messages'><item>{message}</item></items>"

        say(player, f"<event xmlns='{PUBSUB}#event'>{items}</event>", sender=sender)

        assert told == len(house.told)

    @pytest.mark.parametrize("occasion", [Occasion.PING, Occasion.REMOVED])
    @pytest.mark.parametrize(
        "sender, isHeard",
        [("example.org", True), *((each, False) for each in ("example.net", "romeo@example.org", f"{JULIET}/x"))],
    )
    def test_whoReports(self, player, house, nodes, sender, isHeard, occasion):
        """
        Our own modules speak for their server's accounts, and nobody else does: not the account itself, or whoever has
        got hold of one of its sessions, of which nobody knows that it was removed.
        """
        said = f"<event xmlns='pushsvc:events:0' occasion='{occasion.value}' account='{JULIET}'/>"

        say(player, said, sender=sender)

        assert (isHeard and occasion is Occasion.PING) == bool(house.told)
        assert (isHeard and occasion is Occasion.REMOVED) == (nodes() == [])

    def test_nothingIsLostWhileTheStorageRests(self, player, house, feeds, clock):
        """
        An event that cannot be taken now is told again, until it is.
        """
        resting, pend = [True], house.enablements.pend

        async def pendLater(*what):
            if resting:
                raise TryLater("disk")
            return await pend(*what)

        house.enablements.pend = pendLater
        say(player, forwarding("<body>b</body>", "romeo@example.net/orchard"))
        assert [] == house.told

        resting.clear()
        clock.advance(6)

        assert ["n1"] == house.nodes
        assert not feeds[0]._telling.underWay
