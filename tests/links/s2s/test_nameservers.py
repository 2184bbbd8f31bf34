"""
Name servers as they are: silent, slow, lying, brief, or not there.
"""

import socket
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.names.dns import A

from pushsvc.links.s2s.nameservers import NameServers, parsed
from pushsvc.links.s2s.resolve import CANDIDATES_MAX, Candidate, LookupTrouble, NoSuchDomain, Resolver
from tests.links.s2s.nameserver import BRIEFLY, HERE, LONG, SRV, SRVS, Faulty
from tests.servers.rig.ports import freePort


@pytest.fixture
def closedPort() -> int:
    """
    Nobody listens there, and nobody else is given it meanwhile.
    """
    return freePort()


@pytest_twisted.ensureDeferred
async def test_silenceIsTemporary(dns, hasty, reactor):
    """
    No answer at all, after every attempt, is trouble.
    """
    dns.zone = {name: {"silent": ["SRV"]} for name in (SRV + "a.example", SRVS + "a.example")}

    with pytest.raises(LookupTrouble):
        await hasty.candidates("a.example")

    # What we have asked it need not have heard yet.
    limit = reactor.seconds() + 60
    while dns.asked.count((SRV + "a.example", "SRV", False)) < len(BRIEFLY) and reactor.seconds() < limit:
        await deferLater(reactor, 0.001)
    assert len(BRIEFLY) == dns.asked.count((SRV + "a.example", "SRV", False))


@pytest_twisted.ensureDeferred
async def test_nobodyListensThere(reactor, closedPort):
    """
    A name server that is not running is trouble at once.
    """
    resolver = Resolver([("127.0.0.1", closedPort)], reactor, patience=(120.0,), reachable=HERE)

    with pytest.raises(LookupTrouble):
        await Deferred.fromCoroutine(resolver.candidates("a.example")).addTimeout(60, reactor)


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
async def test_slowAnswersAreWaitedFor(dns, reactor):
    """
    What is slow is not lost, and not asked for by another name.
    """
    dns.zone = {
        SRV + "a.example": {"SRV": [[0, 0, 5269, "one.example"]], "delay": 0.3},
        "one.example": {"A": ["127.0.0.1"], "AAAA": ["::1"], "delay": 0.3},
    }
    resolver = Resolver([dns.address], reactor, patience=(30.0,), reachable=HERE)

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
    resolver = Resolver([dns.address], reactor, patience=(120.0,), reachable=HERE)

    found = await Deferred.fromCoroutine(resolver.candidates("a.example")).addTimeout(60, reactor)

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
