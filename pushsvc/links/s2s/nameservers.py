"""
Questions to name servers (RFC 1035): over UDP, again over TCP when the answer did not fit.

Of Twisted's own client only the messages are used: it asks no other server after a refusal, takes a truncated answer to
another server than the one that gave it, believes answers from everybody, and logs two lines for every question.
"""

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twisted.internet.defer import DeferredSemaphore
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.internet.protocol import Factory
from twisted.names import dns

from pushsvc.addresses import isAddress
from pushsvc.links.s2s.domains import LookupTrouble
from pushsvc.links.s2s.questions import Conversation, Datagram

# Seconds each server is given, round by round; and for an answer over TCP.
PATIENCE = (1.0, 2.0, 4.0)
TCP_PATIENCE = 4.0

# Each takes a socket.
QUESTIONS_MAX = 256
WAITING_MAX = 2_000

# As in the C library: further ones are not asked.
SERVERS_MAX = 3

RESOLV_CONF = Path("/etc/resolv.conf")


class NameServers:
    """
    Those who are asked, one after the other.
    """

    def __init__(
        self,
        servers: Sequence[tuple[str, int]] | None,
        reactor: Any,
        patience: Sequence[float] = PATIENCE,
        resolvConf: Path = RESOLV_CONF,
        maxQuestions: int = QUESTIONS_MAX,
        maxWaiting: int = WAITING_MAX,
    ) -> None:
        """
        :param servers: addresses and ports.
        :param resolvConf: says who they are when nobody else does; read again when it has changed.
        :param maxQuestions: that are asked at the same time.
        :param maxWaiting: that wait for that.
        :raises ValueError: a server is a name instead of an address.
        """
        for host, _ in servers or ():
            if not isAddress(host):
                raise ValueError(f"{host}: a name server is named by its address")
        self._configured = servers
        self._reactor = reactor
        self._patience = patience
        self._resolvConf = resolvConf
        self._turns = DeferredSemaphore(maxQuestions)
        self._maxWaiting = maxWaiting
        self._systems: tuple[object, list[tuple[str, int]]] = (None, [])

    async def ask(self, name: str, kind: int) -> dns.Message:
        """
        The answer: that there is something, or that there is nothing.

        :param kind: a type of records.
        :raises LookupTrouble: nobody answered, or said neither.
        """
        servers = list(self._servers())
        trouble = ""
        for seconds in self._patience:
            silent = []
            for server in servers:
                try:
                    answer = await self._askOne(server, name, kind, seconds)
                except TookTooLong:
                    trouble = "no answer in time"
                    silent.append(server)
                    continue
                except (OSError, ConnectError, ConnectionClosed) as e:
                    trouble = f"{type(e).__name__}: {e}"
                    continue
                if answer.rCode in (dns.OK, dns.ENAME):
                    return answer
                trouble = f"answered with code {answer.rCode}"
            # Who has said no will say so again.
            servers = silent
        raise LookupTrouble(f"{name}: {trouble}")

    async def _askOne(self, server: tuple[str, int], name: str, kind: int, seconds: float) -> dns.Message:
        if len(self._turns.waiting) >= self._maxWaiting:
            raise LookupTrouble("too many questions at the same time")
        await self._turns.acquire()
        try:
            return await self._askNow(server, name, kind, seconds)
        finally:
            self._turns.release()

    async def _askNow(self, server: tuple[str, int], name: str, kind: int, seconds: float) -> dns.Message:
        question = dns.Message(secrets.randbelow(1 << 16), recDes=1)
        question.addQuery(name, kind)
        datagram = Datagram(self._reactor, server, question)
        try:
            answer = await datagram.answered.addTimeout(seconds, self._reactor)
        finally:
            datagram.close()
        if not answer.trunc:
            return answer
        return await self._askAtLength(server, question)

    async def _askAtLength(self, server: tuple[str, int], question: dns.Message) -> dns.Message:
        host, port = server
        endpoint = (TCP6ClientEndpoint if ":" in host else TCP4ClientEndpoint)(self._reactor, host, port)
        factory = Factory.forProtocol(lambda: Conversation(question))
        factory.noisy = False
        conversation: Any = await endpoint.connect(factory).addTimeout(TCP_PATIENCE, self._reactor)
        try:
            answer: dns.Message = await conversation.answered.addTimeout(TCP_PATIENCE, self._reactor)
            return answer
        finally:
            conversation.transport.abortConnection()

    def _servers(self) -> Sequence[tuple[str, int]]:
        if self._configured:
            return self._configured
        try:
            state = self._resolvConf.stat()
            version = state.st_ino, state.st_mtime_ns, state.st_size
            if version != self._systems[0]:
                self._systems = version, parsed(self._resolvConf.read_text("utf-8", "replace"))
        except OSError:
            self._systems = None, parsed("")
        return self._systems[1]


def parsed(resolvConf: str) -> list[tuple[str, int]]:
    """
    The name servers in a resolv.conf(5); this machine, as that says, when there are none.
    """
    lines = [line.split() for line in resolvConf.splitlines()]
    named = [words[1] for words in lines if len(words) > 1 and words[0] == "nameserver" and isAddress(words[1])]
    return [(host, dns.PORT) for host in named[:SERVERS_MAX]] or [("127.0.0.1", dns.PORT)]
