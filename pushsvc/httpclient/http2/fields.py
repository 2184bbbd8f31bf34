"""
Headers on their way in: decompressed (RFC 7541), and whether they are what an answer may begin or end with
(RFC 9113, 8).
"""

import re
from functools import lru_cache

from hpack import Decoder
from hpack.exceptions import HPACKError, OversizedHeaderListError

from pushsvc.httpclient.http2.compression import integer
from pushsvc.httpclient.http2.engine import Code, Headers, PeerMisbehaved
from pushsvc.httpclient.http2.stateless import read

# Bytes of all headers of an answer, with 32 for each.
LARGEST_LIST = 65536
# As RFC 9113, 8.2.1 has it; nor may there be blanks around a value.
_NAME = re.compile(rb"[!-9;-@\[-~]+")
_NOT_IN_VALUES = b"\0\r\n"
_STATUS = re.compile(rb"[1-9][0-9][0-9]")
_LENGTH = re.compile(rb"[0-9]{1,18}")
# What is said of a connection has no place in HTTP/2.
_NOT_HERE = frozenset({b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"})


class Malformed(Exception):
    """
    That is no answer.
    """


class Fields:
    """
    What one block of headers says.

    :ivar status: None: these are trailers.
    :ivar length: of the body, if it is told.
    """

    __slots__ = ("headers", "length", "status")

    def __init__(self, headers: Headers, status: int | None, length: int | None) -> None:
        self.headers = headers
        self.status = status
        self.length = length


def fieldsOf(headers: Headers) -> Fields:
    """
    What headers say.

    :raises Malformed: nothing.
    """
    status = length = None
    regular = headers
    if headers and headers[0][0] == b":status":
        status = _statusOf(headers[0][1])
        regular = headers[1:]
    for name, value in regular:
        if not _isName(name) or value.strip(b"\t ") != value or value.translate(None, _NOT_IN_VALUES) != value:
            raise Malformed
        if name == b"content-length":
            if not _LENGTH.fullmatch(value) or length not in (None, int(value)):
                raise Malformed
            length = int(value)
    return Fields(headers, status, length)


# There are few of either, and they come again and again.
@lru_cache(64)
def _statusOf(value: bytes) -> int:
    if not _STATUS.fullmatch(value):
        raise Malformed
    return int(value)


@lru_cache(64)
def _isName(name: bytes) -> bool:
    return _NAME.fullmatch(name) is not None and name not in _NOT_HERE


# Statuses that stand in the static table, alone.
_STATUSES = {
    integer(place, 0x80, 7): fieldsOf([(b":status", b"%d" % status)])
    for place, status in enumerate((200, 204, 206, 304, 400, 404, 500), 8)
}


def _simple(block: bytes) -> Fields | None:
    headers = read(block, LARGEST_LIST)
    return None if headers is None else fieldsOf(headers)


# Long answers of one second mostly differ in nothing. Short ones often are an id, which never comes again.
_long = lru_cache(128)(_simple)
_SHORT = 80


class Decompressor:
    """
    Reads the headers of one connection.

    We ask for a table of no size. From when the other side keeps to that, a block means the same whatever was said
    before, and is read by our own ``stateless``. What the other side has put into a table before it heard of our wish
    is understood; so is, for the sake of those who do not care for it, what comes in one afterwards, though RFC 9113
    (4.3.1) would have us end such a connection.
    """

    def __init__(self) -> None:
        self._decoder = Decoder(LARGEST_LIST)
        self._isStateless = False

    def read(self, block: bytes) -> Fields:
        """
        :raises Malformed: it can be read, and makes no sense.
        :raises PeerMisbehaved: it cannot be read, nor can anything that follows.
        """
        # These neither read nor change a table.
        alone = _STATUSES.get(block)
        if alone is not None:
            return alone
        if self._isStateless:
            fields = _simple(block) if len(block) < _SHORT else _long(block)
            if fields is not None:
                return fields
        return fieldsOf(self._decoded(block))

    def _decoded(self, block: bytes) -> Headers:
        try:
            return [(bytes(name), bytes(value)) for name, value in self._decoder.decode(block, raw=True)]
        except OversizedHeaderListError:
            raise PeerMisbehaved("headers that are too large", code=Code.ENHANCE_YOUR_CALM) from None
        except HPACKError:
            raise PeerMisbehaved("headers that cannot be read", code=Code.COMPRESSION_ERROR) from None
        finally:
            self._isStateless = self._decoder.header_table_size == 0
