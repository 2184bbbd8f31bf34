"""
Headers on their way in: decompressed (RFC 7541), and whether they are what an answer may begin or end with
(RFC 9113, 8).
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from hpack import Decoder
from hpack.exceptions import HPACKError, OversizedHeaderListError

from pushsvc.httpclient.http2.compression import integer
from pushsvc.httpclient.http2.engine import Code, Headers, PeerMisbehaved
from pushsvc.httpclient.http2.stateless import read

# Bytes of all headers of an answer, with 32 for each.
LARGEST_LIST = 65536
# As RFC 9113, 8.2.1 has it.
_NAME = re.compile(rb"[!-9;-@\[-~]+")
_VALUE = re.compile(rb"(?:[^\0\r\n\t ](?:[^\0\r\n]*[^\0\r\n\t ])?)?")
_STATUS = re.compile(rb"[1-5][0-9][0-9]")
_LENGTH = re.compile(rb"[0-9]{1,18}")
# What is said of a connection has no place in HTTP/2.
_NOT_HERE = frozenset({b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"})


class Malformed(Exception):
    """
    That is no answer.
    """


@dataclass(frozen=True, slots=True)
class Fields:
    """
    What one block of headers says.

    :ivar status: None: these are trailers.
    :ivar length: of the body, if it is told.
    """

    headers: Headers = field(repr=False)
    status: int | None = None
    length: int | None = None


def fieldsOf(headers: Headers) -> Fields:
    """
    What headers say.

    :raises Malformed: nothing.
    """
    status = length = None
    regular = False
    for name, value in headers:
        if name == b":status" and status is None and not regular and _STATUS.fullmatch(value):
            status = int(value)
            continue
        regular = True
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value) or name in _NOT_HERE:
            raise Malformed
        if name == b"content-length":
            if not _LENGTH.fullmatch(value) or length not in (None, int(value)):
                raise Malformed
            length = int(value)
    return Fields(headers, status, length)


# Statuses that stand in the static table, alone.
_STATUSES = {
    integer(place, 0x80, 7): fieldsOf([(b":status", b"%d" % status)])
    for place, status in enumerate((200, 204, 206, 304, 400, 404, 500), 8)
}


# Answers of one second mostly differ in nothing, or in an id.
@lru_cache(128)
def _simple(block: bytes) -> Fields | None:
    headers = read(block, LARGEST_LIST)
    return None if headers is None else fieldsOf(headers)


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

    def read(self, block: bytes) -> Fields:
        """
        :raises Malformed: it can be read, and makes no sense.
        :raises PeerMisbehaved: it cannot be read, nor can anything that follows.
        """
        # These neither read nor change a table.
        alone = _STATUSES.get(block)
        if alone is not None:
            return alone
        fields = None if self._decoder.header_table_size else _simple(block)
        return fieldsOf(self._decoded(block)) if fields is None else fields

    def _decoded(self, block: bytes) -> Headers:
        try:
            return [(bytes(name), bytes(value)) for name, value in self._decoder.decode(block, raw=True)]
        except OversizedHeaderListError:
            raise PeerMisbehaved("headers that are too large", code=Code.ENHANCE_YOUR_CALM) from None
        except HPACKError:
            raise PeerMisbehaved("headers that cannot be read", code=Code.COMPRESSION_ERROR) from None
