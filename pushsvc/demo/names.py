"""
A name server on loopback that knows where the two servers of the demo are.
"""

import socket
from typing import Any

from twisted.internet.protocol import DatagramProtocol
from twisted.names import dns

LOOPBACK = "127.0.0.1"
_TTL = 60


class Names(DatagramProtocol):
    """
    Answers questions for SRV records and addresses, and knows nothing else.
    """

    noisy = False

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._records: dict[str, Any] = {}
        self._listening: Any = None

    def listen(self) -> int:
        """
        Wait for questions, on a free port of loopback.

        :returns: the port.
        """
        self._listening = self._reactor.listenUDP(0, self, interface=LOOPBACK)
        return int(self._listening.getHost().port)

    async def close(self) -> None:
        """
        Answer no more.
        """
        if self._listening is not None:
            await self._listening.stopListening()

    def tell(self, domain: str, port: int) -> str:
        """
        From now on the server of this domain is there.

        :returns: the records, as a zone file has them.
        """
        service, host = f"_xmpp-server._tcp.{domain}", f"xmpp.{domain}"
        self._records[service] = dns.Record_SRV(0, 0, port, host, _TTL)  # type: ignore[no-untyped-call]
        self._records[host] = dns.Record_A(LOOPBACK, _TTL)  # type: ignore[no-untyped-call]
        return f"{service}.  SRV  0 0 {port} {host}.\n{host}.  A  {LOOPBACK}\n"

    def datagramReceived(self, datagram: bytes, address: Any) -> None:
        question = dns.Message()
        question.fromStr(datagram)
        query = question.queries[0]
        record = self._records.get(query.name.name.decode("ascii").lower())
        answer = dns.Message(question.id, answer=1, rCode=dns.ENAME if record is None else dns.OK)
        answer.queries = question.queries
        if record is not None and record.TYPE == query.type:
            answer.answers = [dns.RRHeader(query.name.name, query.type, dns.IN, _TTL, record)]
        assert self.transport is not None
        self.transport.write(answer.toStr(), address)


def freePort() -> int:
    """
    A port of loopback that nobody has at the moment.
    """
    with socket.create_server((LOOPBACK, 0)) as probe:
        return int(probe.getsockname()[1])
