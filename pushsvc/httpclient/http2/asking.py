"""
One request on its way.
"""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from pushsvc.exchange import AnswerTooLarge, ExchangeFailed, Response
from pushsvc.httpclient.client import LONGEST_ANSWER
from pushsvc.httpclient.http2.engine import Headers


class Asking:
    """
    A request that waits, or is on a stream, or has ended; and what came back of its answer.

    :ivar answer: fires with the `Response`, or fails with `ExchangeFailed`: once.
    :ivar session: on whose stream it is; None while it waits.
    :ivar offset: how much of the body was sent.
    :ivar since: when it was put on that stream, or among those that wait.
    :ivar repeats: how often it was certainly not processed.
    :ivar why: it was not, the last time; empty: not known.
    :ivar refusedBy: the session that would not have it.
    :ivar avoids: a session on which it is not to be, if there can be another.
    :ivar deadline: seconds it has.
    :ivar moment: when they are over; None: it has ended.
    """

    __slots__ = (
        "_headers",
        "_left",
        "_pieces",
        "_status",
        "answer",
        "avoids",
        "body",
        "deadline",
        "headers",
        "moment",
        "offset",
        "refusedBy",
        "repeats",
        "session",
        "since",
        "stream",
        "why",
    )

    def __init__(self, headers: Headers, body: bytes, avoids: Any = None) -> None:
        self.headers = headers
        self.body = body
        self.answer: Deferred[Response] = Deferred()
        self.moment: Any = None
        self.refusedBy: Any = None
        self.avoids = avoids
        self.deadline = self.since = 0.0
        self.repeats = 0
        self.why = ""
        self.again()

    def again(self) -> None:
        """
        It starts from the beginning.
        """
        self.session: Any = None
        self.stream = 0
        self.offset = 0
        self._status = 0
        self._headers: Headers = ()
        self._pieces: list[bytes] = []
        self._left = LONGEST_ANSWER

    @property
    def sentWhole(self) -> bool:
        """
        Whether nothing of the body is left.
        """
        return self.offset >= len(self.body)

    # The answer

    @property
    def status(self) -> int:
        """
        Of what came of the answer; 0: nothing did.
        """
        return self._status

    @property
    def begins(self) -> bool:
        """
        Whether anything of the answer came.
        """
        return self._status != 0

    def begun(self, status: int, headers: Headers) -> None:
        """
        The headers of the answer came.
        """
        self._status = status
        self._headers = headers

    def continued(self, data: bytes) -> None:
        """
        A piece of the answer's body came.

        :raises AnswerTooLarge: that is more than we take.
        """
        self._left -= len(data)
        if self._left < 0:
            raise AnswerTooLarge("the answer is too large", self._response(b""))
        self._pieces.append(data)

    def ended(self) -> None:
        """
        The answer is whole.
        """
        self._end(self._response(b"".join(self._pieces)))

    def failed(self, error: ExchangeFailed) -> None:
        """
        There will be no answer.
        """
        self._end(Failure(error))  # type: ignore[no-untyped-call]

    def forget(self) -> None:
        """
        Nobody waits for the answer any more.
        """
        if self.moment is not None:
            self.moment.remove(self)
            self.moment = None

    def _response(self, body: bytes) -> Response:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in self._headers if name[:1] != b":"}
        return Response(self._status, headers, body, self.session)

    def _end(self, result: Response | Failure) -> None:
        self.forget()
        if not self.answer.called:
            self.answer.callback(result)
