"""
Streams that we open, to servers made by hand.
"""

import pytest
import pytest_twisted
from twisted.words.protocols.jabber.error import StanzaError

from tests.links.s2s.raw import FAILURE, FEATURES, MECHANISMS, PROCEED, STARTTLS, SUCCESS, RawServer, header
from tests.links.s2s.world import Party, World
from tests.standins.certificates import Certificate

US = "push.example"
THEM = "chat.example"
VALID = f"<db:result from='{THEM}' to='{US}' type='valid'/>"


@pytest.fixture
def us(world: World) -> Party:
    """
    Ourselves.
    """
    return world.party(US)


@pytest.fixture
def theirs(world: World) -> Certificate:
    """
    Their certificate.
    """
    return world.certificate(THEM)


@pytest_twisted.ensureDeferred
async def test_EXTERNALThenStanzas(world: World, us: Party, theirs: Certificate) -> None:
    """
    We say who we are, and nothing else until the stream has begun anew.
    """
    server = RawServer(world, THEM)
    us.say(US, THEM, "hello")
    peer = await server.secured(THEM, theirs, MECHANISMS)
    await peer.hears("<auth[^>]*mechanism='EXTERNAL'[^>]*>cHVzaC5leGFtcGxl</auth>")

    peer.say(SUCCESS)
    await peer.hears("<stream:stream[^>]*>")
    await world.turn(5)
    before = peer.heard
    peer.say(header(THEM, streamId="three") + FEATURES % "")
    await peer.hears("<message.*hello")

    assert "hello" not in before


@pytest_twisted.ensureDeferred
async def test_whenOurCertificateIsRefusedDialbackFollows(world: World, us: Party, theirs: Certificate) -> None:
    """
    On the same stream, with its id.
    """
    server = RawServer(world, THEM)
    us.say(US, THEM, "hello")
    peer = await server.secured(THEM, theirs, MECHANISMS)
    await peer.hears("<auth")

    peer.say(FAILURE)
    claim = await peer.hears("<db:result[^>]*>([0-9a-f]{64})</db:result>")
    peer.say(VALID)
    await peer.hears("<message.*hello")

    assert claim[1] == us.link._ourselves.keys.key(THEM, US, "two")
    assert 1 == len(server.peers)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "ending",
    [
        FAILURE + "</stream:stream>",
        "</stream:stream>",
        "<stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
        None,
    ],
)
async def test_whenTheyHangUpOnOurCertificateThereIsAnotherStream(
    world: World, us: Party, theirs: Certificate, ending: str | None
) -> None:
    """
    Servers that end the stream over a certificate get another one, with dialback only.
    """
    server = RawServer(world, THEM)
    us.say(US, THEM, "hello")
    first = await server.secured(THEM, theirs, MECHANISMS)
    await first.hears("<auth")

    if ending is None:
        first.transport.abortConnection()
    else:
        first.say(ending)
    second = await server.secured(THEM, theirs, MECHANISMS)
    await second.hears("<db:result")
    second.say(VALID)
    await second.hears("<message.*hello")

    assert "<auth" not in second.heard
    assert 2 == len(server.peers)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("said", "isFinal"),
    [
        (header(THEM, streamId="one") + FEATURES % "", False),
        (header(THEM, streamId="one", version=""), False),
        (header(THEM, streamId="one") + STARTTLS, False),
        (header(THEM, streamId="one").replace("jabber:server'", "jabber:client'", 1), False),
        ("nonsense<", False),
        (
            header(THEM, streamId="one")
            + "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
            True,
        ),
        (
            header(THEM, streamId="one")
            + "<stream:error><system-shutdown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
            False,
        ),
    ],
)
async def test_withoutTLSNothingIsSaid(world: World, us: Party, said: str, isFinal: bool) -> None:
    """
    A server that has no TLS, or is none, gets nothing; the next one of the domain does, unless the domain itself has
    spoken.
    """
    server, other = RawServer(world, THEM), RawServer(world)
    world.places[THEM] = [server.candidate(), other.candidate()]
    asking = us.ping(US, THEM)
    peer = await server.next()
    await peer.hears("<stream:stream[^>]*>")

    peer.say(said)
    await world.until(lambda: peer.ended or other.peers)
    if not isFinal:
        (await other.next()).transport.abortConnection()

    with pytest.raises(StanzaError) as refusal:
        await world.come(asking)
    assert ("wait", "remote-server-timeout") == (refusal.value.type, refusal.value.condition)
    assert isFinal == (not other.peers)
    assert "<iq" not in peer.heard


@pytest_twisted.ensureDeferred
async def test_whatComesBehindProceedIsForgotten(world: World, us: Party, theirs: Certificate) -> None:
    """
    What somebody put behind ``<proceed/>`` is not taken as if it had come under TLS.
    """
    server = RawServer(world, THEM)
    us.say(US, THEM, "hello")
    peer = await server.next()
    await peer.hears("<stream:stream[^>]*>")
    peer.say(header(THEM, streamId="one") + FEATURES % STARTTLS)
    await peer.hears("<starttls")

    peer.say(PROCEED + header(THEM, streamId="evil") + FEATURES % "" + VALID)
    peer.startTLS(theirs)
    await server.greet(peer, THEM, "")
    claim = await peer.hears("<db:result[^>]*>([0-9a-f]{64})</db:result>")
    await world.turn(5)

    assert claim[1] == us.link._ourselves.keys.key(THEM, US, "two")
    assert "hello" not in peer.heard


@pytest_twisted.ensureDeferred
async def test_aServerWithoutVersionIsDialledBack(world: World, us: Party, theirs: Certificate) -> None:
    """
    Before there were features there was dialback, and under direct TLS it is as good as ever.
    """
    server = RawServer(world, direct=theirs)
    world.places[THEM] = [server.candidate(direct=True)]
    us.say(US, THEM, "hello")
    peer = await server.next()
    await peer.hears("<stream:stream[^>]*>")

    peer.say(header(THEM, streamId="two", version=""))
    await peer.hears("<db:result")
    peer.say(VALID)

    await peer.hears("<message.*hello")


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("step", ["header", "features", "TLS", "dialback"])
async def test_everyStepHasItsTime(world: World, us: Party, theirs: Certificate, step: str) -> None:
    """
    A server that falls silent, wherever, is given up after half a minute, and the next one tried.
    """
    server, other = RawServer(world, THEM), RawServer(world)
    world.places[THEM] = [server.candidate(), other.candidate()]
    us.say(US, THEM)
    if step == "dialback":
        peer = await server.secured(THEM, theirs)
        await peer.hears("<db:result")
    else:
        peer = await server.next()
        await peer.hears("<stream:stream[^>]*>")
    if step in ("features", "TLS"):
        peer.say(header(THEM, streamId="one") + (FEATURES % STARTTLS if step == "TLS" else ""))
    if step == "TLS":
        await peer.hears("<starttls")
        peer.say(PROCEED)
        await world.until(lambda: "\x16" in peer.heard)

    await world.turn(3)
    world.clock.advance(30)

    (await other.next()).transport.abortConnection()
    await world.until(lambda: not us.link._streams)


@pytest_twisted.ensureDeferred
async def test_allOfItHasItsTime(world: World, us: Party) -> None:
    """
    However many servers a domain has, after a minute the stanzas come back.
    """
    servers = [RawServer(world) for _ in range(4)]
    world.places[THEM] = [server.candidate() for server in servers]
    asking = us.ping(US, THEM)

    for server in servers[:2]:
        await (await server.next()).hears("<stream:stream[^>]*>")
        world.clock.advance(30)

    with pytest.raises(StanzaError) as refusal:
        await world.come(asking)
    assert ("wait", "remote-server-timeout") == (refusal.value.type, refusal.value.condition)
    assert [] == servers[3].peers


@pytest_twisted.ensureDeferred
async def test_unreadStreamsAreGivenUp(world: World, us: Party, theirs: Certificate) -> None:
    """
    A server that takes our stream and does not read from it is hung up on after half a minute. What waits comes back;
    another stream is tried a moment later.
    """
    server = RawServer(world, THEM)
    us.say(US, THEM, "first")
    peer = await server.secured(THEM, theirs)
    await peer.hears("<db:result")
    peer.say(VALID)
    await peer.hears("<message.*first")

    peer.transport.pauseProducing()
    stream = us.outgoing[0]
    full = 0
    # There may be a little room left between us, more than once.
    while full < 50:
        full = full + 1 if stream.congested else 0
        if not full:
            us.say(US, THEM, "x" * 100_000)
        await world.turn()
    us.say(US, THEM, "waits")
    world.clock.advance(30)
    await world.until(lambda: us.received)
    world.clock.advance(1)
    us.say(US, THEM, "last")
    again = await server.secured(THEM, theirs)
    await again.hears("<db:result")
    again.say(VALID)

    await again.hears("<message.*last")
    assert "it does not read" == stream.why
    assert "waits" not in again.heard
    assert {"error"} == {stanza["type"] for stanza in us.received}
