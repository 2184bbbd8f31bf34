"""
Two servers of ours over real sockets: how they come to believe each other, and what travels on their streams.
"""

from typing import Any

import pytest
import pytest_twisted
from OpenSSL import SSL
from twisted.internet.protocol import Factory, Protocol
from twisted.words.protocols.jabber.error import StanzaError

from pushsvc.links.s2s.domains import LookupTrouble, NoSuchDomain
from pushsvc.links.s2s.resolve import Candidate
from tests.links.s2s.world import LOOPBACK, Party, World
from tests.servers.rig.ports import freePort

US = "push.example"
THEM = "chat.example"
USER = "alice@chat.example/phone"


def means(party: Party) -> list[tuple[str, str]]:
    """
    How its streams were authenticated: which way they go, and by what.
    """
    return sorted(("out" if each.initiating else "in", each.means) for each in party.link._streams if each.means)


def silly() -> Any:
    """
    Takes connections for something else.
    """

    class Web(Protocol):
        def dataReceived(self, data: bytes) -> None:
            self.transport.write(b"HTTP/1.0 400 What?\r\n\r\n")
            self.transport.loseConnection()

    factory = Factory.forProtocol(Web)
    factory.noisy = False
    return factory


@pytest_twisted.ensureDeferred
async def test_certificatesAreEnough(world: World) -> None:
    """
    Whose certificates are trusted are known by them, both ways, and need one stream each way.
    """
    us, them = world.party(US, bidi=False), world.party(THEM, bidi=False)

    answer = await world.come(them.ping(USER, US))

    assert ("result", US, USER) == (answer["type"], answer["from"], answer["to"])
    assert [("in", "EXTERNAL"), ("out", "EXTERNAL")] == means(us) == means(them)
    assert (2, 2) == (len(us.link._streams), len(them.link._streams))


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (False, True, [("in", "EXTERNAL"), ("out", "dialback")]),
        (True, False, [("in", "dialback"), ("out", "EXTERNAL")]),
        (False, False, [("in", "dialback"), ("out", "dialback")]),
    ],
    ids=["ours", "theirs", "both"],
)
async def test_dialbackWillDoForCertificatesThatAreNotTrusted(
    world: World, ours: bool, theirs: bool, expected: list[tuple[str, str]]
) -> None:
    """
    Who has no certificate that is trusted is known by dialback over TLS.
    """
    us, them = world.party(US, trusted=ours, bidi=False), world.party(THEM, trusted=theirs, bidi=False)

    answer = await world.come(them.ping(USER, US))

    assert "result" == answer["type"]
    assert expected == means(us)


@pytest_twisted.ensureDeferred
async def test_TLSMayComeFirst(world: World) -> None:
    """
    Servers that want TLS from the first byte on (XEP-0368) are spoken to so, both ways.
    """
    us, them = world.party(US, direct=True, bidi=False), world.party(THEM, direct=True, bidi=False)

    answer = await world.come(them.ping(USER, US))

    assert "result" == answer["type"]
    assert [("in", "EXTERNAL"), ("out", "EXTERNAL")] == means(us)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("trusted", [True, False])
async def test_oneStreamMayDoForBothWays(world: World, trusted: bool) -> None:
    """
    With XEP-0288 answers come back by the stream of the question, whoever opened it.
    """
    us, them = world.party(US), world.party(THEM, trusted=trusted)

    await world.come(them.ping(USER, US))
    await world.come(us.ping(US, USER))

    assert [("in", "EXTERNAL" if trusted else "dialback")] == means(us)
    assert 1 == len(us.link._streams) == len(them.link._streams)


@pytest_twisted.ensureDeferred
async def test_onlyWhoIsTrustedIsAskedToSpeakOnOurStream(world: World) -> None:
    """
    A server of which DNS alone says who it is gets our stanzas, but no say on the stream that we opened.
    """
    us = world.party(US)
    world.party(THEM, trusted=False)

    await world.come(us.ping(US, USER))

    assert ([("in", "dialback"), ("out", "EXTERNAL")]) == means(us)


@pytest_twisted.ensureDeferred
async def test_manyHostsShareOneListener(world: World) -> None:
    """
    Every host shows its own certificate, chosen by whom the stream is for.
    """
    hosts = (US, "push.example.org", "third.example")
    us = world.party(*hosts, bidi=False, certificates={host: world.certificate(host) for host in hosts})
    them = world.party(THEM, bidi=False, requireTrusted=True)

    answers = [await world.come(them.ping(USER, host)) for host in hosts]

    assert list(hosts) == [answer["from"] for answer in answers]
    assert {"EXTERNAL"} == {stream.means for stream in us.link._streams}


@pytest_twisted.ensureDeferred
async def test_manyHostsShareOneListenerForDirectTLS(world: World) -> None:
    """
    There, it is chosen by whom TLS asks for.
    """
    hosts = (US, "push.example.org")
    world.party(*hosts, direct=True, certificates={host: world.certificate(host) for host in hosts})
    them = world.party(THEM, requireTrusted=True)

    answers = [await world.come(them.ping(USER, host)) for host in hosts]

    assert list(hosts) == [answer["from"] for answer in answers]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("trusted", [True, False])
async def test_domainsNeedNotBeEnglish(world: World, trusted: bool) -> None:
    """
    A domain is spelled with its own letters in stanzas, whatever DNS and certificates make of it.
    """
    us, them = world.party("böses-büro.example", trusted=trusted), world.party("чат.example", trusted=trusted)

    answer = await world.come(them.ping("аня@чат.example/x", "böses-büro.example"))

    assert "böses-büro.example" == answer["from"]
    assert "аня@чат.example/x" == us.received[0]["from"]


@pytest_twisted.ensureDeferred
async def test_IPv6(world: World) -> None:
    """
    IPv6 is an address like any other.
    """
    world.party(US, interface="::1")
    them = world.party(THEM, interface="::1", trusted=False)

    assert "result" == (await world.come(them.ping(USER, US)))["type"]


@pytest_twisted.ensureDeferred
async def test_peersWithTLS12Only(world: World) -> None:
    """
    Servers that do not have TLS 1.3 are known by their certificates all the same, both ways.
    """
    us, them = world.party(US, bidi=False), world.party(THEM, bidi=False)
    for context in (None, THEM):
        them.certificates._shelf.contextFor(context).set_max_proto_version(SSL.TLS1_2_VERSION)

    await world.come(them.ping(USER, US))

    assert [("in", "EXTERNAL"), ("out", "EXTERNAL")] == means(us)
    versions = {each.transport.getHandle().get_protocol_version_name() for each in us.link._streams}
    assert {"TLSv1.2"} == versions


@pytest_twisted.ensureDeferred
async def test_stanzasKeepTheirOrder(world: World) -> None:
    """
    What was said before there was a stream arrives first, and in order.
    """
    us, them = world.party(US), world.party(THEM)

    for number in range(50):
        us.say(US, USER, str(number))
    await world.until(lambda: len(them.received) == 50)
    us.say(US, USER, "50")
    await world.until(lambda: len(them.received) == 51)

    assert [str(number) for number in range(51)] == [str(each.body) for each in them.received]


@pytest_twisted.ensureDeferred
async def test_hostsOfOneHouseTalkWithoutStreams(world: World) -> None:
    """
    From one host of ours to another nothing goes over the network.
    """
    us = world.party(US, "other.example")

    answer = await world.come(us.ping(US, "other.example"))

    assert ("result", "other.example") == (answer["type"], answer["from"])
    assert set() == us.link._streams


# Policy


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(("ours", "theirs"), [(True, False), (False, True)])
async def test_strictPolicyRefusesWhomItDoesNotTrust(world: World, ours: bool, theirs: bool) -> None:
    """
    Where certificates have to be trusted, nothing is said to, or taken from, whose is not.
    """
    strict, lax = world.party(US, requireTrusted=True), world.party(THEM, trusted=False)

    with pytest.raises(StanzaError) as out:
        await world.come(strict.ping(US, USER))
    with pytest.raises(StanzaError) as into:
        await world.come(lax.ping(USER, US))

    assert ("wait", "remote-server-timeout") == (out.value.type, out.value.condition)
    assert ("wait", "remote-server-timeout") == (into.value.type, into.value.condition)
    assert ([], []) == (strict.received, lax.received)


# Where servers are


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        (NoSuchDomain("nothing"), ("cancel", "remote-server-not-found")),
        (LookupTrouble("no answer"), ("wait", "remote-server-timeout")),
    ],
)
async def test_stanzasComeBackWithTheTruth(world: World, trouble: Exception, expected: tuple[str, str]) -> None:
    """
    That a domain does not exist is final; that DNS does not answer is not.
    """
    us = world.party(US)
    world.places[THEM] = trouble

    with pytest.raises(StanzaError) as refusal:
        await world.come(us.ping(US, USER))

    assert expected == (refusal.value.type, refusal.value.condition)


@pytest_twisted.ensureDeferred
async def test_everyServerOfADomainIsTried(world: World) -> None:
    """
    One that does not take connections, and one that is no XMPP server, do not keep us from the third.
    """
    us, them = world.party(US), world.party(THEM)
    closed, web = freePort(), world.reactor.listenTCP(0, silly(), interface=LOOPBACK)
    world.cleanups.append(web.stopListening)
    nowhere = Candidate("closed", closed, False, (LOOPBACK,))
    others = [Candidate("web", web.getHost().port, direct, (LOOPBACK,)) for direct in (False, True)]
    world.places[THEM] = [nowhere, *others, them.candidate()]

    assert "result" == (await world.come(us.ping(US, USER)))["type"]


@pytest_twisted.ensureDeferred
async def test_newCertificatesAreShownFromNowOn(world: World) -> None:
    """
    After a reload new streams show the new certificate; those that there are stay.
    """
    us = world.party(US, trusted=False, bidi=False)
    world.party(THEM, bidi=False)
    await world.come(us.ping(US, USER))
    good = world.certificate(US)
    old = us.certificates._default
    assert old is not None
    old.certificate.write_bytes(good.certificate.read_bytes())
    old.key.write_bytes(good.key.read_bytes())

    await us.link.reload()
    former = means(us)
    for stream in us.outgoing:
        stream.finish()
    await world.until(lambda: not us.outgoing)
    await world.come(us.ping(US, USER))

    assert [("in", "EXTERNAL"), ("out", "dialback")] == former
    assert [("in", "EXTERNAL"), ("out", "EXTERNAL")] == means(us)
