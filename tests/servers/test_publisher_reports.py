"""
What the modules in contrib/ report, and what servers report without them.
"""

from xml.etree.ElementTree import Element, SubElement

import pytest

from pushsvc.event import Call, Event, Occasion
from tests.servers.listener import Listener
from tests.servers.phone import Phones
from tests.servers.rig.server import Account, Server

pytestmark = pytest.mark.servers


@pytest.fixture(params=["reportingProsody", "reportingEjabberd"])
def server(request: pytest.FixtureRequest) -> Server:
    """
    Each server with our module.
    """
    server: Server = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def listener(server: Server):
    """
    Whom it reports to.
    """
    with Listener(server) as listener:
        yield listener


def _message(to: str, type: str = "chat", body: str | None = None, *more: Element) -> Element:
    message = Element("message", {"to": to, "type": type})
    if body is not None:
        SubElement(message, "body").text = body
    message.extend(more)
    return message


def _of(account: Account, *bodies: str | None):
    def fits(event: Event) -> bool:
        return event.account == account.jid and [stanza.body for stanza in event.stanzas] == list(bodies)

    return fits


def test_offline(server: Server, phones: Phones, listener: Listener) -> None:
    """
    What is put aside is reported with its sender, and whether that is a contact; and so is who asks to be one.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))

    bob.say(alice.jid, "are you there?")
    bob.send(Element("presence", {"to": alice.jid, "type": "subscribe"}))
    bob.send(Element("presence", {"to": alice.jid, "type": "subscribe"}))
    bob.say(alice.jid, "and now?")

    (said,) = listener.event(Occasion.OFFLINE, _of(alice, "are you there?")).stanzas
    # What happened before has been reported before.
    listener.event(Occasion.OFFLINE, _of(alice, "and now?"))
    assert (f"{bob.jid}/{bob.resource}", "chat", False) == (said.sender, said.type, said.known)
    asked = [event for event in listener.heard() if event.stanzas and event.stanzas[0].name == "presence"]
    assert ["subscribe"] == [event.stanzas[0].type for event in asked]
    assert [bob.jid] == [(event.stanzas[0].sender or "").partition("/")[0] for event in asked]


def test_archived(server: Server, phones: Phones, listener: Listener) -> None:
    """
    What is archived is reported with who is there and who of them is away, under the id that the archive gave it.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    desktop, tablet = phones.online(alice), phones.online(alice)
    away = Element("presence")
    SubElement(away, "show").text = "xa"
    tablet.send(away)

    bob.say(alice.jid, "are you there?")

    event = listener.event(Occasion.ARCHIVED, _of(alice, "are you there?"))
    assert ({desktop.resource, tablet.resource}, {tablet.resource}) == (event.present, event.away)
    assert event.stanzas[0].id
    # It is hashed only where nobody gave it an id.
    assert len(event.stanzas[0].id) < 64
    assert [] == [each for each in listener.heard() if each.account == bob.jid and each.stanzas]


def test_comeBack(server: Server, phones: Phones, listener: Listener) -> None:
    """
    Whoever comes back has got what was put aside.
    """
    alice = server.account("alice")

    phone = phones.online(alice)

    assert phone.resource == listener.event(Occasion.RESUMED, lambda event: event.account == alice.jid).session


def test_hibernation(server: Server, phones: Phones, listener: Listener) -> None:
    """
    A session that lost its connection: its queue, what is queued further, and that it came back.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    phone = phones.online(alice, resumable=True)
    phone.turnDeaf()
    bob.say(alice.jid, "one", "two")
    phone.tearOff()

    hibernated = listener.event(Occasion.HIBERNATED, lambda event: event.account == alice.jid)
    bob.say(alice.jid, "three")
    queued = listener.event(Occasion.QUEUED, _of(alice, "three"))
    listener.forget()
    phone.resume()
    resumed = listener.event(Occasion.RESUMED)

    bodies = [stanza.body for stanza in hibernated.stanzas if stanza.body]
    assert ["one", "two"] == bodies
    assert [(alice.jid, phone.resource)] * 3 == [(each.account, each.session) for each in (hibernated, queued, resumed)]


def test_overdue(server: Server, phones: Phones, listener: Listener) -> None:
    """
    A session that does not acknowledge is noticed, whether its connection is given up (ejabberd) or not (Prosody).
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    phone = phones.online(alice, resumable=True)
    phone.turnDeaf()

    bob.say(alice.jid, "are you there?")

    occasion = Occasion.OVERDUE if server.program == "prosody" else Occasion.HIBERNATED
    event = listener.event(occasion, lambda event: event.account == alice.jid)
    assert phone.resource == event.session
    assert "are you there?" in [stanza.body for stanza in event.stanzas]
    phone.tearOff()


def test_ended(server: Server, phones: Phones, listener: Listener) -> None:
    """
    A session that could have hibernated and did not is over.
    """
    alice = server.account("alice")
    phone = phones.online(alice, resumable=True)
    resource = phone.resource

    phone.logOff()

    assert resource == listener.event(Occasion.ENDED, lambda event: event.account == alice.jid).session


def test_read(server: Server, phones: Phones, listener: Listener) -> None:
    """
    A device says that its user has read something, which need not be everything.
    """
    alice, bob = phones.online(server.account("alice")), server.account("bob")
    displayed = Element("{urn:xmpp:chat-markers:0}displayed", {"id": "1"})

    alice.send(_message(bob.jid, "chat", None, displayed))

    event = listener.event(Occasion.READ)
    assert (alice.jid, alice.resource) == (event.account, event.session)
    assert [bob.jid] == [stanza.recipient for stanza in event.stanzas]


def test_roomsToAccounts(server: Server, phones: Phones, listener: Listener) -> None:
    """
    What a room says to the account itself is reported.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))

    bob.send(_message(alice.jid, "groupchat", "hello everybody"))

    listener.event(Occasion.GROUPCHAT, _of(alice, "hello everybody"))


@pytest.mark.parametrize("services", [(), (("push.example.net", "n1"),)])
def test_PR16_ping(server: Server, phones: Phones, listener: Listener, services: tuple[tuple[str, str], ...]) -> None:
    """
    PR-16: another module of the server's may have the devices of an account look for news: all of them, or those that
    it names.
    """
    alice = phones.online(server.account("alice"))
    named = [{"jid": jid, "node": node} for jid, node in services]
    attention = Element("{urn:xmpp:attention:0}attention", named[0] if named else {})

    alice.send(_message(alice.jid, "chat", None, attention))

    event = listener.event(Occasion.PING)
    assert (alice.jid, services) == (event.account, event.services)


def test_calls(server: Server, phones: Phones, listener: Listener) -> None:
    """
    Somebody calls whom nobody is there of: that he does, and with what.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    propose = Element("{urn:xmpp:jingle-message:0}propose", {"id": "sid1"})
    SubElement(propose, "{urn:xmpp:jingle:apps:rtp:1}description", {"media": "audio"})

    bob.send(_message(alice.jid, "chat", None, propose, Element("{urn:xmpp:hints}store")))

    event = listener.event(Occasion.OFFLINE, lambda event: event.account == alice.jid)
    assert [Call("propose", "sid1", ("audio",))] == [stanza.call for stanza in event.stanzas]


def test_removed(server: Server, phones: Phones, listener: Listener) -> None:
    """
    An account that is gone is reported.
    """
    alice = phones.online(server.account("alice"))
    request = Element("iq", {"type": "set", "id": "1", "to": server.domain})
    SubElement(SubElement(request, "{jabber:iq:register}query"), "{jabber:iq:register}remove")

    # Who is gone is not answered by everybody.
    alice.utter(request)

    assert alice.jid == listener.event(Occasion.REMOVED).account


def test_withdrawn(server: Server, phones: Phones, listener: Listener) -> None:
    """
    0357-19: that a push service takes no publishes any more is handed on, as it was said; nothing waits because of it.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    pubsub = Element("{http://jabber.org/protocol/pubsub}pubsub", {"node": "n1"})
    SubElement(pubsub, "{http://jabber.org/protocol/pubsub}affiliation", {"jid": alice.jid, "affiliation": "none"})

    bob.send(_message(alice.jid, "normal", None, pubsub))
    bob.say(alice.jid, "and?")
    listener.event(Occasion.OFFLINE, _of(alice, "and?"))

    (withdrawal,) = [stanza for stanza in listener.stanzas if "affiliation=" in stanza]
    assert "forwarded" in withdrawal
    assert "pushsvc:events:0" not in withdrawal


def test_longStanzas(server: Server, phones: Phones, listener: Listener) -> None:
    """
    However long a message and however many there are, what matters of them is reported.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    secret = Element("{urn:xmpp:omemo:2}encrypted")
    SubElement(secret, "{urn:xmpp:omemo:2}header").text = "h" * 50_000
    SubElement(secret, "{urn:xmpp:omemo:2}payload").text = "p" * 50_000

    bob.send(_message(alice.jid, "chat", None, secret))
    bob.say(alice.jid, "b" * 50_000)

    sealed = listener.event(Occasion.OFFLINE, _of(alice, None)).stanzas
    assert [True] == [stanza.encrypted for stanza in sealed]
    listener.event(Occasion.OFFLINE, _of(alice, "…"))
    assert max(map(len, listener.stanzas)) < 10_000
