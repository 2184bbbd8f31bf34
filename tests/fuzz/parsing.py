"""
Streams, as links read them.
"""

from twisted.words.xish.domish import Element

from pushsvc.links.elementstream import ElementStream
from pushsvc.links.faults import StreamFault
from pushsvc.links.limits import Limits

HEADER = b"<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams'>"


class Forgetful(ElementStream):
    """
    One parser follows the other.
    """

    NAMES = 5


def parsed(data: bytes, piece: int | None = None) -> tuple[list[Element], StreamFault | None]:
    """
    The stanzas in a stream, up to where something is wrong.

    :param piece: bytes that are read at a time; None: all at once.
    """
    stanzas: list[Element] = []
    # What is written may be longer than what was read: text comes out in entities.
    limits = Limits(size=10_000_000, elements=10_000, tag=10_000_000)
    reader = ElementStream(limits) if piece is None else Forgetful(limits)
    reader.ElementEvent = stanzas.append
    try:
        for start in range(0, len(data), piece or len(data)):
            reader.parse(data[start : start + (piece or len(data))])
    except StreamFault as e:
        return stanzas, e
    return stanzas, None
