"""
The publisher, fuzzed from all its sides: what clients enable, what servers hand on and report, what is posted to us. Of
whatever was taken everybody who enabled something is told, and that has to be XML and JSON again.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from twisted.internet.task import Clock
from twisted.words.xish.domish import Element

from pushsvc.enablement import Account, Enablement
from pushsvc.errors import RequestError
from pushsvc.event import Event, Occasion, Stanza
from pushsvc.feeds import ejabberd, forwarded
from pushsvc.feeds.eventjson import BadEvent, readEvent, readJSON
from pushsvc.feeds.http import _message
from pushsvc.feeds.mongooseim import BadMessage, MongooseIM, Presences
from pushsvc.jids import addressOf
from pushsvc.links.writing import written
from pushsvc.model import Notification
from pushsvc.publisher.batches import COLLECTED
from pushsvc.publisher.policies import encrypted, filters, hints, priority
from pushsvc.storage.sql import accounts as rows
from pushsvc.wire.delegation import NAMESPACES, Delegated, readDelegated, writeAnswer
from pushsvc.wire.enabling import replayed
from pushsvc.wire.errors import ENABLING, writeError
from pushsvc.wire.namespaces import NS_FORWARD
from pushsvc.wire.publishing import writePublish
from pushsvc.wire.stanza import stripNamespace
from pushsvc.wire.view import DomishView, View, viewOf
from pushsvc.xmpp.enabling import EnablingRequests
from pushsvc.xmpp.hearing import Hearing
from pushsvc.xmpp.voices import Voices
from tests.fuzz.bugs import noBugs
from tests.fuzz.parsing import HEADER, parsed
from tests.publisher.conftest import JULIET, SERVICE, House
from tests.support import resultOf

SERVER, OTHER = "example.org", "romeo@example.org"
POLICIES = (filters.makePolicy, hints.makePolicy, encrypted.makePolicy, priority.makePolicy)
# What everybody is told, whatever else is.
NEWS = (
    Stanza("message", "chat", "nurse@example.net/x", body="Madam!", id="news1", known=False),
    Stanza("message", "groupchat", "room@muc.example.net/Nurse", body="Juliet: Madam!", nick="Nurse", id="news2"),
    Stanza("presence", "subscribe", "paris@example.net", id="news3"),
)

_XML = re.compile("[\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
_TEXT_MAX = 4096


class Stage:
    """
    A publisher with all policies, and two accounts that have enabled something.
    """

    def __init__(self) -> None:
        self.house = House(Clock(), policies=POLICIES)
        self.publisher = self.house.publisher
        self.heard: list[Event] = []
        for account in (JULIET, OTHER):
            resultOf(self.publisher.enable(Enablement(account, SERVICE, "n1", 0.0, 0.0, session="phone"), None))
        happened = self.publisher.happened

        async def watched(event: Event) -> None:
            isSound(event)
            if self.publisher.serves(event.account):
                self.heard.append(event)
            await happened(event)

        self.publisher.happened = watched  # type: ignore[method-assign]

    def account(self, name: str = JULIET) -> Account:
        account: Account = resultOf(self.house.storage.enablements.account(name))
        return account

    @property
    def standing(self) -> Any:
        """
        Everything that anybody could have changed.
        """
        return self.account(), self.account(OTHER), len(self.heard)

    def end(self) -> None:
        """
        Everybody is told something; what is kept of accounts survives being written down, and what is told is XML.
        """
        resultOf(self.publisher.happened(Event(Occasion.OFFLINE, JULIET, stanzas=NEWS)))
        self.house.clock.advance(COLLECTED)
        for account in {JULIET, OTHER, *(event.account for event in self.heard)}:
            known = self.account(account)
            assert known == rows.read(account, json.loads(json.dumps(rows.write(known))))
            rows.write(known).encode("utf-8")
        for (node, notification), service in zip(self.house.told, self.house.services, strict=True):
            isTold(node, notification, service)
        assert not self.house.clock.getDelayedCalls()


def isSound(event: Event) -> None:
    """
    :raises AssertionError: no feed may tell of such an event.
    """
    account = addressOf(event.account)
    assert account is not None and account.local and account.bare == event.account
    for resource in (*([event.session] if event.session is not None else []), *(event.present or ()), *event.away):
        session = addressOf(f"{event.account}/{resource}")
        assert session is not None and session.resource == resource
    assert event.away <= (event.present or frozenset())
    for stanza in event.stanzas:
        assert stanza.sender is None or addressOf(stanza.sender) is not None
        for text in (stanza.type, stanza.id, stanza.body, stanza.nick, stanza.call and stanza.call.sid):
            assert text is None or (_XML.fullmatch(text) and len(text) <= _TEXT_MAX)
        assert stanza.body != ""


def isTold(node: str, notification: Notification, service: Enablement) -> None:
    """
    :raises AssertionError: what a service is told is no XML, or not what its client wanted replayed.
    """
    form = replayed(service.form) if service.form else {}
    said = writePublish(node or None, notification, form)
    again, fault = parsed(HEADER + written(said, "jabber:server").encode())
    assert fault is None and len(again) == 1
    if isinstance(form, Element):
        (options,) = [each for each in viewOf(again[0]).elements() if each.name == "publish-options"]
        (x,) = options.elements()
        # Lines end in attributes as they like.
        assert {" ".join(name.split()) for name in service.options} <= {
            " ".join((field.attribute("var") or "").split()) for field in x.elements()
        }


def _stanzas(data: bytes, *names: str) -> Iterator[Element]:
    for part in data.split(b"\n\n"):
        for stanza in parsed(HEADER + part)[0]:
            if stanza.name in names:
                stripNamespace(stanza)
                yield stanza


def _copied(view: View) -> View:
    # As Twisted has it.
    return DomishView(view.element())


def enabling(data: bytes) -> None:
    """
    What clients enable, disable and choose: each for itself and nobody else.
    """
    stage = Stage()
    requests = EnablingRequests(stage.publisher, stage.house.clock, ("filters", "encrypted"))
    with noBugs():
        for iq in _stanzas(data, "iq"):
            sender, to = addressOf(iq.getAttribute("from", "")), iq.getAttribute("to")
            payloads = viewOf(iq).elements()
            if sender is None or len(payloads) != 1 or (to and addressOf(to) is None):
                continue
            others = [stage.account(name) for name in (JULIET, OTHER) if name != sender.bare]
            with suppress(RequestError):
                _answered(requests, iq.getAttribute("type", ""), payloads[0], sender, addressOf(to) if to else None)
            assert others == [stage.account(name) for name in (JULIET, OTHER) if name != sender.bare]
        stage.end()


def _answered(requests: EnablingRequests, *asked: Any) -> None:
    try:
        answer = resultOf(requests.answer(*asked))
    except RequestError as e:
        assert parsed(HEADER + written(writeError(e, ENABLING), "jabber:server").encode())[1] is None
        raise
    if answer is not None:
        (x,) = answer.elements()
        assert {field["var"] for field in x.elements()} <= {"FORM_TYPE", *_CALLED}


_CALLED = ("include-senders", "include-message-count", "include-subscription-count", "include-message-bodies")


def delegation(data: bytes) -> None:
    """
    What servers hand on: it is read the same however it was parsed, and can be answered.
    """
    stage = Stage()
    requests = EnablingRequests(stage.publisher, stage.house.clock)
    with noBugs():
        for iq in _stanzas(data, "iq"):
            payloads = [payload for payload in viewOf(iq).elements() if payload.uri in NAMESPACES]
            read = [readDelegated(payload) for payload in payloads]
            assert list(map(_handedOn, read)) == [_handedOn(readDelegated(_copied(each))) for each in payloads]
            for payload, asked in zip(payloads, read, strict=True):
                if asked is None:
                    continue
                answer = None
                if asked.payload is not None:
                    with suppress(RequestError):
                        answer = resultOf(requests.answer(asked.type, asked.payload, asked.sender, asked.recipient))
                _isHandedBack(writeAnswer(payload.uri, asked, "result", answer), payload.uri, asked)
        stage.end()


def _handedOn(asked: Delegated | None) -> Any:
    if asked is None:
        return None
    return asked.id, asked.type, asked.sender, asked.recipient, asked.payload and asked.payload.element().toXml()


def _isHandedBack(answer: Element, namespace: str, asked: Delegated) -> None:
    ((wrapper,), fault) = parsed(HEADER + written(answer, "jabber:server").encode())
    assert fault is None and (wrapper.uri, wrapper.name) == (namespace, "delegation")
    (forwardedOne,) = viewOf(wrapper).elements()
    assert forwardedOne.qname == (NS_FORWARD, "forwarded")
    (iq,) = forwardedOne.elements()
    assert ("result", asked.sender.full) == (iq.attribute("type"), iq.attribute("to"))


def hearing(data: bytes) -> None:
    """
    Messages to us: what servers report and grant, what push services withdraw. Nobody speaks for anybody else.
    """
    stage = Stage()
    feeds = [
        module.makeFeed(module.Options(kind="x"), stage.publisher, stage.house.clock)
        for module in (forwarded, ejabberd)
    ]
    hearing = Hearing([SERVER], stage.publisher, Voices("privileged", "push.example.net"), feeds)
    with noBugs():
        for message in _stanzas(data, "message"):
            for feed in feeds:
                for read, _ in feed._readers:
                    assert read(viewOf(message)) == read(_copied(viewOf(message)))
            sender = addressOf(message.getAttribute("from", ""))
            before = stage.standing
            hearing.onMessage(message)
            if sender is None or (sender.domain != SERVER and sender.full != SERVICE):
                assert before == stage.standing
            elif sender.local is not None:
                # Accounts speak for themselves.
                assert {sender.bare} >= {event.account for event in stage.heard[before[2] :]}
                assert sender.bare == JULIET or before[0] == stage.account()
                assert sender.bare == OTHER or before[1] == stage.account(OTHER)
        stage.end()


def events(data: bytes) -> None:
    """
    Events as JSON, one on each line.
    """
    stage = Stage()
    with noBugs():
        for line in data.split(b"\n"):
            try:
                event = readEvent(readJSON(line))
            except BadEvent as e:
                assert len(str(e)) < 5000
                continue
            resultOf(stage.publisher.happened(event))
        stage.end()


def mongooseim(data: bytes) -> None:
    """
    What MongooseIM says: on each line an exchange and what is said there; or ``form`` and what is posted.
    """
    stage = Stage()
    reader = MongooseIM(Presences(3), "presence", "chat_msg", "groupchat_msg")
    with noBugs():
        for line in data.split(b"\n"):
            exchange, _, body = line.partition(b" ")
            try:
                if exchange == b"form":
                    event: Event | None = _message(body)
                else:
                    event = reader.read(exchange.decode("latin-1"), body)
            except (BadEvent, BadMessage):
                continue
            if event is not None:
                resultOf(stage.publisher.happened(event))
        stage.end()


PUBLISHER_TARGETS = {
    "enabling": enabling,
    "delegation": delegation,
    "hearing": hearing,
    "events": events,
    "mongooseim": mongooseim,
}
