"""
Expat, set up for streams: nothing but elements, attributes and text in UTF-8.
"""

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from pushsvc.links.faults import RestrictedXML, UnsupportedEncoding
from pushsvc.wire.stanza import SEPARATOR

_TAG_NAME = re.compile(rb"<([^\s/>]+)")


def makeParser(names: dict[str, str]) -> Any:
    """
    A parser that is told of no elements yet.

    :param names: where it remembers all names of elements and attributes that it has seen.
    """
    import pyexpat

    parser = pyexpat.ParserCreate("UTF-8", SEPARATOR, names)
    # Else each line and each &lt; is a text of its own, and joining them takes quadratic time.
    parser.buffer_text = True
    if hasattr(parser, "SetReparseDeferralEnabled"):
        # Expat 2.6 would sit on a stanza whose last tag comes in pieces; ``Limits.tag`` does the work instead.
        parser.SetReparseDeferralEnabled(False)
    parser.XmlDeclHandler = _onXmlDeclaration
    parser.StartDoctypeDeclHandler = _onRestricted
    parser.EntityDeclHandler = _onRestricted
    parser.ProcessingInstructionHandler = _onRestricted
    parser.CommentHandler = _onRestricted
    return parser


def rawName(parser: Any) -> bytes | None:
    """
    The name of an element as its tag has it, while the parser tells of its start; None when the parser does not say.
    """
    found = _TAG_NAME.match(parser.GetInputContext() or b"")
    return found[1] if found else None


def startTag(name: bytes, namespaces: Mapping[str | None, str]) -> bytes:
    """
    A start tag that declares these namespaces, by prefix, and has no other attributes.
    """
    declarations = [
        f" xmlns{'' if prefix is None else ':' + prefix}={quoteattr(uri)}" for prefix, uri in namespaces.items()
    ]
    return b"<%s%s>" % (name, "".join(declarations).encode())


def _onRestricted(*what: object) -> None:
    raise RestrictedXML("a DTD, an entity, a comment or a processing instruction")


def _onXmlDeclaration(version: str, encoding: str | None, standalone: int) -> None:
    if encoding is not None and encoding.upper() != "UTF-8":
        raise UnsupportedEncoding("not UTF-8")
