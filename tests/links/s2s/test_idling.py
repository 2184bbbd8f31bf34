"""
What time does to streams: to those that nobody uses, to peers that fall silent, to certificates.
"""

from time import time
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.task import Clock
from twisted.words.protocols.jabber.error import StanzaError

from tests.links.s2s.raw import RawServer, dial
from tests.links.s2s.world import Party, World

US = "push.example"
OTHER = "other.example"
THEM = "chat.example"


@pytest.fixture
def us(world: World) -> Party:
    """
    Ourselves.
    """
    return world.party(US, OTHER)


@pytest_twisted.ensureDeferred
async def test_idleStreamsAreClosedAndOpenedAgain(world: World, us: Party) -> None:
    """
    Ten minutes after the last word the stream is closed, by who opened it; the next word opens another.
    """
    them = world.party(THEM)
    await world.come(us.ping(US, THEM))

    world.clock.advance(595)
    await world.turn(3)
    before = len(us.link._streams)
    world.clock.advance(15)
    await world.until(lambda: not us.link._streams and not them.link._streams)
    answer = await world.come(us.ping(US, THEM))

    assert (1, "result") == (before, answer["type"])


@pytest_twisted.ensureDeferred
async def test_6120_whatComesWhileWeCloseIsTaken(world: World, us: Party) -> None:
    """
    6120 section 4.4: What a peer has said before it heard that we close an idle stream is not lost.
    """
    peer = await dial(world, us.port)
    await peer.prove(THEM, US, world.certificate(THEM))

    world.clock.advance(3600 + 15)
    await peer.hears("</stream:stream>")
    peer.say(f"<message from='{THEM}' to='{US}' id='late'/></stream:stream>")
    await peer.isRefused()

    assert ["late"] == [stanza["id"] for stanza in us.received]


@pytest_twisted.ensureDeferred
async def test_whatComesWhileWeStopIsNobodys(world: World, us: Party) -> None:
    """
    What a peer says while we stop is handed to nobody: it could not be answered, and who asks again is heard.
    """
    peer = await dial(world, us.port)
    await peer.prove(THEM, US, world.certificate(THEM))

    stopping = us.link.stopService()
    peer.say(f"<message from='{THEM}' to='{US}' id='late'/>")
    await peer.hears("</stream:stream>")
    peer.say("</stream:stream>")
    await world.come(stopping)

    assert [] == us.received


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("oursToo", [False, True])
async def test_6120_streamsEndWithTheirCertificates(
    world: World, clock: Clock, logEvents: list[Any], oursToo: bool
) -> None:
    """
    6120 section 13.7.2.3: A stream that a certificate has opened is closed when that expires, whoever opened it; what
    there is to say then goes by another one.
    """
    # Certificates here are good for thirty days.
    clock.rightNow = time() + 30 * 86_400 - 600
    us = world.party(US, certificates=None if oursToo else {US: world.certificate(US, trusted=False)})
    them = world.party(THEM, bidi=oursToo)
    await world.come((them if oursToo else us).ping(*((THEM, US) if oursToo else (US, THEM))))
    (stream,) = us.link._streams if oursToo else us.outgoing
    world.clock.advance(300)
    await world.turn(3)
    before = stream.usable
    world.clock.advance(600)
    await world.until(lambda: stream not in us.link._streams)
    answer = await world.come(us.ping(US, THEM))

    assert (True, "result") == (before, answer["type"])
    assert "reset" == stream.why


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "said", [" ", "<db:verify from='chat.example' to='push.example' id='their-id'>key</db:verify>"]
)
async def test_peersDoNotKeepOurStreams(world: World, us: Party, said: str) -> None:
    """
    A stream that we opened and have no use for is closed, whatever the peer says to keep it.
    """
    server = RawServer(world, THEM)
    us.say(US, THEM, "hello")
    peer = await server.secured(THEM, world.certificate(THEM))
    await peer.hears("<db:result")
    peer.say(f"<db:result from='{THEM}' to='{US}' type='valid'/>")
    await peer.hears("<body>hello<")

    for _ in range(10):
        peer.say(said)
        await world.turn(5)
        world.clock.advance(60)
        await world.turn(5)
    soFar = peer.heard
    world.clock.advance(15)

    await peer.hears("</stream:stream>")
    assert "</stream:stream>" not in soFar
    assert "<db:verify " in soFar or said == " "


@pytest_twisted.ensureDeferred
async def test_streamsInUseAreKept(world: World, us: Party) -> None:
    """
    Stanzas in either direction keep a stream.
    """
    them = world.party(THEM)
    await world.come(us.ping(US, THEM))
    (stream,) = us.outgoing

    def messages(party: Party) -> int:
        return sum(stanza.name == "message" for stanza in party.received)

    for sender, hearer in ((us, them), (them, us)) * 2:
        before = messages(hearer)
        world.clock.advance(590)
        sender.say(sender.hosts[0], hearer.hosts[0], "hello")
        await world.until(lambda hearer=hearer, before=before: messages(hearer) > before)

    assert [stream] == us.outgoing
    assert 2 == messages(us)
    assert [stream] == list(us.link._streams)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("bidi", [False, True])
async def test_quietPeersAreAskedFirst(world: World, us: Party, bidi: bool) -> None:
    """
    After a minute of silence a ping goes first, and what there is to say follows the answer.
    """
    them = world.party(THEM, bidi=bidi)
    await world.come(us.ping(US, THEM))
    world.clock.advance(61)

    answer = await world.come(us.ping(US, THEM))

    asked = [next(iter(stanza.elements())).name for stanza in them.received if stanza["type"] == "get"]
    assert ["query", "ping", "query"] == asked
    assert "result" == answer["type"]


@pytest_twisted.ensureDeferred
async def test_frozenPeersAreLeft(world: World, us: Party) -> None:
    """
    A peer that answers nothing any more is hung up on, and what was to be said goes by another stream.
    """
    them = world.party(THEM)
    await world.come(us.ping(US, THEM))
    (frozen,) = us.outgoing
    for stream in them.incoming:
        stream.transport.pauseProducing()
    world.clock.advance(61)

    us.say(US, THEM, "hello")
    await world.turn(3)
    world.clock.advance(10)
    await world.until(lambda: them.received[-1].name == "message")

    assert "it does not answer" == frozen.why


@pytest_twisted.ensureDeferred
async def test_whoComesToUsIsAnsweredInSpiteOfBackOff(world: World, us: Party) -> None:
    """
    A server that was down for long and is back gets its answers at once.
    """
    nowhere = RawServer(world)
    world.places[THEM] = [nowhere.candidate()]
    await world.come(world.cleanups.pop()())
    for _ in range(5):
        with pytest.raises(StanzaError):
            await world.come(us.ping(US, THEM))
        world.clock.advance(8)

    them = world.party(THEM, bidi=False)
    answer = await world.come(them.ping(THEM, US))

    assert "result" == answer["type"]


@pytest_twisted.ensureDeferred
async def test_restartedPeersAreAnsweredWhereTheyAre(world: World, us: Party) -> None:
    """
    A peer that vanished and came back is answered, bidi or not, while its former streams still look alive.
    """
    them = world.party(THEM)
    await world.come(them.ping(THEM, US))
    for stream in them.incoming + them.outgoing:
        # Whatever is said to it from now on is lost.
        stream.transport.stopReading()
        them.link._streams.discard(stream)
        world.cleanups.append(stream.transport.abortConnection)
    them.link._routes.clear()

    answer = await world.come(them.ping(THEM, US))

    assert "result" == answer["type"]


@pytest_twisted.ensureDeferred
async def test_routesDoNotPileUp(world: World, us: Party) -> None:
    """
    Domains that we had something to say to are forgotten once nothing is left of it.
    """
    for number in range(10):
        us.say(US, f"d{number}.example")
    await world.until(lambda: all(not route._opening for route in us.link._routes.values()))
    before = len(us.link._routes)

    world.clock.pump([16] * 25)

    assert (10, 0) == (before, len(us.link._routes))
