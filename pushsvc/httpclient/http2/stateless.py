"""
Blocks of headers that mean the same whatever was said before (RFC 7541, 6), once nobody keeps a table.
"""

from hpack.table import HeaderTable

from pushsvc.httpclient.http2.huffman import text

_STATIC = [(bytes(name), bytes(value)) for name, value in HeaderTable.STATIC_TABLE]
_ENTRY = 32


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
            if first > 0x80:
                header = _STATIC[(first & 0x7F) - 1]
                position += 1
            elif 0x20 <= first < 0x40 or first == 0x80:
                return None
            else:
                # Whether it is to be kept, or never to be kept: there is nowhere to keep it.
                index, position = _integer(block, position, 0x3F if first >= 0x40 else 0x0F)
                if index:
                    name = _STATIC[index - 1][0]
                else:
                    name, position = _text(block, position)
                value, position = _text(block, position)
                header = name, value
            headers.append(header)
            largest -= len(header[0]) + len(header[1]) + _ENTRY
    except (IndexError, ValueError):
        return None
    return headers if largest >= 0 else None


def _integer(block: bytes, position: int, most: int) -> tuple[int, int]:
    value = block[position] & most
    position += 1
    if value < most:
        return value, position
    # More bytes than these have no use.
    for shift in (0, 7, 14):
        more = block[position]
        position += 1
        value += (more & 0x7F) << shift
        if more < 0x80:
            return value, position
    raise ValueError


def _text(block: bytes, position: int) -> tuple[bytes, int]:
    isCode = block[position] & 0x80
    length, position = _integer(block, position, 0x7F)
    end = position + length
    if end > len(block):
        raise ValueError
    said: bytes | None = block[position:end]
    if isCode:
        said = text(block[position:end])
    if said is None:
        raise ValueError
    return said, end
