"""
The spellings of a domain: with a final dot, in its own letters, in A-labels.
"""

import re

import pytest
import pytest_twisted

from pushsvc.links.s2s.domains import hostAmong, withoutDot
from tests.links.s2s.raw import BIDI, RawServer, auth, dial
from tests.links.s2s.world import World

HOST = "bücher.example"
PLAIN = "push.example"
THEM = "chat.example"
SPELLINGS = ["bücher.example", "xn--bcher-kva.example", "XN--bcher-KVA.example.", "bücher.example."]
PING = "<iq type='get' id='{2}' from='{0}' to='{1}'><query xmlns='urn:example'/></iq>"


@pytest.mark.parametrize("domain", ["bücher.example", "xn--bcher-kva.example"])
@pytest.mark.parametrize("host", ["bücher.example", "xn--bcher-kva.example"])
def test_spellingsOfAHostAreOne(host: str, domain: str) -> None:
    """
    A host is found by its letters and by its A-labels, however it is configured.
    """
    assert host == hostAmong(frozenset((host, PLAIN)), domain)


@pytest.mark.parametrize("domain", ["bucher.example", "example", "", ".", "a..b", "x" * 64 + ".org", "push.example."])
def test_othersAreNotAmongThem(domain: str) -> None:
    """
    What is another domain, or none, is no host.
    """
    assert None is hostAmong(frozenset((HOST, PLAIN)), domain)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("a.example.", "a.example"),
        ("user@a.example./r.", "user@a.example/r."),
        ("user@a.example/r.", "user@a.example/r."),
        ("a.example..", "a.example."),
        ("a.example", "a.example"),
        ("", ""),
    ],
)
def test_finalDotsAreOfDNSOnly(text: str, known: str) -> None:
    """
    One dot at the end of a domain does not belong to it.
    """
    assert known == withoutDot(text)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_weAreMeantInEverySpelling(world: World, spelling: str) -> None:
    """
    Streams and stanzas for a host of ours reach it, whatever they call it; handlers know it by one name.
    """
    us = world.party(HOST)
    peer = await dial(world, us.port)

    await peer.prove(THEM, spelling, world.certificate(THEM), bidi=True)
    peer.say(PING.format(THEM + ".", f"bob@{spelling}/r", 1) + PING.format(THEM, spelling, 2))
    await peer.hears("<iq[^>]*type='result'[^>]*>.*<iq[^>]*type='result'")

    assert [(THEM, f"bob@{HOST}/r"), (THEM, HOST)] == [(each["from"], each["to"]) for each in us.received]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("spelling", SPELLINGS[:2])
async def test_claimsAreForTheHostThatIsMeant(world: World, spelling: str) -> None:
    """
    Dialback keys are asked about, and claims are answered, in the peer's words; what is proven is for our host.
    """
    us, server, unknown = world.party(HOST), RawServer(world, THEM), world.certificate(THEM, trusted=False)
    peer = await dial(world, us.port)
    await peer.secure(THEM, spelling, unknown)

    peer.say(f"<db:result from='{THEM}' to='{spelling}'>key</db:result>")
    authority = await server.secured(THEM, unknown)
    question = await authority.hears("<db:verify[^>]*>key</db:verify>")
    authority.say(f"<db:verify from='{THEM}' to='{spelling}' id='{peer.streamId}' type='valid'/>")
    answer = await peer.hears("<db:result[^>]*type='valid'")
    peer.say(PING.format(THEM, spelling, 1))
    await world.until(lambda: us.received)

    assert [[spelling], [spelling]] == [re.findall(" from='([^']*)'", said[0]) for said in (question, answer)]
    assert HOST == us.received[0]["to"]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("spelling", SPELLINGS[:2])
async def test_weKnowOurKeysInEverySpelling(world: World, spelling: str) -> None:
    """
    Who asks about a key of ours may spell us as it likes.
    """
    us = world.party(HOST)
    key = us.link._ourselves.keys.key(THEM, HOST, "their-id")
    peer = await dial(world, us.port)
    await peer.secure(None, None, None)

    peer.say(f"<db:verify from='{THEM}' to='{spelling}' id='their-id'>{key}</db:verify>")

    await peer.hears("<db:verify[^>]*type='valid'/>")


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_nobodyElseIsUsInAnySpelling(world: World, spelling: str) -> None:
    """
    Nobody is a host of ours under another of its names: by header, certificate, or dialback.
    """
    us, certificate = world.party(HOST, PLAIN), world.certificate(HOST)
    one, two, three = [await dial(world, us.port) for _ in range(3)]
    for peer in (two, three):
        await peer.secure(None, PLAIN, certificate)

    one.say(f"<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' from='{spelling}'>")
    two.say(BIDI + auth(spelling))
    three.say(f"<db:result from='{spelling}' to='{PLAIN}'>key</db:result>")

    assert ("invalid-from", "invalid-from") == (await one.isRefused(), await three.isRefused())
    await two.hears("<(not-authorized|invalid-authzid)")


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("spelling", SPELLINGS[:3])
async def test_weDoNotCallOurselves(world: World, spelling: str) -> None:
    """
    What is said to a host of ours under another of its names stays in the house.
    """
    us = world.party(HOST, PLAIN)

    us.say(PLAIN, f"bob@{spelling.removesuffix('.')}/r", "hello")
    await world.turn(3)

    assert [f"bob@{HOST}/r"] == [each["to"] for each in us.received]
    assert {} == us.link._routes
