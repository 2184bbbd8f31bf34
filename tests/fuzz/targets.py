"""
What is fuzzed: functions that take any bytes as a peer's, and raise when something is not as it must be.

Each input begins as the files under ``corpus`` show. ``test_fuzz.py`` tries changes of these for some seconds,
``run.py`` for as long as one likes.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from twisted.internet.task import Clock
from twisted.words.xish.domish import Element
from wokkel.test.helpers import TestableStreamManager

from pushsvc.errors import RequestError, TryLater
from pushsvc.jids import addressOf
from pushsvc.links.elementstream import ElementStream
from pushsvc.links.faults import StreamFault, TooMuch
from pushsvc.links.limits import AUTHENTICATED, Limits
from pushsvc.links.writing import written
from pushsvc.wire.errors import COMMANDS, PUBSUB, readError
from pushsvc.wire.forms import findForm, formTypeOf, readEveryValue, readFields, writeResult
from pushsvc.wire.gate import refusal
from pushsvc.wire.notification import readPublish
from pushsvc.wire.stanza import stripNamespace
from pushsvc.wire.view import DomishView, viewOf
from pushsvc.xmpp.handlers import makeHandlers
from pushsvc.xmpp.ongoing import Ongoing
from pushsvc.xmpp.sessions import Sessions
from tests.fuzz.bugs import noBugs
from tests.fuzz.parsing import HEADER, parsed
from tests.fuzz.publisher import PUBLISHER_TARGETS
from tests.fuzz.servers import dialback, external, outgoing
from tests.links.reference import said, stanzasIn
from tests.xmpp.world import World

LIMITS = (
    AUTHENTICATED,
    Limits(size=10_000, elements=100),
    Limits(size=300, elements=8, depth=5, tag=150),
    Limits(size=300, elements=8, depth=5, tag=150, skips=True),
)
PIECES = (1_000_000, 1, 7, 64)


def xml(data: bytes) -> None:
    """
    What is read of a stream's XML: the first byte says within which limits and in which pieces, the rest is read.
    """
    if not data:
        return
    limits, piece = LIMITS[data[0] % 4], PIECES[data[0] // 4 % 4]
    whole, wholeFault = _read(data[1:], limits, len(data))
    cut, cutFault = _read(data[1:], limits, piece)
    shorter, longer = sorted((whole, cut), key=len)
    # In pieces an unfinished tag may be too much before it is seen where it ends, or what else is wrong.
    assert shorter == longer[: len(shorter)]
    if not isinstance(wholeFault, TooMuch) and not isinstance(cutFault, TooMuch):
        assert whole == cut and (wholeFault is None) == (cutFault is None)


def _read(data: bytes, limits: Limits, piece: int) -> tuple[list[Any], StreamFault | None]:
    seen: list[Any] = []

    def onStanza(stanza: Element) -> None:
        depth, elements = _measured(stanza)
        assert depth + 1 <= limits.depth and elements <= limits.elements
        seen.append(_saidBy(stanza))
        again, fault = parsed(HEADER + written(stanza, "jabber:server").encode())
        assert fault is None and [_saidBy(each) for each in again] == seen[-1:]

    reader = ElementStream(limits)
    reader.DocumentStartEvent = lambda header: seen.append("header")
    reader.ElementEvent = onStanza
    reader.RefusedEvent = lambda stanza: seen.append(("refused", stanza.name))
    reader.DocumentEndEvent = lambda: seen.append("end")
    try:
        for start in range(0, len(data), piece):
            reader.parse(data[start : start + piece])
    except StreamFault as e:
        return seen, e
    return seen, None


def _measured(element: Element) -> tuple[int, int]:
    within = [_measured(child) for child in element.elements()]
    return 1 + max((depth for depth, _ in within), default=0), 1 + sum(elements for _, elements in within)


def _saidBy(element: Element) -> Any:
    """
    All that an element says, however it is spelled; ends of lines are the writer's business.
    """
    children: list[Any] = []
    for child in element.children:
        if isinstance(child, str) and children and isinstance(children[-1], str):
            children[-1] += child
        else:
            children.append(child if isinstance(child, str) else _saidBy(child))
    texts = [_lines(child) if isinstance(child, str) else child for child in children]
    attributes = sorted((name, re.sub("[\n\t]", " ", _lines(value))) for name, value in _attributesOf(element))
    return (element.uri or "", element.name, attributes, texts)


def _attributesOf(element: Element) -> Iterator[tuple[str, str]]:
    for name, value in element.attributes.items():
        yield (f"{{{name[0]}}}{name[1]}" if isinstance(name, tuple) else name), value


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def forms(data: bytes) -> None:
    """
    Forms, wherever they stand.
    """
    for stanza in parsed(HEADER + data)[0]:
        for element in (stanza, *stanza.elements()):
            view = DomishView(element)
            every = readEveryValue(view)
            with suppress(RequestError):
                fields = readFields(view)
                assert dict(fields) == every
                rewritten = DomishView(writeResult(tuple(every.items())))
                assert readEveryValue(rewritten) == every
                for name in fields:
                    with suppress(RequestError):
                        fields.one(name)
            with suppress(RequestError):
                found = findForm(view, "urn:xmpp:push:summary")
                assert found is None or formTypeOf(found) == "urn:xmpp:push:summary"


def trees(data: bytes) -> None:
    """
    Stanzas as the parser built them: their content becomes domish as Twisted would have made it, and until then it is
    read as it will be after that.
    """
    found, passing, changed = parsed(HEADER + data)[0], parsed(HEADER + data, 64)[0], parsed(HEADER + data)[0]
    read = [_readBy(stanza) for stanza in found]
    # Twisted has other faults.
    shorter, longer = sorted(([said(stanza) for stanza in found], list(map(said, stanzasIn(HEADER + data)))), key=len)
    assert shorter == longer[: len(shorter)]
    assert read == [_readBy(stanza) for stanza in found]
    assert all(isinstance(viewOf(stanza), DomishView) for stanza in found)
    for stanza, other in zip(passing, changed, strict=True):
        assert other.children is not None
        assert _passes(stanza) == _passes(other)
        assert said(stanza) == said(other)


def _readBy(stanza: Element) -> Any:
    found: list[Any] = []
    for view in (viewOf(stanza), *viewOf(stanza).elements()):
        found += [view.qname, view.text, view.count, readEveryValue(view)]
        with suppress(RequestError):
            found.append(dict(readFields(view)))
        with suppress(RequestError):
            found.append(findForm(view, "urn:xmpp:push:summary"))
    try:
        publish = readPublish(viewOf(stanza), "push.example", "evil.example")
        found += [publish, dict(publish.options)]
    except RequestError as e:
        found += [type(e), str(e), getattr(e, "app", None)]
    return found


def _passes(stanza: Any) -> Any:
    stripNamespace(stanza)
    answer = refusal(stanza)
    return stanza.handled, None if answer is None else answer.toXml()


def stanzas(data: bytes) -> None:
    """
    Whole stanzas, from the gate to the answer: publishes, commands, discovery and whatever else. Every request gets
    one answer, everything else none. ``[session]`` is the session of the command before.
    """
    clock, world = Clock(), World()
    manager = TestableStreamManager(reactor=object())
    manager.timeout = None
    for handler in makeHandlers(world.hosts, Sessions(clock), Ongoing(clock), "7"):
        handler.setHandlerParent(manager)
    output: list[Element] = manager.stub.output
    session = b"none"
    with noBugs():
        # What is broken on purpose is no find.
        for line in data.replace(b"broken", b"busy").split(b"\n\n"):
            for stanza in parsed(HEADER + line.replace(b"[session]", session))[0]:
                if stanza.name in ("iq", "message", "presence"):
                    stripNamespace(stanza)
                    session = _handed(manager, stanza, output) or session


def _handed(manager: Any, stanza: Element, output: list[Element]) -> bytes | None:
    asked = dict(stanza.attributes)
    before = len(output)
    manager.stub.send(stanza)
    answers = output[before:]
    sender, recipient = addressOf(asked.get("from", "")), addressOf(asked.get("to", ""))
    isRequest = stanza.name == "iq" and asked.get("type") not in ("result", "error")
    if sender is None or not isRequest:
        assert not answers or stanza.name == "presence"
        return None
    if recipient is not None:
        (answer,) = answers
        assert (answer["to"], answer["from"]) == (asked["from"], asked["to"])
    for answer in answers:
        assert answer.name == "iq" and answer["type"] in ("result", "error") and answer["to"] == asked["from"]
        assert answer.getAttribute("id") == asked.get("id")
        again, fault = parsed(HEADER + written(answer, "jabber:server").encode())
        assert fault is None and len(again) == 1
        if answer["type"] == "error":
            for section in (PUBSUB, COMMANDS):
                assert isinstance(readError(DomishView(answer), section), RequestError | TryLater)
        elif answer.command is not None:
            return str(answer.command["sessionid"]).encode()
    return None


def addresses(data: bytes) -> None:
    """
    JIDs: what is one stays the same when it is prepared again.
    """
    text = data.decode("utf-8", "replace")
    address = addressOf(text)
    if address is not None:
        assert addressOf(address.full) == address
        assert addressOf(address.bare) == (address.bare, address.bare, address.local, address.domain, None)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "xml": xml,
    "forms": forms,
    "trees": trees,
    "stanzas": stanzas,
    "dialback": dialback,
    "external": external,
    "outgoing": outgoing,
    "addresses": addresses,
    **PUBLISHER_TARGETS,
}
