"""
Where a domain's server is.
"""

import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.names.dns import A

from pushsvc.addresses import Reachable
from pushsvc.links.s2s.nameservers import NameServers, parsed
from pushsvc.links.s2s.resolve import ADDRESSES_MAX, CANDIDATES_MAX, Candidate, LookupTrouble, NoSuchDomain, Resolver
from pushsvc.links.s2s.srv import Service, inOrder
from tests.links.s2s.nameserver import NOWHERE, SRV, SRVS, Faulty

# Patience with those who will not answer; and with those who will, on whatever machine.
BRIEFLY = (0.2, 0.2)
LONG = (5.0, 5.0)

# In these tests everybody is on one machine.
HERE = Reachable(("127.0.0.0/8", "::1/128", "2001:db8::/32"))


@pytest.fixture
def reactor() -> Any:
    from twisted.internet import reactor

    return reactor


@pytest_twisted.async_yield_fixture
async def dns(tmp_path: Path, reactor: Any) -> AsyncIterator[Faulty]:
    server = Faulty(tmp_path, reactor)
    server.start()
    yield server
    await server.stop()


@pytest_twisted.async_yield_fixture
async def second(tmp_path: Path, reactor: Any) -> AsyncIterator[Faulty]:
    folder = tmp_path / "second"
    folder.mkdir()
    server = Faulty(folder, reactor)
    server.start()
    yield server
    await server.stop()


@pytest.fixture
def resolver(dns: Faulty, reactor: Any) -> Resolver:
    return Resolver([dns.address], reactor, lambda: 0.0, LONG, HERE)


@pytest.fixture
def hasty(dns: Faulty, reactor: Any) -> Resolver:
    return Resolver([dns.address], reactor, lambda: 0.0, BRIEFLY, HERE)


@pytest.fixture
def closedPort() -> Iterator[int]:
    """
    Nobody listens there, and nobody else is given it meanwhile.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.2", 0))
        yield taken.getsockname()[1]


@pytest_twisted.ensureDeferred
async def test_6120_5_serversAreTriedByPriority(dns, resolver):
    """
    SRV records are sorted by priority; each host comes with all its addresses.
    """
    dns.zone = {
        SRV + "a.example": {"SRV": [[20, 0, 5270, "two.example"], [10, 0, 5269, "one.example"]]},
        "one.example": {"A": ["127.0.0.1", "127.0.0.2"], "AAAA": ["::1"]},
        "two.example": {"A": ["127.0.0.3"]},
    }

    assert [
        Candidate("one.example", 5269, False, ("::1", "127.0.0.1", "127.0.0.2")),
        Candidate("two.example", 5270, False, ("127.0.0.3",)),
    ] == await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_0368_1_bothKindsAreMerged(dns, resolver):
    """
    Direct TLS and STARTTLS are tried in the order of their priorities, whichever kind they are.
    """
    dns.zone = {
        SRVS + "a.example": {"SRV": [[5, 0, 5270, "one.example"], [30, 0, 443, "one.example"]]},
        SRV + "a.example": {"SRV": [[20, 0, 5269, "one.example"]]},
        "one.example": {"A": ["127.0.0.1"]},
    }

    found = await resolver.candidates("a.example")

    assert [(5270, True), (5269, False), (443, True)] == [(each.port, each.direct) for each in found]
    # One host is looked up once.
    assert [("one.example", "A", False)] == [each for each in dns.asked if each[:2] == ("one.example", "A")]


@pytest.mark.parametrize("direct", [False, True])
@pytest_twisted.ensureDeferred
async def test_6120_5_withoutAServiceThereIsNoGuessing(dns, resolver, direct):
    """
    "." as the target says that there is no such service, for good: the domain's own address is not tried.
    """
    dns.zone = {SRV + "a.example": {"SRV": [[0, 0, 0, NOWHERE]]}, "a.example": {"A": ["127.0.0.1"]}}
    if direct:
        dns.zone[SRVS + "a.example"] = {"SRV": [[0, 0, 0, NOWHERE]]}

    with pytest.raises(NoSuchDomain):
        await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_0368_1_noDirectTLSIsNotNoService(dns, resolver):
    """
    "." for direct TLS closes that way only.
    """
    dns.zone = {
        SRVS + "a.example": {"SRV": [[0, 0, 0, NOWHERE]]},
        SRV + "a.example": {"SRV": [[0, 0, 5269, "one.example"]]},
        "one.example": {"A": ["127.0.0.1"]},
    }

    assert [Candidate("one.example", 5269, False, ("127.0.0.1",))] == await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_0368_1_directTLSMayBeAllThereIs(dns, resolver):
    """
    "." for STARTTLS leaves direct TLS.
    """
    dns.zone = {
        SRVS + "a.example": {"SRV": [[0, 0, 5270, "one.example"]]},
        SRV + "a.example": {"SRV": [[0, 0, 0, NOWHERE]]},
        "one.example": {"A": ["127.0.0.1"]},
    }

    assert [Candidate("one.example", 5270, True, ("127.0.0.1",))] == await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_0368_1_noDirectTLSAloneIsAnAnswer(dns, resolver):
    """
    Where the only SRV record says that there is no direct TLS, the domain's own address is not tried either.
    """
    dns.zone = {SRVS + "a.example": {"SRV": [[0, 0, 0, NOWHERE]]}, "a.example": {"A": ["127.0.0.1"]}}

    with pytest.raises(NoSuchDomain):
        await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_6120_5_withoutRecordsTheDomainItselfIsTried(dns, resolver):
    """
    Without SRV records the domain's own addresses are tried, on port 5269.
    """
    dns.zone = {"a.example": {"A": ["127.0.0.1"], "AAAA": ["::1"]}}

    assert [Candidate("a.example", 5269, False, ("::1", "127.0.0.1"))] == await resolver.candidates("a.example")


@pytest.mark.parametrize("zone", [{}, {"a.example": {"TXT": ["mail only"]}}])
@pytest_twisted.ensureDeferred
async def test_aDomainThatIsNotThereIsNotThere(dns, resolver, zone):
    """
    No such name, or a name without anything of use: that is final.
    """
    dns.zone = zone

    with pytest.raises(NoSuchDomain):
        await resolver.candidates("a.example")


@pytest.mark.parametrize("domain", ["", "a..b", "x" * 64 + ".example", "y" * 300, "\ue000.example"])
@pytest_twisted.ensureDeferred
async def test_whatNoNameCanBeIsNotAskedFor(dns, resolver, domain):
    """
    What cannot be a name does not exist; nobody is asked.
    """
    with pytest.raises(NoSuchDomain):
        await resolver.candidates(domain)

    assert [] == dns.asked


@pytest.mark.parametrize("code", [1, 2, 4, 5])
@pytest_twisted.ensureDeferred
async def test_aFailureIsTemporary(dns, resolver, code):
    """
    SERVFAIL, REFUSED and their like say nothing about the domain.
    """
    dns.zone = {name: {"rcode": code} for name in (SRV + "a.example", SRVS + "a.example", "a.example")}

    with pytest.raises(LookupTrouble):
        await resolver.candidates("a.example")

    # Who has said no is not asked again.
    assert 1 == dns.asked.count((SRV + "a.example", "SRV", False))


@pytest.mark.parametrize("fault", [{"rcode": 2}, {"silent": ["A", "AAAA"]}])
@pytest_twisted.ensureDeferred
async def test_anAddressThatCannotBeLookedUpIsTemporary(dns, hasty, fault):
    """
    Trouble with the addresses of the only host is trouble; so is its having none: the domain says that there is one.
    """
    dns.zone = {SRV + "a.example": {"SRV": [[0, 0, 5269, "one.example"]]}, "one.example": fault}
    with pytest.raises(LookupTrouble):
        await hasty.candidates("a.example")

    dns.zone["one.example"] = {}
    with pytest.raises(LookupTrouble):
        await hasty.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_hostsWithoutAddressAreLeftOut(dns, resolver):
    """
    A host that does not exist, or cannot be looked up, leaves the others.
    """
    dns.zone = {
        SRV + "a.example": {
            "SRV": [[0, 0, 1, "gone.example"], [1, 0, 2, "trouble.example"], [2, 0, 3, "good.example"]],
        },
        "trouble.example": {"rcode": 2},
        "good.example": {"A": ["127.0.0.1"]},
    }

    assert [Candidate("good.example", 3, False, ("127.0.0.1",))] == await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_troubleWithDirectTLSDoesNotCutOff(dns, resolver):
    """
    Name servers that choke on the newer kind of records do not make their domains unreachable.
    """
    dns.zone = {SRVS + "a.example": {"rcode": 2}, "a.example": {"A": ["127.0.0.1"]}}

    assert [Candidate("a.example", 5269, False, ("127.0.0.1",))] == await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_troubleWithTheOlderKindIsTrouble(dns, resolver):
    """
    When it is not known whether there are SRV records, nothing is guessed.
    """
    dns.zone = {SRV + "a.example": {"rcode": 2}, "a.example": {"A": ["127.0.0.1"]}}

    with pytest.raises(LookupTrouble):
        await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_silenceIsTemporary(dns, hasty):
    """
    No answer at all, after every attempt, is trouble.
    """
    dns.zone = {name: {"silent": ["SRV"]} for name in (SRV + "a.example", SRVS + "a.example")}

    with pytest.raises(LookupTrouble):
        await hasty.candidates("a.example")

    assert len(BRIEFLY) == dns.asked.count((SRV + "a.example", "SRV", False))


@pytest_twisted.ensureDeferred
async def test_nobodyListensThere(reactor, closedPort):
    """
    A name server that is not running is trouble at once.
    """
    resolver = Resolver([("127.0.0.1", closedPort)], reactor, patience=(30.0,), reachable=HERE)

    with pytest.raises(LookupTrouble):
        await Deferred.fromCoroutine(resolver.candidates("a.example")).addTimeout(5, reactor)


@pytest.mark.parametrize("fault", [{"rcode": 2}, {"rcode": 5}, {"silent": ["SRV", "A", "AAAA"]}])
@pytest_twisted.ensureDeferred
async def test_theNextServerIsAsked(dns, second, reactor, fault):
    """
    What one name server fails to answer, the next one may.
    """
    dns.zone = dict.fromkeys((SRV + "a.example", SRVS + "a.example", "a.example"), fault)
    second.zone = {"a.example": {"A": ["127.0.0.1"]}}
    resolver = Resolver([dns.address, second.address], reactor, patience=(BRIEFLY[0], LONG[0]), reachable=HERE)

    assert [Candidate("a.example", 5269, False, ("127.0.0.1",))] == await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_whatDoesNotExistIsNotAskedForTwice(dns, second, reactor):
    """
    That there is nothing is an answer, too.
    """
    resolver = Resolver([dns.address, second.address], reactor, patience=LONG, reachable=HERE)

    with pytest.raises(NoSuchDomain):
        await resolver.candidates("a.example")

    assert [] == second.asked


@pytest_twisted.ensureDeferred
async def test_longAnswersComeByTCP(dns, resolver):
    """
    An answer that does not fit is asked for again by TCP, at the same server.
    """
    dns.zone = {
        SRV + "a.example": {"SRV": [[0, 0, 5269, "one.example"]], "truncated": True},
        "one.example": {"A": ["127.0.0.1"], "truncated": True},
    }

    assert [Candidate("one.example", 5269, False, ("127.0.0.1",))] == await resolver.candidates("a.example")
    assert (SRV + "a.example", "SRV", True) in dns.asked
    assert ("one.example", "A", True) in dns.asked


@pytest_twisted.ensureDeferred
async def test_manyRecordsReallyDoNotFit(dns, resolver):
    """
    More records than a datagram holds arrive all the same; how many are tried is bounded.
    """
    dns.zone = {
        SRV + "a.example": {"SRV": [[n, 0, 5000 + n, f"host-with-a-long-name-{n}.example"] for n in range(60)]},
        **{f"host-with-a-long-name-{n}.example": {"A": [f"127.0.1.{n}"]} for n in range(60)},
    }

    found = await resolver.candidates("a.example")

    assert list(range(5000, 5000 + CANDIDATES_MAX)) == [each.port for each in found]


@pytest_twisted.ensureDeferred
async def test_withoutTCPALongAnswerIsTrouble(tmp_path, reactor):
    """
    A truncated answer that cannot be had by TCP is no answer.
    """
    dns = Faulty(tmp_path, reactor)
    dns.start(tcp=False)
    dns.zone = {SRV + "a.example": {"SRV": [[0, 0, 5269, "127.0.0.1"]], "truncated": True}}
    try:
        with pytest.raises(LookupTrouble):
            await Resolver([dns.address], reactor, patience=LONG, reachable=HERE).candidates("a.example")
    finally:
        await dns.stop()


@pytest_twisted.ensureDeferred
async def test_addressesAreBounded(dns, resolver):
    """
    So is the number of addresses; those that are nowhere do not count, nor do repetitions.
    """
    dns.zone = {
        "a.example": {"A": ["0.0.0.0", "224.0.0.1", *["127.0.0.9"] * 3, *(f"127.0.0.{n}" for n in range(10, 20))]}
    }

    [found] = await resolver.candidates("a.example")

    assert ("127.0.0.9", "127.0.0.10", "127.0.0.11", "127.0.0.12") == found.addresses
    assert ADDRESSES_MAX == len(found.addresses)


@pytest.mark.parametrize("follow", [False, True])
@pytest_twisted.ensureDeferred
async def test_aliasesAreFollowed(dns, resolver, follow):
    """
    CNAMEs lead to addresses, whether the name server follows them itself or not.
    """
    dns.zone = {
        "a.example": {"CNAME": "b.example", "follow": follow},
        "b.example": {"A": ["127.0.0.1"]},
    }

    assert [Candidate("a.example", 5269, False, ("127.0.0.1",))] == await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_aliasesOfServicesAreFollowed(dns, resolver):
    """
    SRV records may stand behind a CNAME.
    """
    dns.zone = {
        SRV + "a.example": {"CNAME": SRV + "hoster.example"},
        SRV + "hoster.example": {"SRV": [[0, 0, 5269, "127.0.0.1"]]},
    }

    assert [Candidate("127.0.0.1", 5269, False, ("127.0.0.1",))] == await resolver.candidates("a.example")


@pytest.mark.parametrize("target", ["b.example", "a.example"])
@pytest_twisted.ensureDeferred
async def test_aliasesInACircleEnd(dns, resolver, target):
    """
    Aliases that lead nowhere, or back, are not followed for ever.
    """
    dns.zone = {"a.example": {"CNAME": target}, "b.example": {"CNAME": "a.example"}}

    with pytest.raises((LookupTrouble, NoSuchDomain)):
        await resolver.candidates("a.example")

    assert len(dns.asked) < 40


@pytest_twisted.ensureDeferred
async def test_ipv6MayBeAllThereIs(dns, resolver):
    """
    A host with an IPv6 address only is reached by that.
    """
    dns.zone = {SRV + "a.example": {"SRV": [[0, 0, 5269, "six.example"]]}, "six.example": {"AAAA": ["2001:db8::1"]}}

    assert [Candidate("six.example", 5269, False, ("2001:db8::1",))] == await resolver.candidates("a.example")


@pytest.mark.parametrize("target", ["127.0.0.1", "::1"])
@pytest_twisted.ensureDeferred
async def test_addressesAsTargetsAreTolerated(dns, resolver, target):
    """
    An SRV record that names an address instead of a host is understood.
    """
    dns.zone = {SRV + "a.example": {"SRV": [[0, 0, 15269, target]]}}

    assert [Candidate(target, 15269, False, (target,))] == await resolver.candidates("a.example")


@pytest.mark.parametrize(("domain", "address"), [("127.0.0.1", "127.0.0.1"), ("[::1]", "::1")])
@pytest_twisted.ensureDeferred
async def test_6120_5_anAddressAsDomainNeedsNoLookup(dns, resolver, domain, address):
    """
    Who is called by an address is found there.
    """
    assert [Candidate(address, 5269, False, (address,))] == await resolver.candidates(domain)
    assert [] == dns.asked


@pytest.mark.parametrize("domain", ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example"])
@pytest_twisted.ensureDeferred
async def test_internationalDomainsAreAskedForInALabels(dns, resolver, domain):
    """
    DNS knows international domains by their A-labels.
    """
    dns.zone = {SRV + "xn--bcher-kva.example": {"SRV": [[0, 0, 5269, "127.0.0.1"]]}}

    assert [Candidate("127.0.0.1", 5269, False, ("127.0.0.1",))] == await resolver.candidates(domain)


@pytest_twisted.ensureDeferred
async def test_slowAnswersAreWaitedFor(dns, reactor):
    """
    What is slow is not lost, and not asked for by another name.
    """
    dns.zone = {
        SRV + "a.example": {"SRV": [[0, 0, 5269, "one.example"]], "delay": 0.3},
        "one.example": {"A": ["127.0.0.1"], "AAAA": ["::1"], "delay": 0.3},
    }
    resolver = Resolver([dns.address], reactor, patience=(1.0,), reachable=HERE)

    assert [Candidate("one.example", 5269, False, ("::1", "127.0.0.1"))] == await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_halfAnAnswerIsNotHeldUpForLong(dns, reactor):
    """
    Name servers that never answer for AAAA, or for direct TLS, cost a second each, not all our patience.
    """
    dns.zone = {
        SRV + "a.example": {"SRV": [[0, 0, 5269, "one.example"]]},
        SRVS + "a.example": {"silent": ["SRV"]},
        "one.example": {"A": ["127.0.0.1"], "silent": ["AAAA"]},
    }
    resolver = Resolver([dns.address], reactor, patience=(30.0,), reachable=HERE)

    found = await Deferred.fromCoroutine(resolver.candidates("a.example")).addTimeout(5, reactor)

    assert [Candidate("one.example", 5269, False, ("127.0.0.1",))] == found


@pytest_twisted.ensureDeferred
async def test_forgeriesAreIgnored(dns, resolver):
    """
    Datagrams that are no answer to the question are not believed, and the answer behind them is.
    """
    dns.zone = {"a.example": {"A": ["127.0.0.1"], "garbage": True}}

    assert [Candidate("a.example", 5269, False, ("127.0.0.1",))] == await resolver.candidates("a.example")


@pytest_twisted.ensureDeferred
async def test_aLookupCanBeCancelled(dns, reactor):
    """
    Cancelled, a lookup ends as such and leaves nothing behind.
    """
    dns.zone = {name: {"silent": ["SRV"]} for name in (SRV + "a.example", SRVS + "a.example")}
    before = {*reactor.getDelayedCalls(), *reactor.getReaders()}
    lookup = Deferred.fromCoroutine(Resolver([dns.address], reactor, reachable=HERE).candidates("a.example"))
    await deferLater(reactor, 0.05)
    assert {*reactor.getReaders()} - before

    lookup.cancel()

    with pytest.raises(CancelledError):
        await lookup
    assert set() == {*reactor.getDelayedCalls(), *reactor.getReaders()} - before


@pytest_twisted.ensureDeferred
async def test_nameServersMayHaveIPv6(tmp_path, reactor):
    """
    A name server is reached by IPv6, too, also for long answers.
    """
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as trial:
            trial.bind(("::1", 0))
    except OSError:
        pytest.skip("THIS MACHINE HAS NO IPv6 LOOPBACK: name servers by IPv6 are not tested")
    dns = Faulty(tmp_path, reactor)
    dns.start("::1")
    dns.zone = {"a.example": {"A": ["127.0.0.1"], "truncated": True}}
    try:
        found = await Resolver([dns.address], reactor, patience=LONG, reachable=HERE).candidates("a.example")
    finally:
        await dns.stop()

    assert [Candidate("a.example", 5269, False, ("127.0.0.1",))] == found


def test_nameServersAreNamedByAddress():
    """
    A name server with a name would have to be looked up first.
    """
    with pytest.raises(ValueError, match=r"dns\.example"):
        Resolver([("dns.example", 53)], None)


def test_theSystemsNameServers():
    """
    resolv.conf names at most three that count; what is no address is passed over; without any it is this machine.
    """
    text = (
        "# comment\nsearch example\nnameserver 192.0.2.1\nnameserver\nnameserver dns.example\nnameserver 2001:db8::1\n"
    )

    assert [("192.0.2.1", 53), ("2001:db8::1", 53)] == parsed(text)
    assert [("127.0.0.1", 53)] == parsed("options edns0\n")
    assert 3 == len(parsed("nameserver 192.0.2.1\n" * 5))


@pytest_twisted.ensureDeferred
async def test_theSystemsNameServersMayChange(tmp_path, reactor):
    """
    A changed resolv.conf counts from the next question on, and a missing one is like an empty one.
    """
    asked: list[Any] = []

    class Watched(NameServers):
        async def _askOne(self, server: Any, *question: Any) -> Any:
            asked.append(server[0])
            raise ConnectionRefusedError

    file = tmp_path / "resolv.conf"
    servers = Watched(None, reactor, (1.0,), file)
    for text in (None, "nameserver 192.0.2.1\n", "nameserver 192.0.2.2\nnameserver 192.0.2.3\n"):
        if text is not None:
            file.write_text(text)
        with pytest.raises(LookupTrouble):
            await servers.ask("a.example", 1)

    assert ["127.0.0.1", "192.0.2.1", "192.0.2.2", "192.0.2.3"] == asked


def services(*records: tuple[int, int, str]) -> list[Service]:
    return [Service(priority, weight, 5269, target, False) for priority, weight, target in records]


@pytest.mark.parametrize(
    ("luck", "first"),
    [(0.0, "none"), (0.009, "none"), (0.01, "light"), (0.099, "light"), (0.1, "heavy"), (0.999, "heavy")],
)
def test_6120_5_weightsAreOdds(luck, first):
    """
    Among equals the chance to be the first is as the weight; one without weight has a small one.
    """
    found = inOrder(services((0, 90, "heavy"), (0, 0, "none"), (0, 9, "light"), (1, 500, "later")), lambda: luck)

    assert first == found[0].target
    assert "later" == found[-1].target
    assert {"heavy", "none", "light", "later"} == {service.target for service in found}


def test_theSameRecordTwiceIsOne():
    """
    What DNS repeats is tried once.
    """
    assert 1 == len(inOrder(services((0, 0, "one"), (0, 0, "one")), lambda: 0.5))


@pytest_twisted.ensureDeferred
async def test_questionsAreBounded(dns, reactor):
    """
    Only so many questions are asked at the same time; others wait for their turn, and too many are not asked at all.
    """
    dns.zone = {f"{number}.example": {"A": ["127.0.0.1"], "delay": 0.2} for number in range(5)}
    before = len(reactor.getReaders())
    servers = NameServers([dns.address], reactor, LONG, maxQuestions=2, maxWaiting=2)
    asked = [Deferred.fromCoroutine(servers.ask(f"{number}.example", A)) for number in range(5)]
    sockets = len(reactor.getReaders()) - before

    with pytest.raises(LookupTrouble, match="too many questions"):
        await asked[4]
    answers = [await each for each in asked[:4]]

    assert 2 == sockets
    assert [1, 1, 1, 1] == [len(answer.answers) for answer in answers]
