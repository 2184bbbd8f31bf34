"""
Peers that mean harm, by real sockets.
"""

import pytest
import pytest_twisted
from cryptography import x509

from pushsvc.links.pacing import STALLED
from tests.links.s2s.raw import BIDI, STARTTLS, RawPeer, RawServer, auth, dial, header
from tests.links.s2s.world import Party, World
from tests.standins.certificates import Certificate, domain, service, xmppAddress

US = "push.example"
OTHER = "other.example"
EVIL = "evil.example"
SMILE = "\N{SLIGHTLY SMILING FACE}"
PING = "<iq type='get' id='1' from='{}' to='{}'><query xmlns='urn:example'/></iq>"
RESULT = "<db:result from='{}' to='{}'>key</db:result>"
BOMB = "<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;'>]>"


@pytest.fixture
def us(world: World) -> Party:
    """
    Ourselves.
    """
    return world.party(US, OTHER)


@pytest.fixture
def evil(world: World) -> Certificate:
    """
    Even they can have a certificate.
    """
    return world.certificate(EVIL)


async def isUnharmed(world: World, us: Party) -> bool:
    """
    Whether somebody else gets an answer.
    """
    good = world.party("good.example", bidi=False)
    return (await world.come(good.ping("good.example", US)))["type"] == "result"


# Before anybody is authenticated


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("said", "condition"),
    [
        (PING.format(EVIL, US), "not-authorized"),
        ("<message from='evil.example' to='push.example'/>", "not-authorized"),
        ("<db:result from='evil.example'>key</db:result>", "improper-addressing"),
        ("<db:verify from='evil.example' to='push.example' id='1'>key</db:verify>", "policy-violation"),
        (BIDI, "unsupported-stanza-type"),
        ("<whatever xmlns='urn:example'/>", "unsupported-stanza-type"),
        ("<iq xmlns='jabber:client' type='get' id='1'/>", "invalid-namespace"),
        ("<a>" + "x" * 20_000, "policy-violation"),
        ("<a " + "x" * 20_000, "policy-violation"),
        ("<a><b/>" * 200, "policy-violation"),
        ("<a>" * 100, "policy-violation"),
        ("<!-- hello -->", "restricted-xml"),
        ("<?php ?>", "restricted-xml"),
        ("<a>&nbsp;</a>", "not-well-formed"),
        ("</b>", "not-well-formed"),
    ],
)
async def test_6120_2_6120_3_withoutTLSThereIsNothingToSay(world: World, us: Party, said: str, condition: str) -> None:
    """
    6120-2, 6120-3: Before TLS nothing is taken but TLS, and never much.
    """
    peer = await dial(world, us.port)

    features = await peer.open(EVIL, US)
    peer.say(said)

    assert condition == await peer.isRefused()
    assert "<required/>" in features
    assert "EXTERNAL" not in features
    assert [] == us.received
    assert await isUnharmed(world, us)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("user", ["eve@evil.example/\ue000", "e v e@evil.example", "@evil.example"])
async def test_oneUserDoesNotCostTheOthersAStream(world: World, us: Party, evil: Certificate, user: str) -> None:
    """
    What one user of a server is called there may be no address for us: nobody hears of it, and the stream goes on.
    """
    peer = await dial(world, us.port)

    await peer.prove(EVIL, US, evil)
    peer.say(PING.format(user, US) + PING.format(EVIL, US).replace("'1'", "'2'"))
    await world.until(lambda: us.received or peer.ended)

    assert ["2"] == [stanza["id"] for stanza in us.received]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("user", [f"eve@chat.example/{SMILE}", "evil.example@", "eve@evil.example@b"])
async def test_noAddressIsNoWayAroundThePair(world: World, us: Party, evil: Certificate, user: str) -> None:
    """
    Of other domains, or none, not even such stanzas come.
    """
    peer = await dial(world, us.port)

    await peer.prove(EVIL, US, evil)
    peer.say(PING.format(user, US))

    assert await peer.isRefused() in ("invalid-from", "improper-addressing")
    assert [] == us.received


@pytest_twisted.ensureDeferred
async def test_SASLNeedsTLS(world: World, us: Party) -> None:
    """
    EXTERNAL without TLS fails, however often.
    """
    peer = await dial(world, us.port)

    await peer.open(EVIL, US)
    peer.say(auth(EVIL) * 3)

    assert "policy-violation" == await peer.isRefused()
    assert 3 == peer.heard.count("<encryption-required/>")


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("said", "condition"),
    [
        ("GET / HTTP/1.0\r\n\r\n", "not-well-formed"),
        (b"\x16\x03\x01\x02\x00\x01\x00", "not-well-formed"),
        (BOMB + header(EVIL, US), "restricted-xml"),
        (BOMB.replace("&a;&a;", "&c;") + "<a>&c;</a>", "restricted-xml"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?>", "unsupported-encoding"),
        (header(EVIL, US).replace("jabber:server'", "jabber:client'", 1), "invalid-namespace"),
        (header(EVIL, US).replace("etherx", "ether"), "invalid-namespace"),
        (header(EVIL, "nowhere.example"), "host-unknown"),
        (header(EVIL, "user@push.example"), "improper-addressing"),
        (header("@", US), "improper-addressing"),
        (header(US, US), "invalid-from"),
        (header(OTHER, US), "invalid-from"),
        (header(EVIL, US)[:-1] + " x='" + "y" * 20_000, "policy-violation"),
    ],
)
async def test_6120_1_headersHaveToBeRight(world: World, us: Party, said: str | bytes, condition: str) -> None:
    """
    6120-1: What is no stream between servers, or not for us, ends at once.
    """
    peer = await dial(world, us.port)

    peer.say(said)

    assert condition == await peer.isRefused()
    assert await isUnharmed(world, us)


@pytest_twisted.ensureDeferred
async def test_6120_2_whatComesBehindSTARTTLSIsForgotten(world: World, us: Party, evil: Certificate) -> None:
    """
    6120-2: What somebody put behind ``<starttls/>`` is not taken as if it had come under TLS.
    """
    peer = await dial(world, us.port)

    await peer.open(EVIL, US)
    peer.say(STARTTLS + PING.format(EVIL, US) + auth(EVIL))
    await peer.hears("<proceed")
    peer.startTLS(evil)
    await peer.open(EVIL, US)
    peer.say(auth(EVIL))
    await peer.hears("<success")
    await peer.open(EVIL, US)
    peer.say(PING.format(EVIL, US).replace("'1'", "'2'"))
    await world.until(lambda: us.received)

    assert ["2"] == [stanza["id"] for stanza in us.received]
    assert 1 == peer.heard.count("<success")


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize("piece", ["", "<stream:str", "<?xml version='1.0'?>   "])
async def test_slowHeadersEnd(world: World, direct: bool, piece: str) -> None:
    """
    Who does not come to the point within half a minute is hung up on, however busily.
    """
    us = world.party(US, direct=direct)
    peer = await dial(world, us.port)
    await world.until(lambda: us.incoming)

    peer.say(piece)
    await world.turn(3)
    world.clock.advance(20)
    peer.say(" " if not direct else "")
    await world.turn(3)
    world.clock.advance(10)
    refusal = await peer.isRefused()

    assert refusal == ("" if direct else "connection-timeout")
    assert set() == us.link._streams


@pytest_twisted.ensureDeferred
async def test_underTLSTimeIsShortToo(world: World, us: Party, evil: Certificate) -> None:
    """
    TLS alone keeps no stream open.
    """
    peer = await dial(world, us.port)

    await peer.secure(EVIL, US, evil)
    world.clock.advance(30)

    assert "connection-timeout" == await peer.isRefused()


@pytest_twisted.ensureDeferred
async def test_headersMayNotChange(world: World, us: Party, evil: Certificate) -> None:
    """
    Who has said who it is does not become somebody else.
    """
    one, two = await dial(world, us.port), await dial(world, us.port)
    for peer in (one, two):
        await peer.secure(EVIL, US, evil)
        peer.say(auth())
        await peer.hears("<success")

    one.say(header("chat.example", US))
    two.say(header(EVIL, OTHER))

    assert ("invalid-from", "improper-addressing") == (await one.isRefused(), await two.isRefused())


# Certificates


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("names", "trusted", "authzid", "isOffered", "answer"),
    [
        ([EVIL], True, "=", True, "success"),
        ([EVIL], True, "", True, "success"),
        ([EVIL], True, EVIL, True, "success"),
        ([EVIL], True, EVIL + ".", True, "success"),
        ([EVIL], True, "chat.example", True, "invalid-authzid"),
        ([EVIL], True, "a@evil.example", True, "incorrect-encoding"),
        (["chat.example"], True, "=", False, "not-authorized"),
        (["chat.example"], True, "chat.example", False, "invalid-authzid"),
        ([EVIL], False, "=", False, "not-authorized"),
        ([], True, "=", False, "not-authorized"),
    ],
)
async def test_EXTERNALIsForWhoIsNamed(
    world: World, us: Party, names: list[str], trusted: bool, authzid: str, isOffered: bool, answer: str
) -> None:
    """
    A certificate speaks for whom it names, when it is trusted; EXTERNAL is offered to nobody else.
    """
    certificate = world.certificate(*names, trusted=trusted) if names else None
    peer = await dial(world, us.port)

    features = await peer.secure(EVIL, US, certificate)
    peer.say(auth(authzid))

    await peer.hears(f"<{answer}")
    assert isOffered == ("EXTERNAL" in features)
    assert "dialback" in features


@pytest_twisted.ensureDeferred
async def test_constrainedAuthoritiesCannotGetAroundIt(world: World, us: Party) -> None:
    """
    An authority that is trusted with one domain certifies another by no kind of name.
    """
    constraint = x509.NameConstraints([domain("corp.example")], None)
    corporate = world.trusted.below("Corporate CA", [constraint], critical=True)
    peer = await dial(world, us.port)

    features = await peer.secure(EVIL, US, corporate.issueTo(xmppAddress(EVIL), service("_xmpp-server.evil.example")))
    peer.say(auth())

    await peer.hears("<not-authorized")
    assert "EXTERNAL" not in features


@pytest_twisted.ensureDeferred
async def test_nobodyElseIsUs(world: World, us: Party) -> None:
    """
    Not even a certificate of ours makes anybody one of us.
    """
    peer = await dial(world, us.port)

    await peer.secure(None, US, world.certificate(OTHER))
    peer.say(auth(OTHER))

    await peer.hears("<not-authorized")


@pytest_twisted.ensureDeferred
async def test_wrongAnswersToSASLEnd(world: World, us: Party, evil: Certificate) -> None:
    """
    Whoever guesses runs out of guesses; mechanisms that we do not have, and what is not base64, count.
    """
    peer = await dial(world, us.port)

    await peer.secure(EVIL, US, evil)
    peer.say(auth("=", "PLAIN"))
    await peer.hears("<invalid-mechanism")
    peer.say(auth("=").replace(">=<", ">&amp;&amp;<"))
    await peer.hears("<incorrect-encoding")
    peer.say("<abort xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
    await peer.hears("<aborted")

    assert "policy-violation" == await peer.isRefused()


# Once authenticated


@pytest_twisted.ensureDeferred
async def test_answersThatAreNoneAreAnswers(world: World, us: Party, evil: Certificate) -> None:
    """
    An error that is none, for an answer to our ping, ends neither stream, and what waited for the answer leaves.
    """
    server = RawServer(world, EVIL)
    peer = await dial(world, us.port)
    await peer.prove(EVIL, US, evil)
    us.say(US, EVIL, "one")
    ours = await server.secured(EVIL, evil)
    await ours.hears("<db:result")
    ours.say("<db:result from='evil.example' to='push.example' type='valid'/>")
    await ours.hears("<body>one<")
    world.clock.advance(61)

    us.say(US, EVIL, "two")
    ping = await ours.hears("<iq[^>]*? id='([^']*)'")
    peer.say(f"<iq type='error' from='evil.example' to='push.example' id='{ping[1]}'><error code='SECRET'/></iq>")

    await ours.hears("<body>two<")
    assert [False, False] == [peer.ended, ours.ended]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("said", "condition"),
    [
        (PING.format("alice@chat.example", US), "invalid-from"),
        (PING.format(EVIL, OTHER), "host-unknown"),
        (PING.format(EVIL, "bob@chat.example"), "host-unknown"),
        (PING.format(US, EVIL), "host-unknown"),
        (PING.format(US, US), "invalid-from"),
        (PING.format("sub.evil.example", US), "invalid-from"),
        (PING.format("@", US), "improper-addressing"),
        ("<message to='push.example'/>", "improper-addressing"),
        ("<message from='evil.example'/>", "improper-addressing"),
        ("<message from='evil.example' to='a@@'/>", "improper-addressing"),
        ("<message from='evil.example' to='push.example'><body>" + "x" * 300_000, "policy-violation"),
        ("<message from='evil.example' to='push.example'>" + "<a>" * 100, "policy-violation"),
        ("<message from='evil.example' to='push.example'>" + "<a/>" * 5_000, "policy-violation"),
        ("<message from='evil.example' to='push.example' x='" + "y" * 40_000, "policy-violation"),
        ("<message from='evil.example' to='push.example'>&lol;</message>", "not-well-formed"),
        ("<!-- hello -->", "restricted-xml"),
        (STARTTLS, "unsupported-stanza-type"),
        (BIDI, "unsupported-stanza-type"),
    ],
)
@pytest.mark.parametrize("bidi", [False, True])
async def test_6120_1_6120_6_whoIsAuthenticatedSpeaksForItselfOnly(
    world: World, us: Party, evil: Certificate, bidi: bool, said: str, condition: str
) -> None:
    """
    6120-1, 6120-6: Stanzas of others, to others, and beyond the limits end the stream, and go nowhere.
    """
    elsewhere = RawServer(world, "chat.example")
    peer = await dial(world, us.port)

    await peer.prove(EVIL, US, evil, bidi)
    peer.say(said)

    assert condition == await peer.isRefused()
    assert ([], []) == (us.received, elsewhere.peers)
    assert await isUnharmed(world, us)


@pytest_twisted.ensureDeferred
async def test_malformedRecipientsAreToldSo(world: World, us: Party, evil: Certificate) -> None:
    """
    That one of its users mistypes an address is no reason to hang up on a server.
    """
    peer = await dial(world, us.port)

    await peer.prove(EVIL, US, evil, bidi=True)
    peer.say(PING.format("a@evil.example", "a b@push.example"))

    await peer.hears("<iq[^>]*type='error'.*jid-malformed")


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("bidi", [False, True])
async def test_answersToNobodyChangeNothing(world: World, us: Party, evil: Certificate, bidi: bool) -> None:
    """
    Results of dialback that nobody has asked for make nobody authenticated, on no stream.
    """
    peer = await dial(world, us.port)

    await peer.secure(EVIL, US, evil)
    unsolicited = "<db:{} from='{}' to='push.example' id='one' type='valid'/>"
    peer.say((BIDI if bidi else "") + unsolicited.format("result", EVIL) + unsolicited.format("verify", "chat.example"))
    peer.say(PING.format(EVIL, US))

    assert "not-authorized" == await peer.isRefused()
    assert "<db:" not in peer.heard
    assert [] == us.received


@pytest_twisted.ensureDeferred
async def test_ourOwnStreamsCarryNothingToUs(world: World, us: Party) -> None:
    """
    On a stream that we opened nothing is taken, unless both have agreed to (XEP-0288).
    """
    server = RawServer(world, EVIL)
    us.say(US, EVIL)
    peer = await server.secured(EVIL, world.certificate(EVIL))
    await peer.hears("<db:result")

    peer.say("<db:result from='evil.example' to='push.example' type='valid'/>")
    await peer.hears("<message")
    peer.say(PING.format(EVIL, US))

    assert "not-authorized" == await peer.isRefused()
    assert [] == us.received


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "answer",
    [
        "<db:result from='chat.example' to='push.example' type='valid'/>",
        "<db:result from='evil.example' to='other.example' type='valid'/>",
        "<db:result from='evil.example' to='push.example' type='perhaps'/>",
        "<db:result type='valid'/>",
        "<db:verify from='evil.example' to='push.example' id='two' type='valid'/>",
    ],
)
async def test_answersToSomethingElseChangeNothing(world: World, us: Party, answer: str) -> None:
    """
    Only the answer to what we asked opens our stream.
    """
    server = RawServer(world, EVIL)
    us.say(US, EVIL, "secret")
    peer = await server.secured(EVIL, world.certificate(EVIL))
    await peer.hears("<db:result")

    peer.say(answer)
    await world.turn(10)

    assert "secret" not in peer.heard
    assert not peer.ended


@pytest_twisted.ensureDeferred
async def test_whoDoesNotReadIsHungUpOn(world: World, us: Party, evil: Certificate) -> None:
    """
    A peer that asks and does not read the answers is not read from, and soon gone.
    """
    peer = await dial(world, us.port)
    await peer.prove(EVIL, US, evil, bidi=True)

    peer.transport.pauseProducing()
    stream = us.incoming[0]
    question = PING.format("a@evil.example/" + "r" * 900, US) * 20
    sent = full = 0
    # There may be a little room left between us, more than once.
    while full < 50:
        full = full + 1 if stream.congested else 0
        if not full:
            peer.say(question)
            sent += 20
            assert sent < 200_000
        await world.turn()
    taken = len(us.received)
    peer.say(question)
    await world.turn(10)
    waiting = len(us.received) - taken
    world.clock.advance(STALLED)
    await world.until(lambda: stream not in us.link._streams)

    assert 100 > waiting
    assert "it does not read" == stream.why
    assert await isUnharmed(world, us)


@pytest_twisted.ensureDeferred
async def test_halfOpenStreamsDoNotKeepOthersOut(world: World) -> None:
    """
    Of 500 that connect and do not go on, the oldest make room; who means well still gets in, and who was in stays.
    """
    us, good = world.party(US), world.party("good.example")
    await world.come(good.ping("good.example", US))

    flood: list[RawPeer] = []
    for _ in range(500):
        flood.append(await dial(world, us.port))
        if len(flood) % 2:
            flood[-1].say(header(EVIL, US))
    await world.until(lambda: sum(peer.ended for peer in flood) >= 390)
    late = world.party("late.example")
    answers = [await world.come(good.ping("good.example", US)), await world.come(late.ping("late.example", US))]

    assert ["result", "result"] == [answer["type"] for answer in answers]
    assert 105 >= len(us.incoming)
    assert any("resource-constraint" in peer.heard for peer in flood)


@pytest_twisted.ensureDeferred
async def test_allPlacesAreNotOnes(world: World, evil: Certificate) -> None:
    """
    Who has taken all places, authenticated or not, does not keep others out.
    """
    us = world.party(US, maxStreams=3)
    peers = [await dial(world, us.port) for _ in range(3)]
    for peer in peers:
        await peer.prove(EVIL, US, evil)

    good = world.party("good.example")
    answer = await world.come(good.ping("good.example", US))

    assert "result" == answer["type"]
    assert any("resource-constraint" in peer.heard for peer in peers)


@pytest_twisted.ensureDeferred
async def test_longIdsAreNotRepeated(world: World, us: Party, evil: Certificate) -> None:
    """
    A request whose id is longer than any needs to be is refused, without sending the id back; nobody sees it.
    """
    peer = await dial(world, us.port)
    await peer.prove(EVIL, US, evil, bidi=True)

    peer.say(PING.format("a@evil.example", US).replace("id='1'", "id='" + "i" * 20_000 + "'"))
    peer.say(PING.format("a@evil.example", US))

    refused = await peer.hears("<iq[^>]*type='error'.*?</iq>")
    await peer.hears("<iq[^>]*type='result'")
    assert "<bad-request " in refused[0]
    assert "iiii" not in peer.heard
    assert 1 == len(us.received)
