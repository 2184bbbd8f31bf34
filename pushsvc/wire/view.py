"""
One small view of an element, whoever parsed it: everything in ``wire/`` reads through it.

Whether the element is domish's or ElementTree's makes no difference to a reader, so that a faster parser changes
nothing here. Views are made by the dozen for every publish: they hold the element and compute what is asked for.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol
from xml.etree import ElementTree

from twisted.words.xish import domish

from pushsvc.wire.stanza import SEPARATOR, Stanza, named


class View(Protocol):
    """
    An element to be read.

    :ivar uri: its namespace; empty when it has none.
    :ivar name: without its namespace.
    :ivar qname: both.
    :ivar text: the text that stands in it directly.
    :ivar count: how many child elements there are.
    """

    @property
    def name(self) -> str: ...

    @property
    def uri(self) -> str: ...

    @property
    def qname(self) -> tuple[str, str]: ...

    @property
    def text(self) -> str: ...

    @property
    def count(self) -> int: ...

    def attribute(self, name: str) -> str | None:
        """
        The value of an attribute that has no namespace.
        """

    @property
    def attributes(self) -> Mapping[str, str]:
        """
        All attributes that have no namespace.
        """

    def elements(self) -> "Sequence[View]":
        """
        All child elements.
        """

    def element(self) -> domish.Element:
        """
        It as domish has it: for those who hand it on.
        """

    def names(self, uri: str) -> Sequence[str]:
        """
        The names of the child elements in this namespace.
        """

    def child(self, uri: str, name: str) -> "View | None":
        """
        The first child element of this name.
        """

    def children(self, uri: str, name: str) -> "Sequence[View]":
        """
        The child elements of this name.
        """

    def texts(self, uri: str, name: str) -> Sequence[str]:
        """
        The texts of the child elements of this name.
        """

    def rows(self, uri: str, name: str, key: str, value: str) -> Sequence[tuple[str, tuple[str, ...]]]:
        """
        Of each child element of this name that has an attribute ``key``: what that says, and the texts of its children
        of the name ``value``. A form is such a table, and half of every publish is forms.
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
    def qname(self) -> tuple[str, str]:
        return self._element.uri or "", self._element.name

    @property
    def text(self) -> str:
        return _textOf(self._element)

    @property
    def count(self) -> int:
        return sum([not isinstance(child, str) for child in self._element.children])

    def attribute(self, name: str) -> str | None:
        value: str | None = self._element.attributes.get(name)
        return value

    def element(self) -> domish.Element:
        return self._element

    @property
    def attributes(self) -> Mapping[str, str]:
        return {name: value for name, value in self._element.attributes.items() if isinstance(name, str)}

    def elements(self) -> "Sequence[DomishView]":
        return [DomishView(child) for child in self._element.children if not isinstance(child, str)]

    def names(self, uri: str) -> Sequence[str]:
        return [name for within, name in [child.qname for child in self.elements()] if within == uri]

    def child(self, uri: str, name: str) -> "DomishView | None":
        return next(iter(self.children(uri, name)), None)

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

    def rows(self, uri: str, name: str, key: str, value: str) -> Sequence[tuple[str, tuple[str, ...]]]:
        rows = [(child.attribute(key), tuple(child.texts(uri, value))) for child in self.children(uri, name)]
        return [(said, values) for said, values in rows if said]


def _textOf(element: domish.Element) -> str:
    children: list[str | domish.Element] = element.children
    if len(children) == 1 and isinstance(children[0], str):
        return children[0]
    return "".join([child for child in children if isinstance(child, str)])


class TreeView:
    """
    An element as it was parsed.
    """

    __slots__ = ("_element",)

    def __init__(self, element: ElementTree.Element) -> None:
        self._element = element

    @property
    def name(self) -> str:
        return named(self._element.tag)[1]

    @property
    def uri(self) -> str:
        return named(self._element.tag)[0]

    @property
    def qname(self) -> tuple[str, str]:
        return named(self._element.tag)

    @property
    def text(self) -> str:
        return _textWithin(self._element)

    @property
    def count(self) -> int:
        return len(self._element)

    def attribute(self, name: str) -> str | None:
        return self._element.get(name)

    def element(self) -> domish.Element:
        return Stanza(self._element)

    @property
    def attributes(self) -> Mapping[str, str]:
        return {name: value for name, value in self._element.items() if SEPARATOR not in name}

    def elements(self) -> "Sequence[TreeView]":
        return [TreeView(child) for child in self._element]

    def names(self, uri: str) -> Sequence[str]:
        return [name for within, name in [named(child.tag) for child in self._element] if within == uri]

    def child(self, uri: str, name: str) -> "TreeView | None":
        tag = f"{uri}{SEPARATOR}{name}" if uri else name
        for child in self._element:
            if child.tag == tag:
                return TreeView(child)
        return None

    def children(self, uri: str, name: str) -> "Sequence[TreeView]":
        tag = f"{uri}{SEPARATOR}{name}" if uri else name
        return [TreeView(child) for child in self._element if child.tag == tag]

    def texts(self, uri: str, name: str) -> Sequence[str]:
        tag = f"{uri}{SEPARATOR}{name}" if uri else name
        return [_textWithin(child) for child in self._element if child.tag == tag]

    def rows(self, uri: str, name: str, key: str, value: str) -> Sequence[tuple[str, tuple[str, ...]]]:
        row, cell = (f"{uri}{SEPARATOR}{name}", f"{uri}{SEPARATOR}{value}") if uri else (name, value)
        found: list[tuple[str, tuple[str, ...]]] = []
        for child in self._element:
            if child.tag == row and (said := child.get(key)):
                # Most have one cell, and in it nothing but a text.
                if len(child) == 1 and (only := child[0]).tag == cell and not len(only):
                    found.append((said, (only.text or "",)))
                else:
                    found.append((said, tuple([_textWithin(each) for each in child if each.tag == cell])))
        return found


def _textWithin(element: ElementTree.Element) -> str:
    if not len(element):
        return element.text or ""
    return "".join([element.text or "", *[child.tail or "" for child in element]])


def viewOf(element: domish.Element) -> View:
    """
    A view of an element that is domish's, or is about to become it.
    """
    if isinstance(element, Stanza) and element.tree is not None:
        return TreeView(element.tree)
    return DomishView(element)
