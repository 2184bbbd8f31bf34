"""
What every entity answers, and what nobody may answer.
"""

import pytest
from wokkel.generic import parseXml
from wokkel.subprotocols import XMPPHandler

from pushsvc.xmpp.edge import refusal
from pushsvc.xmpp.handlers import makeHandlers
from tests.xmpp.player import Player
from tests.xmpp.test_publish import errorOf, publishing

PING = "<ping xmlns='urn:xmpp:ping'/>"


def iq(type="get", content=PING, sender="example.org", to="push.example.net"):
    return f"<iq type='{type}' from='{sender}' to='{to}' id='a'>{content}</iq>"


def test_0199_1_ping(player):
    """
    0199-1: A ping is answered.
    """
    player.play("ping")


def test_0092_1_version(player):
    """
    0092-1: We say what we are and which version, and nothing of the machine.
    """
    player.play("version")

    query = player.ask(iq(content="<query xmlns='jabber:iq:version'/>")).query
    assert [element.name for element in query.elements()] == ["name", "version"]


def test_0077_1_noInBandRegistration(player):
    """
    0077-1: There is no in-band registration.
    """
    player.play("unknown-request")


@pytest.mark.parametrize("type", ["get", "set"])
@pytest.mark.parametrize("content", ["<q xmlns='urn:example:q'/>", "<q/>", "<handled/>"])
def test_GEN1_unknownRequests(player, type, content):
    """
    GEN-1: A request that nobody here knows is refused, whatever its child is called.
    """
    assert errorOf(player.ask(iq(type, content))) == ("cancel", "service-unavailable")


@pytest.mark.parametrize("to", ["someone@push.example.net", "other.example.net"])
def test_GEN1_unknownAddresses(player, to):
    """
    GEN-1: Nobody lives on our hosts, and other hosts are not ours.
    """
    assert errorOf(player.ask(iq(to=to))) == ("cancel", "service-unavailable")


@pytest.mark.parametrize("stanza", [iq("what"), iq("").replace("type=''", ""), iq(content=""), iq(content=PING * 2)])
def test_GEN1_malformedRequests(player, stanza):
    """
    GEN-1: A request of no known type, or with more or less than one child, is a bad request.
    """
    assert errorOf(player.ask(stanza)) == ("modify", "bad-request")


@pytest.mark.parametrize(
    "stanza",
    [
        iq("result"),
        iq("error", "<error type='cancel'/>"),
        iq("error", ""),
        "<message type='error' from='example.org' to='push.example.net'/>",
        "<presence type='error' from='example.org' to='push.example.net'/>",
        iq("result", sender="a@@b"),
        iq(sender="a b@example.org"),
        iq(sender="@example.org"),
        iq(to=""),
        iq().replace(" to='push.example.net'", ""),
        iq().replace(" from='example.org'", ""),
    ],
)
def test_GEN1_silence(player, stanza):
    """
    GEN-1: Answers that nobody waits for, errors, and what has nobody to answer to are passed over.
    """
    player.send(stanza)

    assert player.silent


def test_GEN1_malformedRecipient(player):
    """
    GEN-1: A malformed address on our domain is refused, by the domain: an answer from no JID would end the stream.
    """
    reply = player.ask(iq(to="a b@push.example.net"))

    assert reply["from"] == "push.example.net"
    assert errorOf(reply) == ("modify", "jid-malformed")


def test_GEN1_gate():
    """
    GEN-1: Whoever lets stanzas in learns whether one may go on, and marks it as not handled.
    """
    fine, refused, dropped = [
        parseXml(stanza.encode()) for stanza in (publishing(), iq("what"), iq("error", sender="@a"))
    ]

    assert refusal(fine) is None and fine.handled is False
    assert refusal(refused)["type"] == "error" and refused.handled is True
    assert refusal(dropped) is None and dropped.handled is True


def test_GEN2_presenceAndMessages(player):
    """
    GEN-2: Who subscribes to our presence is told that there is none; other presence and messages are passed over.
    """
    player.play("presence")


@pytest.mark.parametrize(
    "attributes", ["to='someone.else.example'", "to='@push.example.net'", "from='@x' to='push.example.net'", ""]
)
def test_GEN2_presenceElsewhere(player, attributes):
    """
    GEN-2: Presence that is not for us, or from nobody, is passed over.
    """
    player.send(f"<presence type='subscribe' {attributes}/>", sender="a@example.org")

    assert player.silent


def test_othersMayAnswer(world, sessions, ongoing):
    """
    Handlers that others add answer what we do not, and ours do not answer again.
    """

    class Other(XMPPHandler):
        def connectionInitialized(self):
            self.xmlstream.addObserver("/iq/other", self.onOther)

        def onOther(self, iq):
            iq.handled = True

    player = Player([*makeHandlers(world.hosts, sessions, ongoing), Other()])

    player.send(iq(content="<other/>"))

    assert player.silent


def test_GEN1_whoeverLetTheStanzaIn(player):
    """
    GEN-1: A malformed request is refused also when the stream that let it in has only marked it as not handled.
    """
    request = parseXml(iq("what").encode())
    request.handled = False

    player.hand(request)

    assert errorOf(player.receive()) == ("modify", "bad-request")
