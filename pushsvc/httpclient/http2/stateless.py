"""
Blocks of headers that mean the same whatever was said before (RFC 7541, 6), once nobody keeps a table.
"""

from collections.abc import Callable
from functools import lru_cache

from hpack.table import HeaderTable

from pushsvc.httpclient.http2.huffman import text

_STATIC = [(bytes(name), bytes(value)) for name, value in HeaderTable.STATIC_TABLE]
_ENTRY = 32

# Names are few, and come again with each answer.
_name = lru_cache(64)(text)


def read(block: bytes, largest: int) -> list[tuple[bytes, bytes]] | None:
    """
    The headers in a block.

    :param largest: bytes of all of them, with 32 for each.
    :returns: None where it is not as simple as that, or wrong: somebody else has to say what it is.
    """
    headers: list[tuple[bytes, bytes]] = []
    position, size = 0, len(block)
    try:
        while position < size:
            first = block[position]
            position += 1
            if first > 0x80:
                header = _STATIC[(first & 0x7F) - 1]
            elif 0x20 <= first < 0x40 or first == 0x80:
                return None
            else:
                # Whether it is to be kept, or never to be kept: there is nowhere to keep it.
                most = 0x3F if first >= 0x40 else 0x0F
                index = first & most
                if index == most:
                    index, position = _more(block, position, most)
                if index:
                    name = _STATIC[index - 1][0]
                else:
                    name, position = _text(block, position, _name)
                value, position = _text(block, position, text)
                header = name, value
            headers.append(header)
            largest -= len(header[0]) + len(header[1]) + _ENTRY
    except (IndexError, ValueError):
        return None
    return headers if largest >= 0 else None


def _text(block: bytes, position: int, decoded: Callable[[bytes], bytes | None]) -> tuple[bytes, int]:
    first = block[position]
    position += 1
    length = first & 0x7F
    if length == 0x7F:
        length, position = _more(block, position, length)
    end = position + length
    if end > len(block):
        raise ValueError
    said = block[position:end]
    if first < 0x80:
        return said, end
    meant = decoded(said)
    if meant is None:
        raise ValueError
    return meant, end


def _more(block: bytes, position: int, value: int) -> tuple[int, int]:
    """
    A number that has not found room where it begins.
    """
    # More bytes than these have no use.
    for shift in (0, 7, 14):
        more = block[position]
        position += 1
        value += (more & 0x7F) << shift
        if more < 0x80:
            return value, position
    raise ValueError
