"""
What is known of one stream (RFC 9113, 5.1 and 8.1): whose turn it is, and what may still come.
"""

from pushsvc.httpclient.http2.engine import Code
from pushsvc.httpclient.http2.fields import Fields
from pushsvc.httpclient.http2.flow import Allowed
from pushsvc.httpclient.http2.settings import WINDOW

_NOT_MODIFIED = 304
_SWITCHING_PROTOCOLS = 101


class StreamError(Exception):
    """
    What came on a stream ends it, and nothing else.
    """

    def __init__(self, code: Code) -> None:
        super().__init__(code.name)
        self.code = code


class StreamState:
    """
    A request and its answer, but for their content.

    :ivar window: bytes of the body that may be sent.
    :ivar isSent: we have said everything.
    :ivar isEnded: the answer is whole.
    """

    __slots__ = ("_allowed", "_isAnswered", "_isHead", "_left", "isEnded", "isSent", "window")

    def __init__(self, window: int, isSent: bool, isHead: bool) -> None:
        self.window = window
        self.isSent = isSent
        self.isEnded = False
        # What is told of the length is that of what is not sent.
        self._isHead = isHead
        self._isAnswered = False
        # Bytes that were announced and did not come; None: none were announced.
        self._left: int | None = None
        self._allowed: Allowed | None = None

    def fields(self, fields: Fields, ends: bool) -> bool:
        """
        Headers came.

        :returns: whether they begin the answer. Informational ones and trailers do not.
        :raises StreamError: they have no place here.
        """
        status = fields.status
        begins = not self._isAnswered
        if begins:
            if status is None or status == _SWITCHING_PROTOCOLS:
                raise StreamError(Code.PROTOCOL_ERROR)
            if status < 200:
                if ends:
                    raise StreamError(Code.PROTOCOL_ERROR)
                return False
            self._isAnswered = True
            if not self._isHead and status != _NOT_MODIFIED:
                self._left = fields.length
        elif status is not None or not ends:
            raise StreamError(Code.PROTOCOL_ERROR)
        if ends:
            self._end()
        return begins

    def data(self, framed: int, size: int, ends: bool) -> int:
        """
        A piece of the body came.

        :param framed: bytes of it, with the padding.
        :returns: for how much more there is room.
        :raises StreamError: it has no place here.
        """
        if not self._isAnswered:
            raise StreamError(Code.PROTOCOL_ERROR)
        if self._allowed is None:
            self._allowed = Allowed(WINDOW)
        back = self._allowed.took(framed)
        if self._allowed.isOverrun:
            raise StreamError(Code.FLOW_CONTROL_ERROR)
        if self._left is not None:
            self._left -= size
            if self._left < 0:
                raise StreamError(Code.PROTOCOL_ERROR)
        if ends:
            self._end()
            return 0
        return back

    def _end(self) -> None:
        if self._left:
            raise StreamError(Code.PROTOCOL_ERROR)
        self.isEnded = True
