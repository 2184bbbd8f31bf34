"""
One question to one name server (RFC 1035), by UDP or by TCP, and what counts as its answer.
"""

import socket
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.protocol import connectionDone
from twisted.names import dns
from twisted.protocols.basic import Int16StringReceiver
from twisted.python.failure import Failure
from zope.interface import implementer


@implementer(IReadDescriptor)
class Datagram:
    """
    One question by UDP. Its socket is connected: nobody else can answer, and it hears when nobody listens there.
    """

    def __init__(self, reactor: Any, server: tuple[str, int], question: dns.Message) -> None:
        self.answered: Deferred[dns.Message] = Deferred()
        self._reactor = reactor
        self._question = question
        self._socket = socket.socket(socket.AF_INET6 if ":" in server[0] else socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.connect(server)
            self._socket.send(question.toStr())
        except OSError:
            self._socket.close()
            raise
        reactor.addReader(self)

    def close(self) -> None:
        """
        Wait no longer.
        """
        self._reactor.removeReader(self)
        self._socket.close()

    def fileno(self) -> int:
        return self._socket.fileno()

    def logPrefix(self) -> str:
        return "DNS"

    def doRead(self) -> None:
        try:
            answer = _asAnswer(self._socket.recv(4096), self._question)
        except BlockingIOError:
            return
        except OSError as e:
            self._finish(e)
            return
        if answer is not None:
            self._finish(answer)

    def connectionLost(self, reason: Failure) -> None:
        self._finish(ConnectionError("the reactor stops"))

    def _finish(self, result: dns.Message | Exception) -> None:
        if self.answered.called:
            return
        if isinstance(result, Exception):
            self.answered.errback(result)
        else:
            self.answered.callback(result)


class Conversation(Int16StringReceiver):
    """
    One question by TCP.
    """

    def __init__(self, question: dns.Message) -> None:
        self.answered: Deferred[dns.Message] = Deferred()
        self._question = question

    def connectionMade(self) -> None:
        self.sendString(self._question.toStr())  # type: ignore[no-untyped-call]

    def stringReceived(self, string: bytes) -> None:
        answer = _asAnswer(string, self._question)
        if self.answered.called:
            return
        if answer is None:
            self.answered.errback(ConnectionError("not the answer to the question"))
        else:
            self.answered.callback(answer)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if not self.answered.called:
            self.answered.errback(reason)


def _asAnswer(data: bytes, question: dns.Message) -> dns.Message | None:
    answer = dns.Message()
    try:
        answer.fromStr(data)
    except Exception:  # Twisted's decoder has many ways to say that this is no message
        return None
    if not answer.answer or answer.id != question.id:
        return None
    # Some servers refuse without repeating what they refuse.
    if answer.queries != question.queries and (answer.queries or answer.rCode == dns.OK):
        return None
    return answer
