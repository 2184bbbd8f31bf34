"""
TLS between servers: whose certificate is shown to whom, and what is said of the protocol.
"""

import pytest
import pytest_twisted
from twisted.python.failure import Failure

from pushsvc.links.s2s.tls import Certificates
from tests.links.s2s.authorities import TLS12, TLS13, files, only
from tests.links.s2s.handshaking import Stranger, handshake
from tests.standins.certificates import domain


@pytest.mark.parametrize(
    ("host", "name", "shown"),
    [
        ("push.example", None, "push.example"),
        ("PUSH.example", None, "push.example"),
        ("bücher.example", None, "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", None, "xn--bcher-kva.example"),
        ("other.example", None, "default.example"),
        ("", None, "default.example"),
        # The stream header has been read: it goes before what TLS asks for.
        ("push.example", b"xn--bcher-kva.example", "push.example"),
        ("other.example", b"push.example", "default.example"),
        (None, b"push.example", "push.example"),
        (None, b"PUSH.example", "push.example"),
        (None, b"xn--bcher-kva.example", "xn--bcher-kva.example"),
        (None, b"other.example", "default.example"),
        (None, b"..", "default.example"),
        (None, b"\xff\xfe", "default.example"),
        (None, None, "default.example"),
    ],
)
@pytest.mark.parametrize("versions", [TLS12, TLS13])
@pytest_twisted.ensureDeferred
async def test_0368_1_theCertificateIsThatOfTheHostAskedFor(ours, ca, host, name, shown, versions):
    """
    STARTTLS: that of the stream header's ``to``. Direct TLS: that of the server name in TLS. Else the default.
    """
    peer = Stranger(ca.issue("peer.example"), versions, serverName=name)

    accepted, theirs = await handshake(ours.forAccepting(host, host is None), peer)

    assert [shown] == theirs.names
    assert accepted.verdict.trusted


@pytest_twisted.ensureDeferred
async def test_withoutADefaultTheFirstHostIsIt(ca):
    """
    Where no default is configured, the first host's certificate is shown to whoever asks for an unknown one.
    """
    ours = Certificates({"a.example": files(ca.issue("a.example")), "b.example": files(ca.issue("b.example"))})

    _, theirs = await handshake(ours.forAccepting(None, True), Stranger(serverName=b"c.example"))

    assert ["a.example"] == theirs.names


@pytest_twisted.ensureDeferred
async def test_theWholeChainIsShown(ca):
    """
    Those certificates that lead to the root are sent along, in both roles.
    """
    ours = only(ca.below().issueTo(domain("push.example")), ca)

    _, theirs = await handshake(ours.forAccepting(None, False), Stranger())
    accepted, _ = await handshake(
        Stranger(ca.issue("a.example")), ours.forConnecting("push.example", "a.example", False)
    )

    assert (2, 1) == (theirs.chain, accepted.chain)


@pytest.mark.parametrize(
    ("direct", "offered", "agreed"),
    [
        (True, (), b""),
        (True, (b"xmpp-server",), b"xmpp-server"),
        (True, (b"h2", b"xmpp-server"), b"xmpp-server"),
        # Prosody offers it behind STARTTLS, too.
        (False, (b"xmpp-server",), b""),
        (False, (b"xmpp-client",), b""),
    ],
)
@pytest_twisted.ensureDeferred
async def test_0368_1_theProtocolIsNamedInDirectTLS(ours, direct, offered, agreed):
    """
    ALPN ``xmpp-server`` is chosen in direct TLS where it is offered, and not missed where nothing is.
    """
    accepted, theirs = await handshake(ours.forAccepting("push.example", direct), Stranger(protocols=offered))

    assert agreed == accepted.protocol == theirs.protocol


@pytest_twisted.ensureDeferred
async def test_0368_1_whoSpeaksSomethingElseIsToldSo(ours):
    """
    A client that offers other protocols only gets the alert that says so.
    """
    accepted, theirs = await handshake(ours.forAccepting(None, True), Stranger(protocols=(b"xmpp-client",)))

    assert isinstance(accepted, Failure)
    assert isinstance(theirs, Failure)
    assert "no application protocol" in str(theirs.value)


@pytest_twisted.ensureDeferred
async def test_0368_1_serversThatDoNotKnowALPNAreFine(ours, ca):
    """
    Connecting by direct TLS, we do not insist on an answer to ALPN.
    """
    accepted, connected = await handshake(
        Stranger(ca.issue("a.example")), ours.forConnecting("push.example", "a.example", True)
    )

    assert connected.verdict.trusted
    assert b"" == connected.protocol
    assert b"a.example" == accepted.asked


@pytest.mark.parametrize(("peer", "asked"), [("127.0.0.1", None), ("[::1]", None), ("bücher.example", True)])
@pytest_twisted.ensureDeferred
async def test_theServerNameIsADomain(ours, ca, peer, asked):
    """
    TLS asks for a domain in A-labels; addresses are not asked for.
    """
    accepted, _ = await handshake(Stranger(ca.issue("a.example")), ours.forConnecting("push.example", peer, False))

    assert (b"xn--bcher-kva.example" if asked else None) == accepted.asked
