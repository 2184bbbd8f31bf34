"""
The link as a service: what handlers see of it, and how it starts and stops.
"""

from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.error import CannotListenError, ConnectionDone
from twisted.internet.task import Clock
from twisted.logger import LogLevel, capturedLogs, formatEvent
from twisted.python.failure import Failure
from twisted.words.protocols.jabber.error import StanzaError
from twisted.words.protocols.jabber.jid import JID
from twisted.words.xish.domish import Element
from wokkel.generic import Request
from zope.interface.verify import verifyObject

from pushsvc.config import ConfigurationError
from pushsvc.ipushsvc import ILink
from pushsvc.links.s2s.link import S2SLink
from pushsvc.links.s2s.ourselves import Settings
from pushsvc.links.s2s.whence import whenceOf
from pushsvc.wire.errors import errorElement
from pushsvc.wire.replies import errorReply
from tests.links.peer import Recorder
from tests.links.s2s.raw import RawServer, dial
from tests.links.s2s.world import Party, World, message
from tests.servers.rig.ports import freePort

US = "push.example"
OTHER = "other.example"
THEM = "chat.example"


@pytest.fixture
def us(world: World) -> Party:
    """
    Ourselves.
    """
    return world.party(US, OTHER)


# Handlers


def test_itIsALink(us: Party) -> None:
    """
    It serves the hosts it is made for, and no other.
    """
    verifyObject(ILink, us.link)
    assert [True, True, False] == [us.link.serves(host) for host in (US, OTHER, THEM)]


@pytest_twisted.ensureDeferred
async def test_handlersLiveAsLongAsTheLink(world: World, us: Party) -> None:
    """
    For handlers there are no streams: they are connected when the link starts, or when they come, until it stops.
    """
    late = Recorder()
    us.link.addHandlers([late])
    them = world.party(THEM)
    await world.come(them.ping(THEM, US))
    await world.come(us.link.stopService())

    assert ["made", "initialized", "lost"] == us.handler.told == late.told


@pytest_twisted.ensureDeferred
async def test_aBrokenHandlerIsNobodyElsesTrouble(
    world: World, us: Party, loggedFailures: list[Failure], clock: Clock
) -> None:
    """
    A handler that fails when it is told something does not keep others from being told.
    """

    class Broken(Recorder):
        def connectionInitialized(self) -> None:
            raise ZeroDivisionError

    late = Recorder()
    us.link.addHandlers([Broken(), late])

    assert ["made", "initialized"] == late.told
    assert ["ZeroDivisionError"] == [str(failure.value) for failure in loggedFailures]
    loggedFailures.clear()


@pytest_twisted.ensureDeferred
async def test_theGateAnswersByTheWayBack(world: World, us: Party) -> None:
    """
    What the gate refuses is answered by a stream that may carry it.
    """
    them = world.party(THEM, bidi=False)
    us.link.gate = lambda stanza: errorReply(stanza, errorElement("cancel", "not-allowed"))

    with pytest.raises(StanzaError, match="not-allowed"):
        await world.come(them.ping(THEM, US))

    assert [] == us.received


@pytest_twisted.ensureDeferred
async def test_aBrokenGateCostsOneStanza(world: World, us: Party, loggedFailures: list[Failure]) -> None:
    """
    A bug in the gate is logged, and the stream goes on.
    """
    them = world.party(THEM)
    us.link.gate = lambda stanza: None if stanza.name == "iq" else 1 / 0  # type: ignore[return-value]
    them.say(THEM, US)
    await world.come(them.ping(THEM, US))

    assert ["iq"] == [stanza.name for stanza in us.received]
    assert ["ZeroDivisionError"] == [str(failure.value) for failure in loggedFailures]
    loggedFailures.clear()


@pytest.mark.parametrize("stanza", [message(THEM, THEM), message("@", THEM), message(US, "@"), Element((None, "iq"))])
def test_weSpeakForOurselvesOnly(us: Party, stanza: Element, logEvents: list[Any]) -> None:
    """
    A stanza that is not from one of us is a bug, and does not leave.
    """
    us.link.send(stanza)

    assert {} == us.link._routes
    assert [True] == ["bug" in event["log_format"] for event in logEvents if event.get("log_level")]


@pytest_twisted.ensureDeferred
async def test_onlyRequestsAreTracked(us: Party) -> None:
    """
    What gets no answer cannot be asked.
    """
    with pytest.raises(ValueError, match="not a request"):
        await us.link.request(Request(stanzaType="result"))


# Starting and stopping


@pytest_twisted.ensureDeferred
async def test_stoppingClosesEverything(world: World, us: Party, clock: Clock) -> None:
    """
    When the link stops its streams are closed, nobody can come in, requests end, and no time is left running.
    """
    them, silent = world.party(THEM), RawServer(world, "silent.example", "slow.example")
    await world.come(us.ping(US, THEM))
    await world.come(them.ping(THEM, OTHER))
    port = us.port
    them.link.gate = lambda stanza: setattr(stanza, "handled", True)
    unanswered, pending = us.ping(US, THEM), us.ping(US, "silent.example")
    await silent.next()
    halfOpen = await dial(world, port)
    claimant = await dial(world, port)
    await claimant.secure("slow.example", US, None)
    claimant.say("<db:result from='slow.example' to='push.example'>key</db:result>")
    await silent.next()

    stopping = us.link.stopService()
    await world.turn(10)
    world.clock.advance(5)
    await world.come(stopping)

    with pytest.raises(StanzaError, match="remote-server-timeout"):
        await world.come(pending)
    with pytest.raises(ConnectionDone):
        await world.come(unanswered)
    await world.until(lambda: halfOpen.ended and claimant.ended and not them.link._streams)
    assert set() == us.link._streams
    assert 2 == len(silent.peers)
    with pytest.raises(Exception, match="refused"):
        await dial(world, port)


@pytest_twisted.ensureDeferred
async def test_whatWasSaidLeaves(world: World, us: Party) -> None:
    """
    What was sent before the link stops arrives.
    """
    them = world.party(THEM)
    await world.come(us.ping(US, THEM))

    us.say(US, THEM, "x" * 200_000)
    us.say(US, THEM, "last words")
    stopping = us.link.stopService()
    await world.until(lambda: "last words" in them.received[-1].toXml())
    await world.come(stopping)


@pytest_twisted.ensureDeferred
async def test_itCanBeStartedAgain(world: World, us: Party) -> None:
    """
    What has stopped can start, and nothing is handled twice.
    """
    them = world.party(THEM)
    await world.come(us.link.stopService())
    us.link.startService()
    us.announce()

    await world.come(them.ping(THEM, US))
    await world.turn(5)

    assert 1 == len(us.received)


@pytest_twisted.ensureDeferred
async def test_takenPortsAreSaidAtOnce(world: World, us: Party) -> None:
    """
    A link that cannot listen does not start in silence.
    """
    endpoint = TCP4ServerEndpoint(world.reactor, us.port, interface="127.0.0.1")
    second = S2SLink([THEM], us.certificates, world.candidates, [(endpoint, False)], world.reactor, Settings())

    with pytest.raises(CannotListenError):
        second.startService()
    await world.come(second.stopService())


@pytest_twisted.ensureDeferred
async def test_halfAStartIsNone(world: World, us: Party, clock: Clock) -> None:
    """
    A link that can listen at one port only listens at none; nothing goes on, and it can be started later.
    """
    taken = us.port
    free = freePort()
    endpoints = [(TCP4ServerEndpoint(world.reactor, port, interface="127.0.0.1"), False) for port in (free, taken)]
    link = S2SLink([THEM], us.certificates, world.candidates, endpoints, world.reactor, Settings())
    handler = Recorder()
    link.addHandlers([handler])
    before = len(clock.getDelayedCalls())

    with pytest.raises(CannotListenError):
        link.startService()
    await world.turn(3)

    assert (0, before) == (link.running, len(clock.getDelayedCalls()))
    assert ["made", "initialized", "lost"] == handler.told
    with pytest.raises(Exception, match="refused"):
        await dial(world, free)
    await world.come(us.link.stopService())
    link.startService()
    await world.come(link.stopService())


@pytest_twisted.ensureDeferred
async def test_badCertificatesAreNotTaken(us: Party, world: World) -> None:
    """
    When the files are no certificates any more a reload says so, and everything goes on as before.
    """
    files = us.certificates._default
    assert files is not None
    files.certificate.write_text("nothing")

    with pytest.raises(ConfigurationError, match="not a file of certificates"):
        await us.link.reload()

    them = world.party(THEM, requireTrusted=True)
    assert "result" == (await world.come(them.ping(THEM, US)))["type"]


@pytest_twisted.ensureDeferred
async def test_aCertificateForOtherNames(world: World, us: Party) -> None:
    """
    A certificate that does not name one of our hosts is told when the link starts and when it is read again: most
    servers come by dialback all the same, so that nobody would notice.
    """
    assert us.link.doubts() == []
    with capturedLogs() as logs:
        them = world.party(THEM, OTHER, certificates={THEM: world.certificate(THEM), OTHER: world.certificate(THEM)})
        await them.link.reload()

    told = [formatEvent(event) for event in logs if event["log_level"] is LogLevel.warn]
    assert told == them.link.doubts() * 2
    assert [True] == [doubt.startswith(f"{OTHER}: its certificate is for other names") for doubt in them.link.doubts()]


@pytest_twisted.ensureDeferred
async def test_withoutASecretItDoesNotStart(world: World, us: Party, tmp_path: Path) -> None:
    """
    Where the dialback secret cannot be read the link says so, and can be stopped all the same.
    """
    (tmp_path / "secret").write_text("short")
    link = S2SLink(
        [THEM], us.certificates, world.candidates, [], world.reactor, Settings(), secretFile=tmp_path / "secret"
    )

    with pytest.raises(ConfigurationError, match="too short"):
        link.startService()
    await link.stopService()
    with pytest.raises(ConnectionDone):
        await asking(link)


async def asking(link: S2SLink) -> Element:
    """
    Ask something of somebody.
    """
    return await link.request(Request(recipient=JID(US), sender=JID(THEM), stanzaType="get"))


# Places


@pytest.mark.parametrize(
    ("host", "whence"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("/run/socket", ""),
    ],
)
def test_whatCountsAsOnePlace(host: str, whence: str) -> None:
    """
    With IPv6 whoever has one address has a whole network of them.
    """

    class Address:
        def __init__(self, host: str) -> None:
            self.host = host

    assert whence == whenceOf(Address(host))


@pytest_twisted.ensureDeferred
async def test_whatWaitsTooLongComesBack(world: World) -> None:
    """
    What has waited for a minute comes back, however long the way to its domain takes.
    """
    us = world.party(US, reaching=10_000.0, negotiating=10_000.0)
    RawServer(world, "slow.example")
    asking = us.ping(US, "slow.example")
    await world.until(lambda: us.outgoing)

    world.clock.pump([15] * 5)

    with pytest.raises(StanzaError, match="remote-server-timeout"):
        await world.come(asking)
    assert us.outgoing


@pytest_twisted.ensureDeferred
async def test_ourStreamsAreBounded(world: World) -> None:
    """
    We open so many streams at the same time, and keep so many: the one that was not used for longest gives way.
    """
    us = world.party(US, maxOutgoing=2)
    names = [f"d{number}.example" for number in range(4)]
    for name in names:
        world.party(name, bidi=False)
        await world.come(us.ping(US, name))
        world.clock.advance(1)
        await world.turn(5)

    await world.until(lambda: len(us.outgoing) == 2)
    remotes = {stream.remote for stream in us.outgoing}
    assert set(names[2:]) == remotes
