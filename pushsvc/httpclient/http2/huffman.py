"""
Text in Huffman's code (RFC 7541, 5.2), read byte by byte and not bit by bit.

What a byte means depends on where in a symbol it begins; both together are a place in a table, which is filled as it
is needed. Text of one kind, such as UUIDs, needs little of it; there are 65,792 places at most.
"""

from hpack.huffman_constants import REQUEST_CODES, REQUEST_CODES_LENGTH

_END = 256
# Where everything leads that is no text.
_NOWHERE = 256

# A tree: for each place between two bits where 0 and 1 lead to; negative: that was a symbol, its complement.
_branches: list[list[int]] = [[0, 0]]
# Places where a text may stop: padding is the beginning of the symbol for the end, and shorter than a byte.
_stops = {0}

for _symbol, (_code, _length) in enumerate(zip(REQUEST_CODES, REQUEST_CODES_LENGTH, strict=True)):
    _place = 0
    for _bit in range(_length - 1, 0, -1):
        _way = _code >> _bit & 1
        if not _branches[_place][_way]:
            _branches.append([0, 0])
            _branches[_place][_way] = len(_branches) - 1
        _place = _branches[_place][_way]
        if _symbol == _END and _length - _bit < 8:
            _stops.add(_place)
    _branches[_place][_code & 1] = ~_symbol
assert len(_branches) == _NOWHERE
_branches.append([_NOWHERE, _NOWHERE])


class _Row(dict[int, "tuple[_Row, bytes]"]):
    """
    What a byte means that begins at one place: which row goes for the next one, and what was read.
    """

    def __init__(self, place: int) -> None:
        super().__init__()
        self._place = place

    def __missing__(self, byte: int) -> "tuple[_Row, bytes]":
        place = self._place
        read = bytearray()
        for bit in range(7, -1, -1):
            place = _branches[place][byte >> bit & 1]
            if place < 0:
                if ~place == _END:
                    place = _NOWHERE
                    break
                read.append(~place)
                place = 0
        step = self[byte] = _rows[place], bytes(read)
        return step


_rows = [_Row(place) for place in range(len(_branches))]
_ends = frozenset(map(id, map(_rows.__getitem__, _stops)))


def text(code: bytes) -> bytes | None:
    """
    What it says; None: that is no text.
    """
    row, read = _rows[0], []
    for byte in code:
        row, piece = row[byte]
        read.append(piece)
    return b"".join(read) if id(row) in _ends else None
