"""
Dialback (XEP-0220) over real sockets: as who is to be convinced, as who is asked, and as who has to convince.
"""

import re

import pytest
import pytest_twisted
from twisted.words.protocols.jabber.error import StanzaError

from pushsvc.links.s2s.domains import LookupTrouble, NoSuchDomain
from tests.links.s2s.raw import BIDI, STARTTLS, RawPeer, RawServer, dial
from tests.links.s2s.world import Party, World
from tests.standins.certificates import Certificate

US = "push.example"
OTHER = "other.example"
THEM = "chat.example"
SECOND = "second.example"
RESULT = "<db:result from='{}' to='{}'>key</db:result>"
PING = "<iq type='get' id='{2}' from='{0}' to='{1}'><query xmlns='urn:example'/></iq>"


@pytest.fixture
def us(world: World) -> Party:
    """
    Ourselves.
    """
    return world.party(US, OTHER)


@pytest.fixture
def unknown(world: World) -> Certificate:
    """
    A certificate that nobody trusts.
    """
    return world.certificate(THEM, SECOND, trusted=False)


async def claim(world: World, us: Party, certificate: Certificate, claimed: str = THEM, to: str = US) -> RawPeer:
    """
    Somebody who says who it is, and is not believed yet.
    """
    peer = await dial(world, us.port)
    await peer.secure(THEM, US, certificate)
    peer.say(RESULT.format(claimed, to))
    return peer


async def asked(server: RawServer, certificate: Certificate, domain: str = THEM) -> RawPeer:
    """
    Somebody who is asked whether a key is its own.
    """
    peer = await server.secured(domain, certificate)
    await peer.hears("<db:verify[^>]*>key</db:verify>")
    return peer


def answer(type: str, streamId: str, domain: str = THEM, to: str = US, error: str = "") -> str:
    """
    Whether it is.
    """
    return f"<db:verify from='{domain}' to='{to}' id='{streamId}' type='{type}'>{error}</db:verify>"


# Who is to be convinced


@pytest_twisted.ensureDeferred
async def test_whomTheDomainVouchesForIsBelieved(world: World, us: Party, unknown: Certificate) -> None:
    """
    The domain itself is asked, about this stream and this key, on a stream that is closed thereafter.
    """
    server = RawServer(world, THEM)
    peer = await claim(world, us, unknown)

    authority = await asked(server, unknown)
    question = re.findall("<db:verify([^>]*)>", authority.heard)[0]
    authority.say(answer("valid", peer.streamId))
    await peer.hears("<db:result[^>]*type='valid'")
    peer.say(PING.format(THEM, US, 1))
    await world.until(lambda: us.received)

    said = dict(re.findall(r"(\w+)='([^']*)'", question))
    assert {"from": US, "to": THEM, "id": peer.streamId} == said
    await authority.hears("</stream:stream>")


@pytest_twisted.ensureDeferred
async def test_whomItDoesNotVouchForIsNot(world: World, us: Party, unknown: Certificate) -> None:
    """
    Who is called an impostor by the domain itself is told so, and hung up on.
    """
    server = RawServer(world, THEM)
    peer = await claim(world, us, unknown)

    authority = await asked(server, unknown)
    authority.say(answer("invalid", peer.streamId))
    await peer.hears("<db:result[^>]*type='invalid'")

    assert "not-authorized" == await peer.isRefused()


@pytest_twisted.ensureDeferred
async def test_nothingIsTakenWhileTheDomainIsAsked(world: World, us: Party, unknown: Certificate) -> None:
    """
    To have claimed something is not to have proven it. When the claimant is gone nobody is asked any more.
    """
    server = RawServer(world, THEM)
    peer = await claim(world, us, unknown)
    authority = await asked(server, unknown)

    peer.say(PING.format(THEM, US, 1))

    assert "not-authorized" == await peer.isRefused()
    await world.until(lambda: authority.ended)
    assert [] == us.received


@pytest_twisted.ensureDeferred
async def test_answersMustFitTheQuestion(world: World, us: Party, unknown: Certificate) -> None:
    """
    An answer about another stream, or between others, is none.
    """
    server = RawServer(world, THEM)
    peer = await claim(world, us, unknown)
    authority = await asked(server, unknown)

    authority.say(answer("valid", "another") + answer("valid", peer.streamId, SECOND))
    authority.say(answer("valid", peer.streamId, to=OTHER))
    await world.turn(10)
    soFar = peer.heard
    authority.say(answer("invalid", peer.streamId))

    await peer.hears("type='invalid'")
    assert "type='valid'" not in soFar


ERROR = "<error type='cancel'><{} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("ending", "condition"),
    [
        (answer("error", "{}", error=ERROR.format("item-not-found")), "remote-server-not-found"),
        (answer("error", "{}", error=ERROR.format("bad-request")), "remote-server-timeout"),
        (answer("error", "{}"), "remote-server-timeout"),
        (
            "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
            "remote-server-not-found",
        ),
        ("</stream:stream>", "remote-server-timeout"),
    ],
)
async def test_whyItCannotBeToldIsSaid(
    world: World, us: Party, unknown: Certificate, ending: str, condition: str
) -> None:
    """
    A domain that does not say yes or no leaves the claim open, and the stream too.
    """
    server = RawServer(world, THEM)
    peer = await claim(world, us, unknown)

    authority = await asked(server, unknown)
    authority.say(ending.replace("{}", peer.streamId))

    error = await peer.hears("<db:result[^>]*type='error'.*</db:result>")
    assert f"<{condition} " in error[0]
    assert not peer.ended


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("trouble", "condition"),
    [
        (NoSuchDomain("nothing"), "remote-server-not-found"),
        (LookupTrouble("no answer"), "remote-server-timeout"),
        # As if its port were open: whether one is, is nothing to tell strangers.
        (None, "remote-server-timeout"),
    ],
)
async def test_domainsThatCannotBeAsked(
    world: World, us: Party, unknown: Certificate, trouble: Exception | None, condition: str
) -> None:
    """
    That there is nobody to ask is said, too.
    """
    server = RawServer(world)
    world.places[THEM] = trouble or [server.candidate()]
    if trouble is None:
        await world.come(world.cleanups.pop()())

    peer = await claim(world, us, unknown)

    error = await peer.hears("<db:result[^>]*type='error'.*</db:result>")
    assert f"<{condition} " in error[0]
    assert not peer.ended


@pytest_twisted.ensureDeferred
async def test_domainsThatSayNothing(world: World, us: Party, unknown: Certificate) -> None:
    """
    A domain is not waited for without end.
    """
    server = RawServer(world, THEM)
    peer = await claim(world, us, unknown)
    await asked(server, unknown)

    world.clock.advance(25)

    error = await peer.hears("<db:result[^>]*type='error'.*</db:result>")
    assert "<remote-server-timeout " in error[0]


@pytest_twisted.ensureDeferred
async def test_whatIsNotOursCannotBeClaimedTo(world: World, us: Party, unknown: Certificate) -> None:
    """
    Claims towards domains that we are not are refused without asking anybody.
    """
    server = RawServer(world, THEM)
    peer = await claim(world, us, unknown, to="nowhere.example")

    error = await peer.hears("<db:result[^>]*type='error'.*</db:result>")

    assert "<item-not-found " in error[0]
    assert [] == server.peers


@pytest_twisted.ensureDeferred
async def test_0220_3_claimsInClearAreRefused(world: World, us: Party, unknown: Certificate) -> None:
    """
    0220-3: Without TLS nobody is asked, and the stream goes on: TLS may come.
    """
    server = RawServer(world, THEM)
    peer = await dial(world, us.port)
    await peer.open(THEM, US)

    peer.say(RESULT.format(THEM, US))
    error = await peer.hears("<db:result[^>]*type='error'.*</db:result>")
    peer.say(STARTTLS)
    await peer.hears("<proceed")

    assert "<policy-violation " in error[0]
    assert "from='push.example'" in error[0] and "to='chat.example'" in error[0]
    assert [] == server.peers


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("claimed", "to", "condition"),
    [
        (THEM, "user@push.example", "item-not-found"),
        (THEM, "@", "item-not-found"),
        ("user@chat.example", US, "not-acceptable"),
        ("&lt;&apos;>", US, "not-acceptable"),
    ],
)
async def test_0220_3_claimsOfNobodyLeaveOthersAlone(
    world: World, us: Party, claimed: str, to: str, condition: str
) -> None:
    """
    0220-3: A claim between what are no domains is refused, and what else is said on the stream is not touched.
    """
    peer = await dial(world, us.port)
    await peer.prove(THEM, US, world.certificate(THEM))

    peer.say(RESULT.format(claimed, to))
    error = await peer.hears("<db:result[^>]*type='error'.*</db:result>")
    peer.say(PING.format(THEM, US, 1))
    await world.until(lambda: us.received)

    assert f"<{condition} " in error[0]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("domain", [US, OTHER])
async def test_nobodyElseIsUs(world: World, us: Party, unknown: Certificate, domain: str) -> None:
    """
    Nobody can claim to be one of us: we would know.
    """
    peer = await claim(world, us, unknown, claimed=domain)

    assert "invalid-from" == await peer.isRefused()


@pytest_twisted.ensureDeferred
async def test_strictPolicyWantsCertificates(world: World, unknown: Certificate) -> None:
    """
    Where certificates have to be trusted, a claim without one is refused without asking anybody.
    """
    us, server = world.party(US, requireTrusted=True), RawServer(world, THEM)
    peer = await claim(world, us, unknown)

    error = await peer.hears("<db:result[^>]*type='error'.*</db:result>")

    assert "<not-authorized " in error[0]
    assert [] == server.peers


@pytest_twisted.ensureDeferred
async def test_oneStreamMaySpeakForManyDomains(world: World, us: Party, unknown: Certificate) -> None:
    """
    Every pair of domains is proven on its own, and what is proven stays when another claim is found to be false.
    """
    server = RawServer(world, THEM, SECOND)
    peer = await claim(world, us, unknown)
    (await asked(server, unknown)).say(answer("valid", peer.streamId))
    await peer.hears("type='valid'")

    peer.say(RESULT.format(SECOND, OTHER))
    (await asked(server, unknown, SECOND)).say(answer("valid", peer.streamId, SECOND, OTHER))
    await peer.hears("type='valid'")
    peer.say(RESULT.format(SECOND, US))
    (await asked(server, unknown, SECOND)).say(answer("invalid", peer.streamId, SECOND, US))
    await peer.hears("type='invalid'")
    peer.say(PING.format(THEM, US, 1) + PING.format(SECOND, OTHER, 2))
    await world.until(lambda: len(us.received) == 2)
    peer.say(PING.format(SECOND, US, 3))

    assert "invalid-from" == await peer.isRefused()
    assert ["1", "2"] == [stanza["id"] for stanza in us.received]


@pytest_twisted.ensureDeferred
async def test_whoIsKnownByItsCertificateMayBringOthers(world: World, us: Party) -> None:
    """
    On a stream that began with EXTERNAL further domains are proven by dialback; what is proven is not asked again.
    """
    server, certificate = RawServer(world, SECOND), world.certificate(THEM)
    peer = await dial(world, us.port)
    await peer.prove(THEM, US, certificate)

    peer.say(RESULT.format(THEM, US))
    await peer.hears("<db:result[^>]*type='valid'")
    peer.say(RESULT.format(SECOND, US))
    (await asked(server, certificate, SECOND)).say(answer("valid", peer.streamId, SECOND))
    await peer.hears("<db:result[^>]*type='valid'")
    questions = len(server.peers)
    peer.say(PING.format(SECOND, US, 1))
    await world.until(lambda: us.received)

    assert 1 == questions


@pytest_twisted.ensureDeferred
async def test_claimsAreLimited(world: World, unknown: Certificate) -> None:
    """
    A stream, and all streams together, may have only so many claims looked into at the same time.
    """
    domains = [f"d{number}.example" for number in range(8)]
    us = world.party(US, maxPending=5, maxVerifications=7, maxFailedClaims=100)
    server = RawServer(world, *domains)

    one, two = await dial(world, us.port), await dial(world, us.port)
    for peer in (one, two):
        await peer.secure(THEM, US, unknown)
        peer.say("".join(RESULT.format(domain, US) for domain in domains))
    await one.hears("(<db:result[^>]*type='error'.*?</db:result>){3}")
    await two.hears("(<db:result[^>]*type='error'.*?</db:result>){6}")
    await world.until(lambda: len(server.peers) == 7)

    assert {"resource-constraint"} == set(re.findall("<error [^>]*><([a-z-]+)", one.heard + two.heard))


@pytest_twisted.ensureDeferred
async def test_claimsFromOnePlaceAreLimited(world: World, unknown: Certificate) -> None:
    """
    However many streams somebody opens, others can still have their claims looked into.
    """
    domains = [f"d{number}.example" for number in range(8)]
    us, server = world.party(US, maxVerificationsPerAddress=3), RawServer(world, *domains)

    peer = await dial(world, us.port)
    await peer.secure(THEM, US, unknown)
    peer.say("".join(RESULT.format(domain, US) for domain in domains[:5]))
    await peer.hears("(<db:result[^>]*type='error'.*?</db:result>){2}")
    first = await asked(server, unknown, domains[0])
    first.say(answer("valid", peer.streamId, domains[0]))
    await peer.hears("type='valid'")
    peer.say(RESULT.format(domains[7], US))
    await world.until(lambda: len(server.peers) == 4)

    assert 2 == peer.heard.count("<resource-constraint")


# Who is asked


@pytest_twisted.ensureDeferred
async def test_weKnowOurKeys(world: World, us: Party, unknown: Certificate) -> None:
    """
    Anybody may ask us about a key, without saying more than a header; we know ours, and no others.
    """
    key = us.link._ourselves.keys.key(THEM, US, "their-id")
    peer = await dial(world, us.port)
    await peer.secure(None, None, unknown)
    question = "<db:verify from='{}' to='{}' id='{}'>{}</db:verify>"

    peer.say(question.format(THEM, US, "their-id", f"\n{key}\n"))
    await peer.hears("<db:verify from='push.example' to='chat.example' id='their-id' type='valid'/>")
    for wrong in (
        question.format(THEM, US, "another-id", key),
        question.format(SECOND, US, "their-id", key),
        question.format(THEM, OTHER, "their-id", key),
        question.format(THEM, US, "their-id", "ключ"),
        question.format(THEM, US, "their-id", ""),
    ):
        peer.say(wrong)
        await peer.hears("<db:verify[^>]*type='invalid'/>")
    peer.say(question.format(THEM, "nowhere.example", "their-id", key))
    await peer.hears("<db:verify[^>]*type='error'.*<item-not-found ")


# Who has to convince


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("type", "error", "condition"),
    [
        ("invalid", "", "internal-server-error"),
        ("error", ERROR.format("item-not-found"), "remote-server-timeout"),
        ("error", ERROR.format("policy-violation"), "remote-server-timeout"),
        ("error", ERROR.format("not-authorized"), "remote-server-timeout"),
        ("error", ERROR.format("remote-connection-failed"), "remote-server-timeout"),
        ("error", ERROR.format("remote-server-not-found"), "remote-server-timeout"),
        ("error", ERROR.format("remote-server-timeout"), "remote-server-timeout"),
        ("error", ERROR.format("forbidden"), "remote-server-timeout"),
        ("error", ERROR.format("not-acceptable"), "remote-server-timeout"),
        ("error", ERROR.format("resource-constraint"), "remote-server-timeout"),
        ("error", "", "remote-server-timeout"),
    ],
)
async def test_0220_3_0220_5_stanzasComeBackWhenWeAreNotBelieved(
    world: World, us: Party, unknown: Certificate, type: str, error: str, condition: str
) -> None:
    """
    0220-3, 0220-5: Whatever a server has against us, what we had to say to it comes back as something temporary; that
    our own key is not known is our own fault.
    """
    server = RawServer(world, THEM)
    asking = us.ping(US, THEM)
    peer = await server.secured(THEM, unknown)
    await peer.hears("<db:result")

    peer.say(f"<db:result from='{THEM}' to='{US}' type='{type}'>{error}</db:result>")

    with pytest.raises(StanzaError) as refusal:
        await world.come(asking)
    assert ("wait", condition) == (refusal.value.type, refusal.value.condition)
    await peer.hears("</stream:stream>")


@pytest_twisted.ensureDeferred
async def test_bidiComesBeforeDialback(world: World, us: Party) -> None:
    """
    A server with a certificate that we trust, and that does not trust ours, may still speak on our stream.
    """
    server = RawServer(world, THEM)
    asking = us.ping(US, THEM)
    peer = await server.secured(THEM, world.certificate(THEM), "<bidi xmlns='urn:xmpp:features:bidi'/>")

    await peer.hears(BIDI.replace("/>", "") + ".*<db:result")
    peer.say(f"<db:result from='{THEM}' to='{US}' type='valid'/>")
    question = await peer.hears("<iq[^>]*id='([^']*)'")
    peer.say(f"<iq type='result' id='{question[1]}' from='{THEM}' to='{US}'/>")

    assert "result" == (await world.come(asking))["type"]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("literal", ["127.0.0.1", "8.8.8.8"])
async def test_addressesAreNobodysDomain(world: World, us: Party, unknown: Certificate, literal: str) -> None:
    """
    Who claims to be an address is answered like one whose server does not answer, and nothing is dialled.
    """
    server = RawServer(world, literal)
    peer = await dial(world, us.port)
    await peer.secure(None, US, unknown)

    peer.say(f"<db:result from='{literal}' to='{US}'>key</db:result>")

    error = await peer.hears("<db:result[^>]*type='error'.*</db:result>|<stream:error.*</stream:error>")
    assert "<remote-server-timeout " in error[0]
    assert [] == server.peers


@pytest_twisted.ensureDeferred
async def test_whoGuessesIsHungUpOn(world: World, us: Party, unknown: Certificate) -> None:
    """
    Who has proven nothing may be wrong a few times, and no more.
    """
    peer = await dial(world, us.port)
    await peer.secure(None, US, unknown)

    for number in range(5):
        peer.say(RESULT.format(f"no{number}.example", US))

    assert "policy-violation" == await peer.isRefused()
    assert 5 == peer.heard.count("<db:result")


@pytest_twisted.ensureDeferred
async def test_whoHasProvenSomethingMayBeWrong(world: World, us: Party) -> None:
    """
    A stream on which one domain is proven stays, whatever else is claimed on it in vain.
    """
    peer = await dial(world, us.port)
    await peer.prove(THEM, US, world.certificate(THEM))

    for number in range(6):
        peer.say(RESULT.format(f"no{number}.example", US))
        await peer.hears("<db:result[^>]*type='error'")
    peer.say(PING.format(THEM, US, 1))
    await world.until(lambda: us.received)

    assert not peer.ended
