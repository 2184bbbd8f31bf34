"""
Requests find their answers, or end.
"""

import pytest
from twisted.internet.error import ConnectionLost
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.words.protocols.jabber.error import StanzaError
from twisted.words.protocols.jabber.xmlstream import TimeoutError as NoAnswer
from twisted.words.xish.domish import Element

from pushsvc.links.requests import PATIENCE, Requests
from pushsvc.wire.namespaces import NS_STANZAS
from tests.support import resultOf


def iq(kind: str, **attributes: str) -> Element:
    """
    An IQ stanza.
    """
    stanza = Element((None, "iq"))
    stanza["type"] = kind
    for name, value in attributes.items():
        stanza[name.strip("_")] = value
    return stanza


@pytest.fixture
def requests(clock: Clock) -> Requests:
    """
    No requests yet.
    """
    return Requests(clock)


def test_answersReachTheirRequests(requests: Requests, clock: Clock) -> None:
    """
    A result from where the request went, with its id, is the answer.
    """
    answer = requests.track(iq("get", id="1", to="Example.ORG"))
    result = iq("result", id="1", from_="example.org")

    assert requests.answered(result)

    assert result is resultOf(answer)
    assert (0, []) == (len(requests), clock.getDelayedCalls())


@pytest.mark.parametrize("condition", ["forbidden", "policy-violation"])
def test_errorsReachTheirRequests(requests: Requests, condition: str) -> None:
    """
    An error is an answer, too, and names its condition.
    """
    answer = requests.track(iq("get", id="1", to="example.org"))

    error = iq("error", id="1", from_="example.org")
    error.addChild(StanzaError(condition, "wait").getElement())

    assert requests.answered(error)

    with pytest.raises(StanzaError) as refusal:
        resultOf(answer)
    assert (condition, "wait") == (refusal.value.condition, refusal.value.type)


def refusing(**attributes: str) -> Element:
    """
    An error with a condition that is none.
    """
    error = Element((None, "error"), attribs=attributes)
    error.addElement((NS_STANZAS, "SECRET-TEXT"))
    return error


@pytest.mark.parametrize(
    "error",
    [
        None,
        Element((None, "error"), attribs={"code": "SECRET-TEXT"}),
        Element((None, "error"), attribs={"type": "cancel"}),
        refusing(type="cancel"),
        refusing(type="SECRET-TEXT"),
        StanzaError("forbidden", "SECRET-TEXT").getElement(),
    ],
)
def test_errorsThatAreNoneReachTheirRequestsToo(requests: Requests, clock: Clock, error: Element | None) -> None:
    """
    Whatever a peer makes of an error, the request has its answer: an error that can be passed on, in no words of its.
    """
    answer = requests.track(iq("get", id="1", to="example.org"))
    stanza = iq("error", id="1", from_="example.org")
    if error is not None:
        stanza.addChild(error)

    assert requests.answered(stanza)

    with pytest.raises(StanzaError) as refusal:
        resultOf(answer)
    assert "undefined-condition" == refusal.value.condition
    assert "<undefined-condition " in refusal.value.getElement().toXml()
    assert "SECRET" not in str(refusal.value) + refusal.value.getElement().toXml()
    assert [] == clock.getDelayedCalls()


@pytest.mark.parametrize(
    "answer",
    [
        iq("result", id="1", from_="evil.example"),
        iq("result", id="2", from_="example.org"),
        iq("result", id="1"),
        iq("result", from_="example.org"),
        iq("result", id="1", from_="@"),
        iq("result", id="1", from_="example.org/resource"),
    ],
)
def test_othersCannotAnswer(requests: Requests, answer: Element) -> None:
    """
    Whoever guesses an id cannot answer in another's name.
    """
    pending = requests.track(iq("get", id="1", to="example.org"))

    assert not requests.answered(answer)

    assert (False, 1) == (pending.called, len(requests))


def test_requestsTimeOut(requests: Requests, clock: Clock) -> None:
    """
    A request that nobody answers ends after a minute, or after as long as it says.
    """
    patient = requests.track(iq("get", id="1", to="example.org"))
    hasty = requests.track(iq("get", id="2", to="example.org"), 5)

    clock.advance(5)
    assert (False, True) == (patient.called, hasty.called)
    clock.advance(PATIENCE)

    for late in (patient, hasty):
        with pytest.raises(NoAnswer):
            resultOf(late)
    assert not requests.answered(iq("result", id="1", from_="example.org"))


def test_lostLinksEndAllRequests(requests: Requests, clock: Clock) -> None:
    """
    When no answers can come any more, nobody waits for them.
    """
    pending = requests.track(iq("get", id="1", to="example.org"))

    requests.fail(Failure(ConnectionLost()))

    with pytest.raises(ConnectionLost):
        resultOf(pending)
    assert [] == clock.getDelayedCalls()


def test_cancelledRequestsAreForgotten(requests: Requests, clock: Clock) -> None:
    """
    Who no longer wants the answer leaves nothing behind.
    """
    pending = requests.track(iq("get", id="1", to="example.org"))
    pending.addErrback(lambda reason: None)

    pending.cancel()

    assert (0, []) == (len(requests), clock.getDelayedCalls())


@pytest.mark.parametrize(
    "request_",
    [
        iq("get", to="example.org"),
        iq("get", id="1"),
        iq("get", id="1", to="@"),
        iq("get", id="0", to="a.example"),
    ],
)
def test_whatCannotBeAnsweredIsNotAsked(requests: Requests, request_: Element) -> None:
    """
    Requests without an id, to nobody, or with an id that is in use there fail at once.
    """
    first = requests.track(iq("get", id="0", to="a.example"))

    with pytest.raises(ValueError, match="request"):
        resultOf(requests.track(request_))

    assert not first.called
