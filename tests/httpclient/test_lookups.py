"""
Names whose name servers do not answer are in nobody's way.
"""

import socket
import threading

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet._resolver import GAIResolver
from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from twisted.internet.task import Clock, deferLater
from twisted.internet.threads import deferToThread
from zope.interface import implementer
from zope.interface.verify import verifyObject

from pushsvc.httpclient.lookups import PATIENCE, THREADS, Lookups, _threads, lookupsOf


@implementer(IResolutionReceiver)
class Receiver:
    """
    :ivar result: fires with the addresses.
    """

    def __init__(self):
        self.result = Deferred()
        self._addresses = []

    def resolutionBegan(self, resolution):
        self.name = resolution.name

    def addressResolved(self, address):
        self._addresses.append(address.host)

    def resolutionComplete(self):
        self.result.callback(self._addresses)


class NameServers:
    """
    Those of slow names say nothing until they are allowed to; all others answer.
    """

    def __init__(self):
        self.asked = []
        self.allowed = threading.Event()

    def getaddrinfo(self, host, port, *rest):
        self.asked.append(host)
        if host.startswith("slow"):
            self.allowed.wait(20)
        if host.startswith("nothing"):
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("192.0.2.1", port))]


@pytest.fixture
def servers():
    servers = NameServers()
    yield servers
    servers.allowed.set()


@pytest.fixture
def lookups(servers):
    return Lookups(GAIResolver(reactor, _threads(), servers.getaddrinfo), Clock(), remembered=40)


def asked(lookups, name):
    receiver = Receiver()
    lookups.resolveHostName(receiver, name, 443)
    assert name == receiver.name
    return receiver.result


def test_interface(lookups):
    """
    It is what looks up names elsewhere.
    """
    assert verifyObject(IHostnameResolver, lookups)


@pytest_twisted.ensureDeferred
async def test_slowNamesDelayNobody(lookups, servers):
    """
    While nearly all threads wait for name servers that say nothing, other such names are found, and the reactor's own
    threads are free for everybody else.
    """
    slow = [asked(lookups, f"slow{number}.example") for number in range(THREADS - 1)]

    assert ["192.0.2.1"] == await asked(lookups, "fast.example").addTimeout(5, reactor)
    assert await gatherResults([deferToThread(lambda: True) for _ in range(20)]).addTimeout(5, reactor)

    assert not any(result.called for result in slow)
    servers.allowed.set()
    assert [["192.0.2.1"]] * len(slow) == await gatherResults(slow)


@pytest_twisted.ensureDeferred
async def test_oneNameTakesOneThread(lookups, servers):
    """
    A name that many want to know is asked for once; when that is over it is asked for anew.
    """
    slow = [asked(lookups, "slow.example") for _ in range(1000)]

    assert [] == await asked(lookups, "nothing.example").addTimeout(5, reactor)
    servers.allowed.set()
    assert [["192.0.2.1"]] * 1000 == await gatherResults(slow)
    assert 1 == servers.asked.count("slow.example")
    assert ["192.0.2.1"] == await asked(lookups, "slow.example")
    assert 2 == servers.asked.count("slow.example")


@pytest_twisted.ensureDeferred
async def test_whatWasFoundBeforeIsFoundWhereItWas(lookups, servers):
    """
    While all threads wait for name servers that say nothing, names that were found before are where they were, and are
    asked for once more when that is over. Those that were never found have to wait.
    """
    await asked(lookups, "known.example")
    slow = [asked(lookups, f"slow{number}.example") for number in range(THREADS)]
    known, unknown = asked(lookups, "known.example"), asked(lookups, "unknown.example")

    lookups._clock.advance(PATIENCE - 0.1)
    assert not known.called
    lookups._clock.advance(0.1)

    assert ["192.0.2.1"] == await known == await asked(lookups, "known.example")
    assert not unknown.called
    servers.allowed.set()
    await gatherResults([*slow, unknown])
    # Threads end in no particular order.
    while lookups._underWay:
        await deferLater(reactor, 0.01)
    assert ["192.0.2.1"] == await asked(lookups, "known.example")
    assert 3 == servers.asked.count("known.example")
    assert [] == lookups._clock.getDelayedCalls()


@pytest_twisted.ensureDeferred
async def test_fewAreRemembered(lookups, servers):
    """
    However many names there are, it is remembered of the latest where they were.
    """
    for number in range(50):
        await asked(lookups, f"fast{number}.example")

    assert 40 == len(lookups._found)


def test_oneForAllClients():
    """
    All clients of a reactor share it; a reactor with a resolver of its own is asked itself.
    """

    class Other:
        nameResolver = object()

    assert lookupsOf(reactor) is lookupsOf(reactor)
    assert isinstance(lookupsOf(reactor), Lookups)
    assert lookupsOf(Other) is Other.nameResolver
