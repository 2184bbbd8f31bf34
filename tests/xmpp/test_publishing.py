"""
Publishing to push services elsewhere.
"""

import pytest
from twisted.internet.defer import ensureDeferred
from wokkel.generic import parseXml
from zope.interface.verify import verifyObject

from pushsvc.errors import NoSuchNode, RequestError, TryLater, Undisclosed, WrongSecret
from pushsvc.ipushsvc import IPushService
from pushsvc.model import Notification, Summary
from pushsvc.wire.privilege import Privileges
from pushsvc.xmpp.publishing import LITTLE_PATIENCE, PATIENCE, Answers, Publishing
from pushsvc.xmpp.voices import Voices
from tests.support import resultOf
from tests.xmpp.player import Player

HOST, SERVICE = "push.example.net", "push.example.org"
ERROR = "<error type='{}'><{} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"


@pytest.fixture
def sent():
    return []


@pytest.fixture
def publishing(sent, clock):
    return Publishing(sent.append, clock)


@pytest.fixture
def link(publishing):
    return Player([Answers(publishing)])


def publish(publishing, pushId="push-1"):
    options = {"secret": ("s3cret",)}
    return ensureDeferred(
        publishing.publish(HOST, SERVICE, "node-1", Notification(summary=Summary(3)), options, pushId)
    )


def answer(link, type="result", content="", id="push-1", sender=SERVICE, to=HOST):
    link.hand(parseXml(f"<iq type='{type}' id='{id}' from='{sender}' to='{to}'>{content}</iq>".encode()))


def test_published(publishing, sent, link):
    """
    A publish goes from our host to the service, under the push id, and the service's word ends it.
    """
    assert verifyObject(IPushService, publishing)
    publishing_ = publish(publishing)
    (iq,) = sent
    assert ("set", HOST, SERVICE, "push-1") == (iq["type"], iq["from"], iq["to"], iq["id"])
    assert "node-1" == iq.pubsub.publish["node"]
    assert not publishing_.called

    answer(link)

    assert resultOf(publishing_) is None
    assert link.silent


@pytest.mark.parametrize(
    "type, condition, expected",
    [
        ("cancel", "item-not-found", NoSuchNode),
        ("auth", "forbidden", RequestError),
        ("modify", "bad-request", RequestError),
        ("cancel", "service-unavailable", RequestError),
        ("wait", "internal-server-error", TryLater),
        ("wait", "resource-constraint", TryLater),
        ("cancel", "remote-server-not-found", TryLater),
        ("wait", "remote-server-timeout", TryLater),
    ],
)
def test_refused(publishing, link, type, condition, expected):
    """
    A refusal comes out as what it means; where there is no way to the service now, later is another time.
    """
    asked = publish(publishing)

    answer(link, "error", ERROR.format(type, condition))

    with pytest.raises(expected):
        resultOf(asked)


def test_nobodyAnswers(publishing, sent, link, clock):
    """
    Who does not answer is not waited for without end, and an answer that comes too late is nobody's.
    """
    asked = publish(publishing)

    clock.advance(PATIENCE)

    with pytest.raises(TryLater):
        resultOf(asked)
    answer(link, "error", ERROR.format("cancel", "item-not-found"))
    assert link.silent


@pytest.mark.parametrize("forged", [{"sender": "evil.example"}, {"to": "other.example.net"}, {"id": "push-2"}])
def test_PR26_othersAnswer(publishing, link, forged):
    """
    PR-26: only the service that was asked can answer, only to whom it was asked by, and only what was asked.
    """
    asked = publish(publishing)

    answer(link, "error", ERROR.format("cancel", "item-not-found"), **forged)
    assert not asked.called

    answer(link)
    assert resultOf(asked) is None


def test_PR28_nothingIsLeftBehind(publishing, link, clock):
    """
    PR-28: whatever becomes of a publish, nothing of it stays in memory.
    """
    publish(publishing, "push-0")
    refused, unanswered, cancelled = [publish(publishing, f"push-{n}") for n in (1, 2, 3)]

    answer(link, id="push-0")
    answer(link, "error", ERROR.format("auth", "forbidden"), id="push-1")
    cancelled.cancel()
    clock.advance(PATIENCE)

    for asked in (refused, unanswered, cancelled):
        asked.addErrback(lambda failure: None)
    assert not publishing._unanswered
    assert not clock.getDelayedCalls()


def test_askedAgain(publishing, sent, link):
    """
    Who asks again under the same id, having given up the first time, gets the answer.
    """
    first = publish(publishing)
    first.addErrback(lambda failure: None)
    first.cancel()
    second = publish(publishing)

    answer(link)

    assert resultOf(second) is None


def test_theSecretIsNotTold(publishing, link):
    """
    What the service was told is in no error.
    """
    asked = publish(publishing)

    answer(link, "error", ERROR.format("auth", "forbidden"))

    with pytest.raises(WrongSecret) as raised:
        resultOf(asked)
    assert "s3cret" not in repr(raised.value)


ACCOUNT_EVENT = "http://tigase.org/protocol/account#event"
JULIET = "juliet@example.org"
FORM = '{"type":"submit","fields":[["secret",null,null,["s3cret"]]]}'
PRIVILEGE = "urn:xmpp:privilege:2"


@pytest.fixture
def voices():
    return Voices("privileged", HOST)


@pytest.fixture
def spokenFor(sent, clock, voices):
    return Publishing(sent.append, clock, voices)


def publishFor(publishing, pushId="push-1", form=FORM):
    return ensureDeferred(publishing.publishFor(JULIET, SERVICE, "node-1", Notification(), form, pushId))


def within(iq):
    return f"<privilege xmlns='{PRIVILEGE}'><forwarded xmlns='urn:xmpp:forward:0'>{iq}</forwarded></privilege>"


def test_0357_13_17_forAnAccount(spokenFor, sent):
    """
    0357-13, 0357-17: for an account we publish as our host, with what the client said when it enabled.
    """
    asked = publishFor(spokenFor)
    (iq,) = sent

    assert (HOST, SERVICE, "push-1") == (iq["from"], iq["to"], iq["id"])
    x = next(child for child in iq.pubsub.elements() if child.name == "publish-options").x
    assert ["secret"] == [field["var"] for field in x.elements()]
    answer(Player([Answers(spokenFor)]))
    assert resultOf(asked) is None


def test_0356_4_asTheAccount(spokenFor, sent, voices):
    """
    0356-4: where its server lets us we publish as the account: the request within has an id of its own, each time.
    """
    voices.granted("example.org", Privileges(PRIVILEGE, True))
    link = Player([Answers(spokenFor)])
    first = publishFor(spokenFor)
    answer(link, content=within("<iq xmlns='jabber:client' type='result' id='x'/>"), sender=JULIET)
    second = publishFor(spokenFor)
    second.addErrback(lambda failure: None)

    assert resultOf(first) is None
    inner = [iq.privileged_iq.iq for iq in sent]
    assert [(HOST, JULIET, "push-1")] * 2 == [(iq["from"], iq["to"], iq["id"]) for iq in sent]
    assert [("jabber:client", SERVICE, "set")] * 2 == [(iq.uri, iq["to"], iq["type"]) for iq in inner]
    assert inner[0]["id"] != inner[1]["id"]
    second.cancel()


def test_0356_4_refusedAsTheAccount(spokenFor, sent, voices):
    """
    0356-4: where the service's own refusal is handed on, it counts.
    """
    voices.granted("example.org", Privileges(PRIVILEGE, True))
    asked = publishFor(spokenFor)
    refusal = f"<iq xmlns='jabber:client' type='error'>{ERROR.format('cancel', 'item-not-found')}</iq>"

    answer(Player([Answers(spokenFor)]), "result", within(refusal), sender=JULIET)

    with pytest.raises(NoSuchNode):
        resultOf(asked)
    assert 1 == len(sent)


@pytest.mark.parametrize(
    "type, condition, expected",
    [
        ("cancel", "item-not-found", NoSuchNode),
        ("auth", "forbidden", Undisclosed),
        ("cancel", "service-unavailable", Undisclosed),
        ("wait", "internal-server-error", TryLater),
        ("cancel", "remote-server-not-found", TryLater),
    ],
)
@pytest.mark.parametrize("undisclosed", [("cancel", "internal-server-error"), ("auth", "forbidden")])
def test_0356_4_nobodySaysWhy(spokenFor, sent, voices, undisclosed, type, condition, expected):
    """
    0356-4, PR-27: where the account's server keeps to itself what went wrong, we ask the service ourselves. That it has
    no such node is its last word; what else it would not take from us says nothing of what it takes from the account.
    """
    voices.granted("example.org", Privileges(PRIVILEGE, True))
    asked, link = publishFor(spokenFor), Player([Answers(spokenFor)])

    answer(link, "error", ERROR.format(*undisclosed), sender=JULIET)
    assert not asked.called
    answer(link, "error", ERROR.format(type, condition))

    with pytest.raises(expected) as raised:
        resultOf(asked)
    assert expected is raised.type
    assert [(HOST, JULIET), (HOST, SERVICE)] == [(iq["from"], iq["to"]) for iq in sent]


def test_0356_4_takenFromUs(spokenFor, sent, voices):
    """
    0356-4: what a service does take from us is told.
    """
    voices.granted("example.org", Privileges(PRIVILEGE, True))
    asked, link = publishFor(spokenFor), Player([Answers(spokenFor)])

    answer(link, "error", ERROR.format("auth", "forbidden"), sender=JULIET)
    answer(link)

    assert resultOf(asked) is None
    assert "s3cret" in sent[-1].toXml()


def test_0356_4_nobodySaysAnything(spokenFor, voices, clock):
    """
    0356-4: a service that does not answer us either is not waited for as long again.
    """
    voices.granted("example.org", Privileges(PRIVILEGE, True))
    asked = publishFor(spokenFor)
    answer(Player([Answers(spokenFor)]), "error", ERROR.format("auth", "forbidden"), sender=JULIET)

    clock.advance(LITTLE_PATIENCE)

    with pytest.raises(TryLater):
        resultOf(asked)
    assert not spokenFor._unanswered


def test_nobodySpeaksForTheAccount(sent, clock):
    """
    Who may not publish for an account now does so later.
    """
    for publishing in (Publishing(sent.append, clock), Publishing(sent.append, clock, Voices("server", HOST))):
        with pytest.raises(TryLater):
            resultOf(publishFor(publishing))

    assert [] == sent


def test_TG4_farewells(spokenFor, sent, voices, clock):
    """
    TG-4: that an account is gone is said by our host, as there is nobody any more in whose name it could be; with the
    options, and an event as Tigase has it.
    """
    voices.granted("example.org", Privileges(PRIVILEGE, True))
    link = Player([Answers(spokenFor)])

    said = ensureDeferred(spokenFor.farewell(JULIET, SERVICE, "node-1", FORM))

    (iq,) = sent
    assert (HOST, SERVICE, "node-1") == (iq["from"], iq["to"], iq.pubsub.publish["node"])
    event = iq.pubsub.publish.item.notification.event
    assert (ACCOUNT_EVENT, "account-removed") == (event.uri, event["name"])
    assert "s3cret" in iq.toXml()
    answer(link, id=iq["id"])
    assert resultOf(said) is None


def test_TG4_nobodyMaySayFarewell(sent, clock):
    """
    TG-4: where nobody may speak, nothing is said.
    """
    publishing = Publishing(sent.append, clock)

    with pytest.raises(TryLater):
        resultOf(publishing.farewell(JULIET, SERVICE, None, ""))

    assert [] == sent
