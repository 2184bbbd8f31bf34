"""
Stanzas as streams hand them on: domish elements whose content becomes domish only when somebody asks for it.

Most stanzas are publishes, and those are read straight from the tree that the parser built in C, through the views of
`pushsvc.wire.view`. Whoever wants domish, all of Wokkel among them, finds a domish element as ever.

Namespaces are the peer's to choose, and domish writes them as they came: a quote in one ends the attribute. So what no
URI may hold is percent-encoded here.
"""

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

from twisted.words.xish import domish
from wokkel import generic

# Between a namespace and a name. No XML name, URI or text can hold it, so it never stands for itself. Expat refuses
# namespaces that hold a separator which text can hold: with "}", as ElementTree has it, anybody could end a stream on
# which others' stanzas are passed on.
SEPARATOR = "\x01"

# Names that are remembered, and characters of those that are worth it.
_MOST, _LONG = 1_024, 200

_NEVER_IN_A_URI = re.compile("[\x00-\x20\"&'<>]")


class Stanza(domish.Element):
    """
    An element at the top of a stream.

    :ivar tree: it, as it was parsed; None once it has become domish, and may have been changed. Its attributes are
        always those of the element.
    """

    tree: ElementTree.Element | None = None
    # domish says nothing of its types.
    attributes: dict[Any, str]
    children: list[Any]
    _within: str | None = None

    def __init__(self, tree: ElementTree.Element) -> None:
        # Not domish's own, which would begin with being empty.
        self.tree = tree
        self.uri, self.name = named(tree.tag)
        self.defaultUri: str | None = self.uri
        self.attributes = qualified(tree)
        self.localPrefixes: dict[str, str] = {}
        self.parent = None

    def __getattr__(self, name: str) -> Any:
        # Called for what is not there (yet).
        if name != "children":
            return super().__getattr__(name)  # type: ignore[no-untyped-call]
        children: list[Any] = []
        self.children = children
        tree, self.tree = self.tree, None
        if tree is not None:
            _fill(self, children, tree)
            if self._within is not None:
                self.uri = self.defaultUri = self._within
                generic.stripNamespace(self)
        return children

    def strip(self) -> None:
        """
        See `stripNamespace`.
        """
        if self.tree is None:
            generic.stripNamespace(self)
        elif self.uri is not None:
            self._within = self.uri
            self.uri = self.defaultUri = None


def stripNamespace(element: domish.Element) -> None:
    """
    Take it out of the namespace that it stands in, with what of its content stands there too: in whose stream it is
    does not matter any more.
    """
    if isinstance(element, Stanza):
        element.strip()
    else:
        generic.stripNamespace(element)


def qualified(tree: ElementTree.Element) -> dict[Any, str]:
    """
    The attributes of an element, named as domish names them.
    """
    attributes: dict[Any, str] = tree.attrib
    if SEPARATOR in "".join(attributes):
        for key in [key for key in attributes if SEPARATOR in key]:
            attributes[named(key)] = attributes.pop(key)
    return attributes


class _Names(dict[str, tuple[str, str]]):
    """
    Namespaces and names, by what expat calls them: the few that stanzas are made of are looked at once.
    """

    def __missing__(self, tag: str) -> tuple[str, str]:
        uri, _, local = tag.rpartition(SEPARATOR)
        found = encoded(uri), local
        if len(tag) <= _LONG:
            if len(self) >= _MOST:
                self.clear()
            self[tag] = found
        return found


# A function would be called for each element of each publish.
named = _Names().__getitem__
"""
The namespace and the name of what expat calls by both.
"""


def _fill(element: domish.Element, children: list[Any], tree: ElementTree.Element) -> None:
    """
    Without recursion: how deep elements may be nested is for others to say.
    """
    waiting = [(element, children, tree)]
    while waiting:
        element, children, tree = waiting.pop()
        if tree.text:
            children.append(tree.text)
        for child in tree:
            made = _bare(domish.Element)
            made.uri, made.name = named(child.tag)
            made.defaultUri = made.uri
            made.attributes = qualified(child)
            made.children = []
            made.localPrefixes = {}
            made.parent = element
            children.append(made)
            if child.tail:
                children.append(child.tail)
            waiting.append((made, made.children, child))


def encoded(uri: str) -> str:
    """
    A namespace as it can be written.
    """
    return _NEVER_IN_A_URI.sub(lambda found: f"%{ord(found[0]):02X}", uri)


# By far the most: what domish's constructor would find out of each, one by one, is known of all.
_bare: Callable[..., Any] = object.__new__
