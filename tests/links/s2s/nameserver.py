"""
A name server with the faults that name servers have.
"""

import json
from pathlib import Path
from typing import Any

from twisted.internet.interfaces import IListeningPort
from twisted.names import dns

from pushsvc.addresses import Reachable
from tests.servers.rig.nameserver import NameServer
from tests.servers.rig.ports import freePort

SRV = "_xmpp-server._tcp."
SRVS = "_xmpps-server._tcp."

# How Twisted spells ".", the target that is none.
NOWHERE = ""

# Patience with those who will not answer; and with those who will, on whatever machine.
BRIEFLY = (0.2, 0.2)
LONG = (30.0, 30.0)

# In these tests everybody is on one machine.
HERE = Reachable(("127.0.0.0/8", "::1/128", "2001:db8::/32"))


class Faulty(NameServer):
    """
    Answers from a zone, as the rig's does; and an entry may say how it misbehaves:

    - ``silent``: no answer to these kinds of questions (``["AAAA"]``);
    - ``delay``: seconds before each answer;
    - ``truncated``: by UDP, an answer that says that it is too long;
    - ``garbage``: datagrams sent before the answer: not a message, another's, an answer to something else;
    - ``CNAME``: one alias, which it follows where ``follow`` says so.

    :ivar asked: name, type and whether by TCP, for every question.
    """

    noisy = False

    def __init__(self, folder: Path, reactor: Any) -> None:
        super().__init__(folder / "zone.json")
        self.asked: list[tuple[str, str, bool]] = []
        self._reactor = reactor
        self._file = folder / "zone.json"
        self._ports: list[IListeningPort] = []
        self.zone: dict[str, Any] = {}
        self.address = ("", 0)

    def start(self, interface: str = "127.0.0.1", tcp: bool = True) -> None:
        """
        Listen, by UDP and TCP on the same port.
        """
        # One that nobody else can have, by whichever protocol.
        stream = self._reactor.listenTCP(freePort(), self, interface=interface)
        self.address = (interface, stream.getHost().port)
        protocol = dns.DNSDatagramProtocol(self, reactor=self._reactor)
        protocol.noisy = False
        self._ports = [self._reactor.listenUDP(self.address[1], protocol, interface=interface)]
        if tcp:
            self._ports.append(stream)
        else:
            stream.stopListening()

    async def stop(self) -> None:
        """
        Nobody listens any more.
        """
        for port in self._ports:
            await port.stopListening()

    def handleQuery(self, message: dns.Message, protocol: Any, address: Any) -> None:
        query = message.queries[0]
        name = query.name.name.decode("ascii").lower()
        kind = dns.QUERY_TYPES[query.type]
        byTCP = not isinstance(protocol, dns.DNSDatagramProtocol)
        self.asked.append((name, kind, byTCP))
        self._file.write_text(json.dumps(self.zone), "utf-8")
        entry = self.zone.get(name, {})
        if kind in entry.get("silent", ()):
            return
        if entry.get("truncated") and not byTCP:
            reply = self._responseFromMessage(message, rCode=dns.OK)
            reply.trunc = 1
            self.sendReply(protocol, reply, address)
            return
        if entry.get("garbage"):
            self._sendGarbage(message, protocol, address)
        self._reactor.callLater(entry.get("delay", 0), self._answer, message, protocol, address)

    def _answer(self, message: dns.Message, protocol: Any, address: Any) -> None:
        query = message.queries[0]
        entry = self.zone.get(query.name.name.decode("ascii").lower(), {})
        if "CNAME" not in entry:
            super().handleQuery(message, protocol, address)
            return
        answers = [_alias(query.name.name, entry["CNAME"])]
        if entry.get("follow"):
            address4 = dns.Record_A(self.zone[entry["CNAME"]]["A"][0])
            if query.type == dns.A:
                answers.append(dns.RRHeader(entry["CNAME"].encode("ascii"), dns.A, dns.IN, 1, address4, auth=True))
        self.sendReply(protocol, self._responseFromMessage(message, rCode=dns.OK, answers=answers), address)

    def _sendGarbage(self, message: dns.Message, protocol: Any, address: Any) -> None:
        # Whatever one asks here, somebody says that all of it is at 127.0.0.66.
        forged = dns.Record_A("127.0.0.66")
        name = message.queries[0].name.name
        anothers = self._responseFromMessage(
            message, rCode=dns.OK, answers=[dns.RRHeader(name, dns.A, dns.IN, 1, forged, auth=True)]
        )
        anothers.id ^= 1
        elses = dns.Message(message.id, answer=1)
        elses.addQuery("elsewhere.example", dns.A)
        elses.answers = [dns.RRHeader(name, dns.A, dns.IN, 1, forged, auth=True)]
        for datagram in (b"", b"\x00", message.toStr(), anothers.toStr(), elses.toStr()):
            protocol.transport.write(datagram, address)


def _alias(name: bytes, target: str) -> dns.RRHeader:
    return dns.RRHeader(name, dns.CNAME, dns.IN, 1, dns.Record_CNAME(target), auth=True)
