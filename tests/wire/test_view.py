"""
Readers see the same, whoever parsed.
"""

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
        [[seen(child) for child in element.children(uri, name)] for uri in NAMESPACES for name in NAMES],
        [element.texts(uri, name) for uri in NAMESPACES for name in NAMES],
    )


@given(anything | st.just(MIXED))
def test_bothViewsAreEqual(xml):
    """
    A view over domish and one over ElementTree show the same.
    """
    assert seen(view(xml)) == seen(tree(xml))


def test_whatAViewShows():
    """
    A view shows the text that stands in an element directly, plain attributes, and children by their full name.
    """
    for element in (view(MIXED), tree(MIXED)):
        assert (element.uri, element.name, element.text) == ("urn:a", "a", "xz")
        assert element.attribute("b") == "1"
        assert element.attribute("c") is None
        assert [child.text for child in element.children("urn:a", "b")] == ["y"]
        assert element.texts("", "b") == ["w"]
        assert [child.uri for child in element.elements()] == ["urn:a", "urn:c", ""]
