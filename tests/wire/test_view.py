"""
Readers see the same, whoever parsed.
"""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from tests.wire.support import tree, view
from tests.wire.trees import ATTRIBUTES, NAMES, NAMESPACES, anything

MIXED = "<a xmlns='urn:a' b='1' xmlns:c='urn:c' c:b='2'>x<b>y</b>z<c:b/><b xmlns=''>w</b></a>"


def seen(element):
    """
    Everything that a view shows.
    """
    return (
        element.uri,
        element.name,
        element.text,
        [element.attribute(name) for name in (*ATTRIBUTES, "b")],
        [seen(child) for child in element.elements()],
        [element.names(uri) for uri in NAMESPACES],
        [[seen(child) for child in element.children(uri, name)] for uri in NAMESPACES for name in NAMES],
        [_firstSeen(element, uri, name) for uri in NAMESPACES for name in NAMES],
        [element.texts(uri, name) for uri in NAMESPACES for name in NAMES],
    )


def _firstSeen(element, uri, name):
    child = element.child(uri, name)
    return None if child is None else (child.attributes, child.text)


@given(anything | st.just(MIXED))
def test_bothViewsAreEqual(xml):
    """
    A view over domish and one over ElementTree show the same.
    """
    assert seen(view(xml)) == seen(tree(xml))


def test_elementsAreHandedOn():
    """
    Whoever hands an element on gets all of it as domish has it, however deep it stood and whoever parsed it: written
    alone it says the same.
    """
    around = f"<outer xmlns='urn:outer' xmlns:p='urn:p'>{MIXED}<p:q p:r='1'>t<s/></p:q></outer>"

    for outer in (view(around), tree(around)):
        mixed, prefixed = [child.element().toXml() for child in outer.elements()]
        assert canonical(MIXED) == canonical(mixed)
        assert canonical("<p:q xmlns:p='urn:p' p:r='1'>t<s xmlns='urn:outer'/></p:q>") == canonical(prefixed)


def canonical(xml):
    return ElementTree.canonicalize(xml, rewrite_prefixes=True)


def test_whatAViewShows():
    """
    A view shows the text that stands in an element directly, plain attributes, and children by their full name.
    """
    for element in (view(MIXED), tree(MIXED)):
        assert (element.uri, element.name, element.text) == ("urn:a", "a", "xz")
        assert element.attribute("b") == "1"
        assert element.attribute("c") is None
        assert [child.text for child in element.children("urn:a", "b")] == ["y"]
        assert element.child("urn:a", "b").text == "y"
        assert element.child("urn:a", "c") is None
        assert element.names("urn:a") == ["b"]
        assert element.texts("", "b") == ["w"]
        assert [child.uri for child in element.elements()] == ["urn:a", "urn:c", ""]
