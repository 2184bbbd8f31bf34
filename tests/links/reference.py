"""
What Twisted's own parser makes of a stream, for comparison.
"""

from contextlib import suppress
from typing import Any

from twisted.words.xish import domish

from pushsvc.wire.stanza import encoded


def stanzasIn(data: bytes) -> list[domish.Element]:
    """
    The stanzas of a stream, as far as Twisted can read it.
    """
    stanzas: list[domish.Element] = []
    reader: Any = domish.ExpatElementStream()  # type: ignore[no-untyped-call]
    reader.DocumentStartEvent = lambda header: None
    reader.ElementEvent = stanzas.append
    reader.DocumentEndEvent = lambda: None
    with suppress(domish.ParserError):
        reader.parse(data)
    return stanzas


def said(element: domish.Element) -> Any:
    """
    All that an element says, and in which words; but texts in one piece, and namespaces that can be written.
    """
    children: list[Any] = []
    for child in element.children:
        if isinstance(child, str) and children and isinstance(children[-1], str):
            children[-1] += child
        else:
            children.append(child if isinstance(child, str) else said(child))
    attributes = {
        (encoded(name[0]), name[1]) if isinstance(name, tuple) else name: value
        for name, value in element.attributes.items()
    }
    return None if element.uri is None else encoded(element.uri), element.name, attributes, children
