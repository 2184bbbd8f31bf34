"""
The component link, against a server on this machine: what the configuration says, and the stanzas that it carries.
"""

import socket
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.words.protocols.jabber.xmlstream import toResponse
from wokkel.generic import FallbackHandler
from zope.interface.verify import verifyObject

from pushsvc import kinds
from pushsvc.config import ConfigurationError, build
from pushsvc.ipushsvc import ILink
from pushsvc.links import component
from tests.links.house import DOMAIN, House, events, message, reactor, turns
from tests.links.peer import SECRET, Recorder

# What the configuration says


def options(**table: Any) -> component.Options:
    """
    ``[[links]]`` with these keys besides the usual.
    """
    usual = {"kind": "component", "endpoint": "tcp:127.0.0.1:5347", "domain": DOMAIN}
    return build(component.Options, {**usual, **table}, "links[0]")


def test_itIsALink() -> None:
    """
    ``kind = "component"`` is a link of its domain, and of no other.
    """
    link = component.makeLink(options(secret=SECRET), [DOMAIN], reactor)

    verifyObject(ILink, link)
    assert component is kinds.load("links", "component")
    assert ["component"] == [name for name in kinds.names("links") if name == "component"]
    assert (True, False) == (link.serves(DOMAIN), link.serves("sub." + DOMAIN))


def test_secretsAreReadFromFiles(tmp_path: Path) -> None:
    """
    The secret may stand in a file of its own, and is shown nowhere.
    """
    (tmp_path / "secret").write_text(SECRET + "\n")

    fromFile = options(**{"secret-file": str(tmp_path / "secret")})

    assert component.makeLink(fromFile, [DOMAIN], reactor)
    assert SECRET not in repr(fromFile) + repr(options(secret=SECRET))


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({}, "secret-file .* is missing"),
        ({"secret": SECRET, "domain": "user@push.example"}, "not a domain"),
        ({"secret": SECRET, "domain": "@"}, "not a domain"),
        ({"secret": SECRET, "domain": "other.example"}, r'\[hosts."other.example"\] is missing'),
        ({"secret": SECRET, "endpoint": "carrier-pigeon:5347"}, "carrier-pigeon"),
    ],
)
def test_whatCannotWorkIsSaidAtOnce(table: dict[str, Any], complaint: str) -> None:
    """
    Options that cannot work are found before anything starts.
    """
    with pytest.raises(ConfigurationError, match=complaint) as refusal:
        component.makeLink(options(**table), [DOMAIN], reactor)

    assert SECRET not in str(refusal.value)


# Stanzas


@pytest_twisted.ensureDeferred
async def test_stanzasReachHandlersAndAnswersLeave(house: House) -> None:
    """
    What the server sends reaches every handler, and what they answer reaches the server.
    """
    other = Recorder("/iq")
    house.link.addHandlers([other])
    await house.attach()

    house.server.send("<iq type='get' id='1' from='a@example.org/b' to='push.example'><x xmlns='y'/></iq>")
    request = await house.handler.received.get()
    assert request is await other.received.get()
    house.handler.send(toResponse(request, "result"))

    answer = await house.server.received.get()
    assert ("result", "1", "push.example", "a@example.org/b") == tuple(
        answer[name] for name in ("type", "id", "from", "to")
    )


@pytest_twisted.ensureDeferred
async def test_stanzasInPiecesOfOneByte(house: House) -> None:
    """
    It does not matter how the network cuts what the server sends.
    """
    await house.attach()

    for byte in "<message from='example.org' to='push.example'><body>ü</body></message>".encode():
        house.server.stream.transport.write(bytes([byte]))
        await turns(1)

    assert "ü" == str((await house.handler.received.get()).body)


@pytest_twisted.ensureDeferred
async def test_stanzasSayWhereTheyComeFrom(house: House) -> None:
    """
    What does not say whom it is from is from the domain of the link.
    """
    await house.attach()

    house.link.send(message("hello"))

    assert DOMAIN == (await house.server.received.get())["from"]


@pytest_twisted.ensureDeferred
async def test_stanzasForOthersAreNotHandedOn(house: House) -> None:
    """
    A link takes what is for its own domain, however that is spelled, and nothing else.
    """
    await house.attach()

    house.server.send("<message from='example.org'/>")
    for to in ("other.example", "evil.push.example", "", "@", "a..b", "PUSH.example/1", "a@push.example"):
        house.server.send(f"<message from='example.org' to='{to}'/>")

    assert "PUSH.example/1" == (await house.handler.received.get())["to"]
    assert "a@push.example" == (await house.handler.received.get())["to"]


@pytest_twisted.ensureDeferred
async def test_theGateIsAsked(house: House) -> None:
    """
    A stanza that the gate answers reaches no handler.
    """
    refused = message("refused")
    refused["from"] = DOMAIN
    house.link.gate = lambda stanza: refused if stanza.getAttribute("id") == "1" else None
    await house.attach()

    house.server.send("<message id='1' from='example.org' to='push.example'/>")
    house.server.send("<message id='2' from='example.org' to='push.example'/>")

    assert "refused" == str((await house.server.received.get()).body)
    assert "2" == (await house.handler.received.get())["id"]


@pytest_twisted.ensureDeferred
async def test_stanzasFromNowhereAreDropped(house: House) -> None:
    """
    What cannot be answered reaches no handler, whatever it is.
    """
    await house.attach()

    for sender in ("", "@", "example.org"):
        house.server.send(f"<message from='{sender}' to='push.example'/>")

    assert "example.org" == (await house.handler.received.get())["from"]


@pytest_twisted.ensureDeferred
async def test_theServerHearsOnlyOurDomain(house: House) -> None:
    """
    No answer is from a domain that is not ours: the server would hang up on us.
    """
    await house.attach()

    for to in ("@other.example", "@push.example"):
        house.server.send(f"<iq type='get' id='1' from='example.org' to='{to}'><ping xmlns='urn:xmpp:ping'/></iq>")

    answer = await house.server.received.get()
    assert ("push.example", "error") == (answer["from"], answer["type"])
    assert [] == house.server.received.pending


@pytest_twisted.ensureDeferred
async def test_aChildNamedHandled(house: House) -> None:
    """
    An IQ with a child element named ``handled`` is still nobody's, and gets an answer.
    """
    house.link.addHandlers([FallbackHandler()])
    await house.attach()

    house.server.send("<iq type='get' id='1' from='example.org' to='push.example'><handled xmlns='x'/></iq>")

    assert "service-unavailable" in (await house.server.received.get()).toXml()


@pytest_twisted.ensureDeferred
async def test_W9_strangersCannotEndTheLink(house: House) -> None:
    """
    W-9: A stanza that is too large, which anybody can have the server pass on, is refused; the link stays.
    """
    await house.attach()

    for content in ("x" * 300_000, "<a>" * 100 + "</a>" * 100, "<a/>" * 5_000, "<a xmlns='b c'/>"):
        house.server.send(f"<iq type='set' id='1' from='a@example.org' to='push.example'><x>{content}</x></iq>")
    house.server.send("<message from='example.org' to='push.example'/>")

    for _ in range(3):
        assert "policy-violation" in (await house.server.received.get()).toXml()
    assert "iq" == (await house.handler.received.get()).name
    assert "message" == (await house.handler.received.get()).name
    assert 1 == house.server.attempts


@pytest.mark.parametrize(
    ("evil", "condition"),
    [
        ("<!-- a comment -->", "restricted-xml"),
        ("<!DOCTYPE x>", "not-well-formed"),
        ("<message to='push.example' x='" + "y" * 1_100_000 + "'/>", "policy-violation"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_W6_serversThatMisbehaveAreLeftAndTriedAgain(
    house: House, logEvents: list[Any], evil: str, condition: str
) -> None:
    """
    W-6, W-9: What no server may send ends the stream, and after a while there is a new one.
    """
    await house.attach()

    house.server.send(evil)
    await house.handler.lost.get()
    house.clock.advance(1)

    await house.handler.initialized.get()
    assert f"push.example: the connection to its server is lost: {condition}" in events(logEvents)


@pytest_twisted.ensureDeferred
async def test_answersAreNotHeldBack(house: House) -> None:
    """
    TCP_NODELAY is set, and a server that vanished is noticed within two minutes.
    """
    await house.attach()

    handle = house.link.xmlstream.transport.getHandle()

    assert 1 == handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert 1 == handle.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) <= 60
    # Whether or not something is on its way to it.
    assert 0 < handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) <= 120_000
