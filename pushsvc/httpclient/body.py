"""
The bodies of a request and of its answer.
"""

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IConsumer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.iweb import IBodyProducer, IResponse
from zope.interface import implementer

from pushsvc.exchange import AnswerTooLarge, Response


@implementer(IBodyProducer)
class Outgoing:
    """
    The body of a request, written in one piece, as often as it takes.

    :ivar written: it was handed to a connection.
    """

    def __init__(self, body: bytes) -> None:
        self.length = len(body)
        self.written = False
        self._body = body

    def startProducing(self, consumer: IConsumer) -> Deferred[None]:
        self.written = True
        if self._body:
            consumer.write(self._body)
        return succeed(None)

    def pauseProducing(self) -> None:
        """
        There is nothing left to hold back.
        """

    def resumeProducing(self) -> None:
        """
        There is nothing left to go on with.
        """

    def stopProducing(self) -> None:
        """
        There is nothing left to stop.
        """


class Incoming(Protocol):
    """
    The body of an answer, as far as we take it.

    :ivar whole: fires with it.
    """

    def __init__(self, limit: int, head: Response) -> None:
        self._head = head
        self.whole: Deferred[bytes] = Deferred(lambda _: self._abort())
        self._left = limit
        self._pieces: list[bytes] = []

    def dataReceived(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left >= 0:
            self._pieces.append(data)
        elif not self.whole.called:
            self._pieces.clear()
            self.whole.errback(AnswerTooLarge("the answer is too large", self._head))
            self._abort()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self.whole.called:
            return
        if reason.check(ResponseDone, PotentialDataLoss):  # type: ignore[no-untyped-call]
            self.whole.callback(b"".join(self._pieces))
        else:
            self.whole.errback(reason)

    def _abort(self) -> None:
        # COMPAT: Twisted's proxy hides abortConnection, and loseConnection waits for a farewell that may never come.
        transport = getattr(self.transport, "_producer", None) or self.transport
        abort = getattr(transport, "abortConnection", None) or getattr(transport, "loseConnection", None)
        if abort is not None:
            abort()


def received(response: IResponse, limit: int, head: Response) -> Deferred[bytes]:
    """
    The body of an answer; cancelling this ends its connection.

    :param head: the same without a body.
    :raises AnswerTooLarge: it is longer than the limit.
    """
    incoming = Incoming(limit, head)
    response.deliverBody(incoming)  # type: ignore[no-untyped-call]
    return incoming.whole
