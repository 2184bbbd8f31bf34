"""
Headers on their way out, compressed (RFC 7541).

Requests to one origin differ in little: what repeats itself enters the table that both sides keep, once, and is one
byte from then on. Nothing is ever driven out of that table, so that a header stays what it was written as; once it is
full, nothing enters any more.

Huffman's code is left out: in Python it costs more than the quarter of the bytes that it saves.
"""

from collections.abc import Iterable

from hpack.table import HeaderTable

from pushsvc.httpclient.http2.engine import Headers

# What is secret never enters a table, and whoever passes it on is told so (RFC 7541, 7.1.3); paths name devices.
SECRET = frozenset({b":path", b"authorization", b"apns-collapse-id", b"cookie", b"proxy-authorization"})
# What differs from request to request does not enter either: Apple asks for this, and of Web Push and webhooks it would
# fill the table.
CHANGING = frozenset(
    {
        b"content-length",
        b"apns-id",
        b"apns-expiration",
        b"topic",
        b"ttl",
        b"webhook-id",
        b"webhook-signature",
        b"webhook-timestamp",
    }
)
UNINDEXED = SECRET | CHANGING

# Bytes that both sides keep unless the other one says less; more would be of no use.
LARGEST_TABLE = 4096
# What an entry counts beyond its bytes.
_ENTRY = 32

# How each way to write a header begins, and with how many bits of a number.
_INDEXED, _ENTERS, _CHANGES, _RESIZES = (0x80, 7), (0x40, 6), (0x00, 4), (0x20, 5)
_SECRET = (0x10, 4)


def integer(value: int, first: int, bits: int) -> bytes:
    """
    A number of which some bits share a byte with something else (RFC 7541, 5.1).

    :param first: that byte, without them.
    """
    most = (1 << bits) - 1
    if value < most:
        return bytes((first | value,))
    written = bytearray((first | most,))
    value -= most
    while value >= 0x80:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


_STATIC = HeaderTable.STATIC_TABLE
# The static table: each header with its place, and each name with its first.
_PLACES = {(bytes(name), bytes(value)): place for place, (name, value) in enumerate(_STATIC, 1)}
_NAMES = {bytes(name): len(_STATIC) - back for back, (name, _) in enumerate(reversed(_STATIC))}
_WRITTEN = {header: integer(place, *_INDEXED) for header, place in _PLACES.items()}
# Lengths of what is usual, tokens among it.
_LENGTHS = [integer(length, 0, 7) for length in range(512)]


class Compressor:
    """
    Writes the headers of one connection.
    """

    def __init__(self) -> None:
        self._written = dict(_WRITTEN)
        self._names: dict[bytes, bytes] = {}
        # In the order in which they entered.
        self._entries: list[tuple[bytes, bytes]] = []
        self._size = self._room = LARGEST_TABLE
        self._resized = self._emptied = False

    @property
    def entries(self) -> Iterable[tuple[bytes, bytes]]:
        """
        What is in the table, the oldest first.
        """
        return tuple(self._entries)

    def resize(self, size: int) -> None:
        """
        The other side keeps a table of this size; it is told with the next headers what of that is used.
        """
        size = min(size, LARGEST_TABLE)
        if size == self._size:
            return
        self._resized = True
        if size < self._size:
            self._emptied = True
            self._entries.clear()
            self._written = dict(_WRITTEN)
            self._room = size
        else:
            self._room += size - self._size
        self._size = size

    def write(self, headers: Headers) -> bytes:
        """
        All of them in one block.
        """
        block = [self._resize()] if self._resized else []
        names = self._names
        for header in headers:
            name, value = header
            known = names.get(name)
            if known is None:
                whole = self._written.get(header)
                if whole is not None:
                    block.append(whole)
                    continue
                known = self._name(name, value)
            length = len(value)
            block += known, _LENGTHS[length] if length < len(_LENGTHS) else integer(length, 0, 7), value
        return b"".join(block)

    def _resize(self) -> bytes:
        # The smallest size that there was has to be told too: none is as small as nothing.
        told = integer(0, *_RESIZES) if self._emptied and self._size else b""
        self._resized = self._emptied = False
        return told + integer(self._size, *_RESIZES)

    def _name(self, name: bytes, value: bytes) -> bytes:
        """
        How a header begins that is not in the table; it may be from now on.
        """
        if name in UNINDEXED:
            known = self._names[name] = _literal(name, *(_SECRET if name in SECRET else _CHANGES))
            return known
        room = self._room - len(name) - len(value) - _ENTRY
        if room < 0:
            return _literal(name, *_CHANGES)
        self._room = room
        self._enter((name, value))
        return _literal(name, *_ENTERS)

    def _enter(self, header: tuple[bytes, bytes]) -> None:
        self._entries.append(header)
        # The newest is the first, and all others move on.
        count = len(_STATIC) + len(self._entries)
        places = ((entry, count - place) for place, entry in enumerate(self._entries))
        self._written = {**_WRITTEN, **{entry: integer(place, *_INDEXED) for entry, place in places}}


def _literal(name: bytes, first: int, bits: int) -> bytes:
    place = _NAMES.get(name)
    if place is not None:
        return integer(place, first, bits)
    return bytes((first,)) + integer(len(name), 0, 7) + name
