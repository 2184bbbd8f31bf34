"""
One small view of an element, whoever parsed it: everything in ``wire/`` reads through it.

Whether the element is domish's or ElementTree's makes no difference to a reader, so that a faster parser changes
nothing here. Views are made by the dozen for every publish: they hold the element and compute what is asked for.
"""

from collections.abc import Sequence
from typing import Protocol
from xml.etree import ElementTree

from twisted.words.xish import domish


class View(Protocol):
    """
    An element to be read.

    :ivar name: without its namespace.
    :ivar uri: its namespace; empty when it has none.
    :ivar text: the text that stands in it directly.
    """

    @property
    def name(self) -> str: ...

    @property
    def uri(self) -> str: ...

    @property
    def text(self) -> str: ...

    def attribute(self, name: str) -> str | None:
        """
        The value of an attribute that has no namespace.
        """

    def elements(self) -> "Sequence[View]":
        """
        All child elements.
        """

    def children(self, uri: str, name: str) -> "Sequence[View]":
        """
        The child elements of this name.
        """

    def texts(self, uri: str, name: str) -> Sequence[str]:
        """
        The texts of the child elements of this name.
        """


class DomishView:
    """
    An element as Twisted parsed it.
    """

    __slots__ = ("_element",)

    def __init__(self, element: domish.Element) -> None:
        self._element = element

    @property
    def name(self) -> str:
        name: str = self._element.name
        return name

    @property
    def uri(self) -> str:
        return self._element.uri or ""

    @property
    def text(self) -> str:
        return _textOf(self._element)

    def attribute(self, name: str) -> str | None:
        value: str | None = self._element.attributes.get(name)
        return value

    def elements(self) -> "Sequence[DomishView]":
        return [DomishView(child) for child in self._element.children if not isinstance(child, str)]

    def children(self, uri: str, name: str) -> "Sequence[DomishView]":
        return [
            DomishView(child)
            for child in self._element.children
            if not isinstance(child, str) and child.name == name and child.uri == uri
        ]

    def texts(self, uri: str, name: str) -> Sequence[str]:
        return [
            _textOf(child)
            for child in self._element.children
            if not isinstance(child, str) and child.name == name and child.uri == uri
        ]


def _textOf(element: domish.Element) -> str:
    children: list[str | domish.Element] = element.children
    if len(children) == 1 and isinstance(children[0], str):
        return children[0]
    return "".join([child for child in children if isinstance(child, str)])


class TreeView:
    """
    An element as the standard library parsed it.
    """

    __slots__ = ("_element",)

    def __init__(self, element: ElementTree.Element) -> None:
        self._element = element

    @property
    def name(self) -> str:
        return self._element.tag.rpartition("}")[2]

    @property
    def uri(self) -> str:
        return self._element.tag.rpartition("}")[0][1:]

    @property
    def text(self) -> str:
        return _textWithin(self._element)

    def attribute(self, name: str) -> str | None:
        return self._element.get(name)

    def elements(self) -> "Sequence[TreeView]":
        return [TreeView(child) for child in self._element]

    def children(self, uri: str, name: str) -> "Sequence[TreeView]":
        tag = f"{{{uri}}}{name}" if uri else name
        return [TreeView(child) for child in self._element if child.tag == tag]

    def texts(self, uri: str, name: str) -> Sequence[str]:
        tag = f"{{{uri}}}{name}" if uri else name
        return [_textWithin(child) for child in self._element if child.tag == tag]


def _textWithin(element: ElementTree.Element) -> str:
    if not len(element):
        return element.text or ""
    return "".join([element.text or "", *[child.tail or "" for child in element]])
