"""
A name server that knows a handful of names: ``python nameserver.py PORT ZONE.json``, UDP and TCP on loopback.

The zone is read for every query, so that it may change while servers run::

    {"a.localtest": {"A": ["127.0.0.1"]},
     "_xmpp-server._tcp.a.localtest": {"SRV": [[0, 0, 15269, "127.0.0.1"]]},
     "broken.localtest": {"rcode": 2}}

What it does not know does not exist. Everything may be remembered for one second.
"""

import json
import sys
from pathlib import Path
from typing import Any

from twisted.names import dns
from twisted.names.server import DNSServerFactory

_TTL = 1
_RECORDS: dict[str, Any] = {"A": dns.Record_A, "AAAA": dns.Record_AAAA, "SRV": dns.Record_SRV, "TXT": dns.Record_TXT}


class NameServer(DNSServerFactory):
    """
    Answers from a zone in a file.
    """

    def __init__(self, zone: Path) -> None:
        super().__init__()
        self._zone = zone

    def handleQuery(self, message: dns.Message, protocol: Any, address: Any) -> None:
        """
        Answer one query.
        """
        query = message.queries[0]
        name = query.name.name.decode("ascii").lower()
        known = json.loads(self._zone.read_text())
        entry = known.get(name)
        answers = [
            dns.RRHeader(query.name.name, record.TYPE, dns.IN, _TTL, record, auth=True)
            for kind, values in (entry or {}).items()
            if kind in _RECORDS
            for record in [self._record(kind, value) for value in values]
            if query.type in (record.TYPE, dns.ALL_RECORDS)
        ]
        below = any(other.endswith("." + name) for other in known)
        rcode = (entry or {}).get("rcode", dns.OK if entry is not None or below else dns.ENAME)
        authority = [] if answers else [self._startOfAuthority(name)]
        reply = self._responseFromMessage(message, rCode=rcode, answers=answers, authority=authority)
        # Erlang's resolver takes an answer for none unless it was asked for recursion and says that it can do it.
        reply.recDes, reply.recAv = message.recDes, 1
        self.sendReply(protocol, reply, address)

    def _record(self, kind: str, value: Any) -> Any:
        make = _RECORDS[kind]
        return make(*value) if isinstance(value, list) else make(value)

    def _startOfAuthority(self, name: str) -> dns.RRHeader:
        # Without one, resolvers choose for themselves how long to remember that there is nothing.
        apex = name.rpartition(".")[2]
        record = dns.Record_SOA(f"ns.{apex}", f"tests.{apex}", 1, 60, 60, 3600, _TTL, ttl=_TTL)
        return dns.RRHeader(apex, dns.SOA, dns.IN, _TTL, record, auth=True)


def main(reactor: Any, port: int, zone: Path) -> None:
    """
    Serve until killed.
    """
    factory = NameServer(zone)
    reactor.listenUDP(port, dns.DNSDatagramProtocol(factory), interface="127.0.0.1")
    reactor.listenTCP(port, factory, interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    from twisted.internet import reactor

    main(reactor, int(sys.argv[1]), Path(sys.argv[2]))
