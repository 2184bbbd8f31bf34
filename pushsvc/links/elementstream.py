"""
Reads the XML of a stream (RFC 6120 section 11) from peers that may mean harm: nothing but elements, attributes and text
in UTF-8, and no more of it than the limits say.

What comes out can be written again safely. Namespaces are the peer's to choose, and domish writes them and their
prefixes as they came: a quote in one ends the attribute, a prefix bound twice spells two attributes alike. So what no
URI may hold is percent-encoded here, and prefixes are forgotten: the writer picks its own.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from twisted.words.xish import domish

from pushsvc.links.faults import RestrictedXML, StreamFault, TooMuch, UnsupportedEncoding
from pushsvc.links.limits import Limits

# No XML name, URI or text can hold it, so it never stands for itself. Expat refuses namespaces that hold a separator
# which text can hold: a space there would let anybody end a stream on which others' stanzas are passed on.
_SEPARATOR = "\x01"

# Bytes that UTF-8 never has; one of the first two bytes of UTF-16 always is among them, for XML begins in ASCII.
_NEVER_UTF8 = re.compile(rb"[\x00\xfe\xff]")

# Of a text, before they are put together: each takes more room than a few characters.
_PIECES = 1024

# Characters; a longer name is not worth remembering.
_LONG = 200

_NEVER_IN_A_URI = re.compile("[\x00-\x20\"&'<>]")


class _Killed(Exception):
    """
    Gets out of the parser in the middle of its input.
    """


class ElementStream(domish.ExpatElementStream):
    """
    Turns bytes into the header of a stream and then whole stanzas.

    :ivar limits: may be changed at any time, also while an event is handled.
    :ivar RefusedEvent: called with a stanza that was beyond limits which ``skips``: its top element, without content.
    """

    # domish starts them as None.
    DocumentStartEvent: Any
    ElementEvent: Any
    DocumentEndEvent: Any
    currElem: Any

    def __init__(self, limits: Limits) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.limits = limits
        self.RefusedEvent: Callable[[domish.Element], object] = _ignore
        self.depth = 0
        self._top: domish.Element | None = None
        self._skipping = False
        self._killed = False
        self._text: list[str] = []  # the pieces of what the current element's next child will be
        self._fed = 0  # bytes
        self._fedBefore = 0  # the piece being read
        self._begin = 0  # of what is being read: a stanza, or before and between stanzas an unfinished tag
        self._makeParser()

    def parse(self, data: bytes) -> None:
        """
        Read on.

        :raises StreamFault: the stream cannot go on.
        """
        if self._killed:
            return
        if self._fed < 2 and _NEVER_UTF8.search(data[: 2 - self._fed]):
            raise UnsupportedEncoding("not UTF-8")
        try:
            while data:
                # Never beyond the point where the stanza would be too large: what ends before that is not.
                room = self.limits.size - (self._fed - self._begin)
                if self._skipping or (room <= 0 and self.depth == 1 and self.limits.skips):
                    # Read past it; when it is a stanza's first tag that never ends, the limit for tags is next.
                    room = self.limits.size
                elif room <= 0:
                    self._tooMuch("a stanza is too large")
                    continue
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
            self.parser.Parse(piece)
        except self.error as e:
            raise StreamFault(str(e)) from None
        read: int = self.parser.CurrentByteIndex
        if self.depth < 2:
            self._begin = read
        if self._fed - read > self.limits.tag:
            raise TooMuch("a tag is too large")

    def _makeParser(self) -> None:
        import pyexpat

        self.parser = parser = pyexpat.ParserCreate("UTF-8", _SEPARATOR)
        # Else each line and each &lt; is a text of its own, and joining them takes quadratic time.
        parser.buffer_text = True
        if hasattr(parser, "SetReparseDeferralEnabled"):
            # Expat 2.6 would sit on a stanza whose last tag comes in pieces; ``Limits.tag`` does the work instead.
            parser.SetReparseDeferralEnabled(False)
        parser.StartElementHandler = self._onStartElement
        parser.EndElementHandler = self._onEndElement
        parser.CharacterDataHandler = self._onCdata
        parser.StartNamespaceDeclHandler = self._onStartNamespace
        parser.EndNamespaceDeclHandler = self._onEndNamespace
        parser.XmlDeclHandler = self._onXmlDeclaration
        parser.StartDoctypeDeclHandler = self._onRestricted
        parser.EntityDeclHandler = self._onRestricted
        parser.ProcessingInstructionHandler = self._onRestricted
        parser.CommentHandler = self._onRestricted

    def _onRestricted(self, *what: object) -> None:
        raise RestrictedXML("a DTD, an entity, a comment or a processing instruction")

    def _onXmlDeclaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.upper() != "UTF-8":
            raise UnsupportedEncoding("not UTF-8")

    def _onStartElement(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self._skipping:
            return
        if self._text:
            self._endText()
        if self.depth == 2:
            self._begin = self.parser.CurrentByteIndex
            self.elementCount = 0
        elif self.depth > self.limits.depth:
            return self._tooMuch("elements are nested too deeply")
        self.elementCount += 1
        if self.elementCount > self.limits.elements:
            return self._tooMuch("a stanza has too many elements")

        if _SEPARATOR in "".join(attributes):
            _qualify(attributes)
        qname = _remembered(name) if len(name) <= _LONG else _split(name)
        if self.depth > 2:
            # By far the most: what domish's constructor would find out of each, one by one, is known of all.
            element = _bare(domish.Element)
            element.uri, element.name = qname
            element.defaultUri = self.defaultNsStack[-1]
            element.attributes = attributes
            element.children = []
            element.localPrefixes = {}
            element.parent = parent = self.currElem
            parent.children.append(element)
            self.currElem = element
            return
        # What the header says of prefixes is kept: listening streams answer in the same words.
        prefixes = self.localPrefixes if self.depth == 1 else None
        element = domish.Element(qname, self.defaultNsStack[-1], attributes, prefixes)
        if self.depth == 1:
            self.documentStarted = 1
            self._tell(self.DocumentStartEvent, element)
            return
        self._top = self.currElem = element
        if self._fedBefore - self._begin >= self.limits.size:
            self._tooMuch("a stanza is too large")

    def _onEndElement(self, name: str) -> None:
        self.depth -= 1
        if self._text:
            self._endText()
        if self.depth == 0:
            self._tell(self.DocumentEndEvent)
        elif self.depth == 1:
            stanza, self._top, self.currElem = self._top, None, None
            event = self.RefusedEvent if self._skipping else self.ElementEvent
            self._skipping = False
            self._tell(event, stanza)
        elif not self._skipping:
            self.currElem = self.currElem.parent

    def _onCdata(self, data: str) -> None:
        if self.currElem is not None and not self._skipping:
            # Not yet to the element: adding one by one what comes one by one takes quadratic time.
            self._text.append(data)
            if len(self._text) == _PIECES:
                self._text = ["".join(self._text)]

    def _endText(self) -> None:
        self.currElem.children.append("".join(self._text))
        self._text = []

    def _onStartNamespace(self, prefix: str | None, uri: str | None) -> None:
        uri = _encoded(uri or "")
        if prefix is None:
            self.defaultNsStack.append(uri)
        elif self.depth == 0:
            self.localPrefixes[prefix] = uri

    def _tooMuch(self, text: str) -> None:
        if not self.limits.skips or self._top is None:
            raise TooMuch(text)
        self._top.children = []
        self._text = []
        self._skipping = True

    def _tell(self, event: Callable[..., object], *what: object) -> None:
        event(*what)
        if self._killed:
            raise _Killed


def _ignore(element: domish.Element) -> None:
    """
    Nobody wants to know.
    """


_bare: Callable[..., Any] = object.__new__


def _qualify(attributes: dict[Any, str]) -> None:
    for key in [key for key in attributes if _SEPARATOR in key]:
        attributes[_split(key) if len(key) > _LONG else _remembered(key)] = attributes.pop(key)


def _split(name: str) -> tuple[str, str]:
    uri, _, local = name.rpartition(_SEPARATOR)
    return _encoded(uri), local


# The few names that stanzas are made of are looked at once.
_remembered = lru_cache(1024)(_split)


def _encoded(uri: str) -> str:
    return _NEVER_IN_A_URI.sub(lambda found: f"%{ord(found[0]):02X}", uri)
