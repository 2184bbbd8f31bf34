"""
A small internet on one machine: domains with streams to one another, addresses without DNS, time that can be told to
pass.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from twisted.internet import reactor as theReactor
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.task import Clock, deferLater
from twisted.words.protocols.jabber.jid import JID
from twisted.words.xish.domish import Element
from wokkel.generic import Request

from pushsvc.links.s2s.domains import NoSuchDomain, asciiOf
from pushsvc.links.s2s.link import S2SLink
from pushsvc.links.s2s.ourselves import Settings
from pushsvc.links.s2s.resolve import Candidate
from pushsvc.links.s2s.tls import Certificates, Files
from pushsvc.wire.replies import resultReply
from tests.links.peer import Recorder
from tests.standins.certificates import CA, Certificate

reactor: Any = theReactor

LOOPBACK = "127.0.0.1"


class Hybrid:
    """
    A reactor with real sockets, whose time passes only when it is told to.
    """

    def __init__(self, clock: Clock) -> None:
        self.seconds = clock.seconds
        self.callLater = clock.callLater

    def __getattr__(self, name: str) -> Any:
        return getattr(reactor, name)


class World:
    """
    Who there is.

    :ivar trusted: the authority that everybody trusts.
    :ivar other: one that nobody does.
    :ivar places: where the servers of domains are; or the exception that looking for them ends with.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.clock = clock
        self.reactor = Hybrid(clock)
        self.trusted = CA(folder / "trusted")
        self.other = CA(folder / "other", "Nobody's CA")
        self.places: dict[str, list[Candidate] | Exception] = {}
        self.parties: list[Party] = []
        self.cleanups: list[Callable[[], Any]] = []

    def certificate(self, *domains: str, trusted: bool = True) -> Certificate:
        """
        A certificate for these domains.
        """
        return (self.trusted if trusted else self.other).issue(*[asciiOf(domain) for domain in domains])

    def party(self, *hosts: str, **how: Any) -> "Party":
        """
        A server that is these domains, listening and started.
        """
        party = Party(self, hosts, **how)
        self.parties.append(party)
        party.link.startService()
        party.announce()
        return party

    async def candidates(self, domain: str) -> list[Candidate]:
        """
        In place of DNS.
        """
        place = self.places.get(domain, NoSuchDomain(domain))
        if isinstance(place, Exception):
            raise place
        return place

    async def until(self, condition: Callable[[], Any], patience: float = 60) -> Any:
        """
        Wait, in real time, for something that sockets have to do.
        """
        limit = reactor.seconds() + patience
        while not (found := condition()):
            assert reactor.seconds() < limit, "it does not happen"
            await self.turn()
        return found

    async def turn(self, count: int = 1) -> None:
        """
        Let the reactor do what it can do at once.
        """
        for _ in range(count):
            await deferLater(reactor, 0.001)
            self.clock.advance(0)

    async def come(self, awaitable: Any) -> Any:
        """
        What comes of it, in a while.
        """
        waiting = awaitable if isinstance(awaitable, Deferred) else ensureDeferred(awaitable)
        outcome: list[Any] = []
        failures: list[Any] = []
        waiting.addCallbacks(lambda result: outcome.append((result,)), failures.append)
        await self.until(lambda: outcome or failures)
        if failures:
            failures[0].raiseException()
        return outcome[0][0]

    async def end(self) -> None:
        """
        Everybody goes home.
        """
        for cleanup in self.cleanups:
            await self.come(_deferred(cleanup()))
        for party in self.parties:
            if party.link.running:
                await self.come(party.link.stopService())


def _deferred(result: Any) -> Deferred[Any]:
    if isinstance(result, Deferred):
        return result
    done: Deferred[Any] = Deferred()
    done.callback(result)
    return done


class Party:
    """
    A server, and somebody in it who takes stanzas.

    :ivar received: the stanzas that arrived, in order.
    """

    def __init__(
        self,
        world: World,
        hosts: Sequence[str],
        certificates: dict[str, Certificate] | None = None,
        trusted: bool = True,
        direct: bool = False,
        interface: str = LOOPBACK,
        **settings: Any,
    ) -> None:
        """
        :param certificates: by host; None: one for all of them.
        :param trusted: whether that is from the authority that everybody trusts.
        :param direct: TLS comes first.
        """
        self.world = world
        self.hosts = hosts
        self._direct = direct
        self._interface = interface
        default = None if certificates else world.certificate(*hosts, trusted=trusted)
        self.certificates = Certificates(
            {host: Files(each.certificate, each.key) for host, each in (certificates or {}).items()},
            default and Files(default.certificate, default.key),
            world.trusted.certificate,
        )
        escaped = interface.replace(":", "\\:")
        endpoint = serverFromString(reactor, f"tcp:0:interface={escaped}")
        self.link = S2SLink(
            hosts,
            self.certificates,
            world.candidates,
            [(endpoint, direct)],
            world.reactor,
            replace(Settings(), **settings),
            randomly=lambda: 1.0,
        )
        self.handler = Recorder("/*")
        self.received: list[Element] = []
        self.link.addHandlers([self.handler])
        self._listen()

    def _listen(self) -> None:
        def listen(stanza: Element) -> None:
            self.received.append(stanza)
            self.handler.received.get().addCallback(listen)
            if stanza.name == "iq" and stanza["type"] in ("get", "set"):
                self.handler.send(resultReply(stanza))

        self.handler.received.get().addCallback(listen)

    @property
    def port(self) -> int:
        return int(self.link._ports[0].getHost().port)

    def candidate(self) -> Candidate:
        """
        Where it is.
        """
        return Candidate("here", self.port, self._direct, (self._interface,))

    def announce(self) -> None:
        """
        Let everybody know where it is.
        """
        for host in self.hosts:
            self.world.places[host] = [self.candidate()]

    @property
    def incoming(self) -> list[Any]:
        """
        The streams that others have opened.
        """
        return [stream for stream in self.link._streams if not stream.initiating]

    @property
    def outgoing(self) -> list[Any]:
        """
        The streams that it has opened.
        """
        return [stream for stream in self.link._streams if stream.initiating]

    def ping(self, sender: str, recipient: str) -> Deferred[Element]:
        """
        Ask somebody for an answer.
        """
        request = Request(sender=JID(sender), recipient=JID(recipient))
        request.childNamespace = "urn:example"
        request.timeout = 1_000
        request.toElement = lambda: _asking(sender, recipient)
        return self.link.request(request)

    def say(self, sender: str, recipient: str, text: str = "") -> None:
        """
        Send a message.
        """
        self.link.send(message(sender, recipient, text))


def message(sender: str, recipient: str, text: str = "") -> Element:
    """
    A message.
    """
    stanza = Element((None, "message"), attribs={"from": sender, "to": recipient})
    stanza.addElement("body", content=text)
    return stanza


_count = 0


def _asking(sender: str, recipient: str) -> Element:
    global _count
    _count += 1
    iq = Element((None, "iq"), attribs={"from": sender, "to": recipient, "type": "get", "id": f"q{_count}"})
    iq.addElement(("urn:example", "query"))
    return iq
