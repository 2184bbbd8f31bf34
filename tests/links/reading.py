"""
Streams that are read, without anybody who sends them.
"""

from typing import Any
from xml.etree.ElementTree import TreeBuilder

from pushsvc.links.elementstream import ElementStream
from pushsvc.links.limits import AUTHENTICATED, Limits

HEADER = b"<?xml version='1.0'?><s:stream xmlns='jabber:server' xmlns:s='http://etherx.jabber.org/streams'>"
PASSED_ON = Limits(size=10_000, elements=100, skips=True)


class Reader(ElementStream):
    """
    Keeps what comes out.
    """

    def __init__(self, limits: Limits = AUTHENTICATED) -> None:
        super().__init__(limits)
        self.header: Any = None
        self.stanzas: list[Any] = []
        self.refused: list[Any] = []
        self.ended = False
        self.texts: list[int] = []
        self.DocumentStartEvent = lambda header: setattr(self, "header", header)
        self.ElementEvent = self.stanzas.append
        self.RefusedEvent = self.refused.append
        self.DocumentEndEvent = lambda: setattr(self, "ended", True)

    def makeBuilder(self) -> TreeBuilder:
        """
        One that counts the pieces of texts.
        """
        texts = self.texts

        class Counting(TreeBuilder):
            def data(self, data: str, /) -> None:
                texts.append(len(data))
                super().data(data)

        return Counting()


def reading(*pieces: bytes, limits: Limits = AUTHENTICATED) -> Reader:
    """
    A stream that has read its header, and these.
    """
    reader = Reader(limits)
    for piece in (HEADER, *pieces):
        reader.parse(piece)
    return reader


def stanza(size: int) -> bytes:
    """
    A stanza of this many bytes.
    """
    return b"<message>" + b"x" * (size - 19) + b"</message>"
