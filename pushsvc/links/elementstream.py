"""
Reads the XML of a stream (RFC 6120 section 11) from peers that may mean harm: nothing but elements, attributes and text
in UTF-8, and no more of it than the limits say.

Within a stanza no Python runs where an element begins or where text is: expat calls the tree builder of the standard
library, which is as quick as a callback can be. What stands in the stanza is counted when it is whole, and a few times
on the way when it is long in coming.

What comes out can be written again safely: see `pushsvc.wire.stanza` for namespaces; prefixes are forgotten, the writer
picks its own.
"""

from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element as Tree
from xml.etree.ElementTree import TreeBuilder
from xml.parsers.expat import ExpatError

from twisted.words.xish import domish

from pushsvc.links.expat import makeParser, rawName, startTag
from pushsvc.links.faults import RestrictedXML, StreamFault, TooMuch, UnsupportedEncoding
from pushsvc.links.limits import Limits
from pushsvc.links.measuring import excess
from pushsvc.wire.stanza import SEPARATOR, Stanza, encoded, named

# Bytes that UTF-8 never has; one of the first two bytes of UTF-16 always is among them, for XML begins in ASCII.
_NEVER_UTF8 = frozenset(b"\x00\xfe\xff")

# Bytes read at once: so many can become elements before they are counted.
PIECE = 16_384

# Bytes of an unfinished tag that may be looked at again with each piece.
_SHORT = 1_024

# Of a text, before they are put together: each takes more room than a few characters.
_PIECES = 1024


class _Killed(Exception):
    """
    Gets out of the parser in the middle of its input.
    """


class ElementStream:
    """
    Turns bytes into the header of a stream and then whole stanzas.

    :ivar limits: may be changed at any time, also while an event is handled.
    :ivar RefusedEvent: called with a stanza that was beyond limits which ``skips``: its top element, without content.
    """

    # Names that a parser may remember, and bytes that it may read, before another one takes its place: it remembers
    # prefixes as well, and does not say how many.
    NAMES = 4_096
    BYTES = 262_144
    makeBuilder: Callable[[], TreeBuilder] = TreeBuilder

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.DocumentStartEvent: Callable[[domish.Element], object] = _ignore
        self.ElementEvent: Callable[[Stanza], object] = _ignore
        self.RefusedEvent: Callable[[Stanza], object] = _ignore
        self.DocumentEndEvent: Callable[[], object] = _ignore
        self._killed = False
        self._started = False  # the header was read
        # The stanza that is being read, its builder, and how that is told of an end; None: there is none.
        self._top: Any = None
        self._builder: Any = None
        self._end: Any = None
        self._skipping = False
        self._skipped = 0  # elements that are open, of those that are read past
        self._text: list[str] = []  # the pieces of what the current element's next child will be
        self._pieces = 0  # in which the stanza came
        self._counted = 0  # bytes of it when its elements were
        self._fed = 0  # bytes
        self._fedBefore = 0  # the piece being read
        self._unread = 0  # an unfinished tag, which the parser will look at again
        self._begin = 0  # of what is being read: a stanza, or before and between stanzas an unfinished tag
        self._namespaces: dict[str | None, str] = {}  # that the header declares
        self._header: bytes | None = None  # as far as another parser has to know it
        self._ahead = 0  # what we count of bytes, of what the parser does
        self._verbatim = False  # within a CDATA section
        self._makeParser()
        self._parser.StartElementHandler = self._onHeader
        self._parser.EndElementHandler = self._onDocumentEnd
        self._parser.StartNamespaceDeclHandler = self._onNamespace

    def parse(self, data: bytes) -> None:
        """
        Read on.

        :raises StreamFault: the stream cannot go on.
        """
        if self._killed:
            return
        if self._fed < 2 and not _NEVER_UTF8.isdisjoint(data[: 2 - self._fed]):
            raise UnsupportedEncoding("not UTF-8")
        try:
            while data:
                # Never beyond the point where the stanza would be too large: what ends before that is not.
                room = self.limits.size - (self._fed - self._begin)
                if self._skipping or (room <= 0 and self._started and self._top is None and self.limits.skips):
                    # Read past it; when it is a stanza's first tag that never ends, the limit for tags is next.
                    room = PIECE
                elif room <= 0:
                    self._tooMuch("a stanza is too large")
                    continue
                elif room > PIECE:
                    room = PIECE
                if self._isWorn() and self._unread < _SHORT:
                    # The stanza is to end with the piece: there another parser can take over.
                    room = data.find(b">", 0, room) + 1 or room
                self._parsePiece(data[:room])
                data = data[room:]
        except _Killed:
            pass

    def kill(self) -> None:
        """
        Nothing comes out any more, not even of what was read already.

        A stream is restarted (and refused) while an event of it is handled, in the middle of a read: what follows in
        the same read was said in another context, and may be somebody else's.
        """
        self._killed = True

    def _parsePiece(self, piece: bytes) -> None:
        self._fedBefore, self._fed = self._fed, self._fed + len(piece)
        try:
            self._parser.Parse(piece)
        except ExpatError as e:
            self._count()
            raise StreamFault(str(e)) from None
        except RestrictedXML:
            self._count()
            raise
        read: int = self._parser.CurrentByteIndex + self._ahead
        self._unread = self._fed - read
        if self._top is None:
            self._begin = read
            if self._isWorn() and not self._verbatim:
                self._renew(piece)
        else:
            self._pause()
        if self._unread > self.limits.tag:
            raise TooMuch("a tag is too large")

    def _pause(self) -> None:
        """
        More of the stanza will come. Its elements are counted whenever it has become twice as long: not each time, for
        it may come in drops.
        """
        self._pieces += 1
        if self._pieces == _PIECES and not self._skipping:
            # So may its texts, and the builder keeps each drop.
            self._parser.StartElementHandler = self._onStartAfterText
            self._parser.CharacterDataHandler = self._onText
        if self._fed - self._begin >= 2 * self._counted:
            self._counted = self._fed - self._begin
            self._count()

    def _count(self) -> None:
        if self._top is not None and not self._skipping and (found := excess(self._top, self.limits)):
            self._tooMuch(found)

    def _isWorn(self) -> bool:
        """
        Expat keeps all names and prefixes that it has ever seen, and peers can make up new ones for ever. What it keeps
        goes when it goes: between two stanzas, another one takes over.
        """
        if self._header is None:
            return False
        return len(self._names) > self.NAMES or self._fed - self._made > self.BYTES

    def _renew(self, piece: bytes) -> None:
        if self._header is None or self._unread > len(piece):
            return
        self._makeParser()
        self._parser.Parse(self._header)
        self._parser.StartElementHandler = self._onStanza
        self._parser.EndElementHandler = self._onDocumentEnd
        self._ahead = self._begin - len(self._header)
        self._parser.Parse(piece[len(piece) - self._unread :])

    def _makeParser(self) -> None:
        self._names: dict[str, str] = {}
        self._made = self._fed
        self._parser = makeParser(self._names)
        # Another parser would not know that it is in one, and take text for stanzas.
        self._parser.StartCdataSectionHandler = self._onVerbatim
        self._parser.EndCdataSectionHandler = self._onVerbatimEnd

    def _onVerbatim(self) -> None:
        self._verbatim = True

    def _onVerbatimEnd(self) -> None:
        self._verbatim = False

    # Around the stanzas

    def _onNamespace(self, prefix: str | None, uri: str | None) -> None:
        self._namespaces[prefix] = uri or ""

    def _onHeader(self, name: str, attributes: dict[str, str]) -> None:
        self._started = True
        self._parser.StartElementHandler = self._onStanza
        self._parser.StartNamespaceDeclHandler = None
        if (raw := rawName(self._parser)) is not None:
            self._header = startTag(raw, self._namespaces)
        # What it says of prefixes is kept: listening streams answer in the same words.
        prefixes = {prefix: encoded(uri) for prefix, uri in self._namespaces.items()}
        default = prefixes.pop(None, "")
        said = {named(key) if SEPARATOR in key else key: value for key, value in attributes.items()}
        self._tell(self.DocumentStartEvent, domish.Element(named(name), default, said, prefixes))

    def _onDocumentEnd(self, name: str) -> None:
        self._header = None
        self._tell(self.DocumentEndEvent)

    # Within one

    def _onStanza(self, name: str, attributes: dict[str, str]) -> None:
        self._begin = self._parser.CurrentByteIndex + self._ahead
        self._pieces = self._counted = 0
        self._builder = builder = self.makeBuilder()
        self._top = builder.start(name, attributes)
        self._end = builder.end
        self._parser.StartElementHandler = builder.start
        self._parser.CharacterDataHandler = builder.data
        self._parser.EndElementHandler = self._onEnd
        if self._fedBefore - self._begin >= self.limits.size:
            self._tooMuch("a stanza is too large")

    def _onEnd(self, name: str) -> None:
        # Called most often of all.
        if self._text:
            self._endText()
        if self._end(name) is self._top:
            self._count()
            self._finish()

    def _finish(self) -> None:
        top, event = self._top, self.ElementEvent
        if self._skipping:
            top, event = Tree(top.tag, top.attrib), self.RefusedEvent
            self._skipping = False
        self._top = self._builder = None
        self._parser.StartElementHandler = self._onStanza
        self._parser.CharacterDataHandler = None
        self._parser.EndElementHandler = self._onDocumentEnd
        self._tell(event, Stanza(top))

    # Within one that comes in drops

    def _onStartAfterText(self, name: str, attributes: dict[str, str]) -> None:
        if self._text:
            self._endText()
        self._builder.start(name, attributes)

    def _onText(self, data: str) -> None:
        # Not yet to the element: adding one by one what comes one by one takes quadratic time.
        self._text.append(data)
        if len(self._text) == _PIECES:
            self._text = ["".join(self._text)]

    def _endText(self) -> None:
        text, self._text = "".join(self._text), []
        self._builder.data(text)

    # Within one that is too much

    def _tooMuch(self, text: str) -> None:
        if not self.limits.skips or self._top is None:
            raise TooMuch(text)
        # Who sent it and to whom is kept; of what is open already the builder knows.
        del self._top[:]
        self._text = []
        self._skipping = True
        self._skipped = 0
        self._parser.StartElementHandler = self._onSkippedStart
        self._parser.CharacterDataHandler = None
        self._parser.EndElementHandler = self._onSkippedEnd

    def _onSkippedStart(self, name: str, attributes: dict[str, str]) -> None:
        self._skipped += 1

    def _onSkippedEnd(self, name: str) -> None:
        if self._skipped:
            self._skipped -= 1
        elif self._end(name) is self._top:
            self._finish()

    def _tell(self, event: Callable[..., object], *what: object) -> None:
        event(*what)
        if self._killed:
            raise _Killed


def _ignore(*what: object) -> None:
    """
    Nobody wants to know.
    """
