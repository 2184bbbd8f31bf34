"""
Stanzas as they leave.
"""

from hypothesis import given
from hypothesis import strategies as st
from twisted.words.protocols.jabber.component import NS_COMPONENT_ACCEPT
from twisted.words.xish.domish import Element

from pushsvc.links.writing import STREAM_PREFIXES, written

NAMESPACES = st.sampled_from([None, "", NS_COMPONENT_ACCEPT, "jabber:client"])
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=12)
NAMES = st.one_of(st.sampled_from(["id", "to", "type"]), st.tuples(st.just("urn:x"), st.just("y")))


@given(NAMESPACES, NAMESPACES, st.dictionaries(NAMES, TEXT), st.lists(TEXT, max_size=1))
def test_stanzasLeaveAsDomishWritesThem(uri, defaultUri, attributes, content):
    """
    What is written for the many answers without content is what domish writes, to the letter.
    """
    stanza = Element((uri, "iq"), defaultUri, dict(attributes))
    for text in content:
        stanza.addContent(text)

    domish = stanza.toXml(
        prefixes=STREAM_PREFIXES, defaultUri=NS_COMPONENT_ACCEPT, prefixesInScope=list(STREAM_PREFIXES.values())
    )

    assert domish == written(stanza, NS_COMPONENT_ACCEPT)


def test_whatIsNotXMLIsReplaced():
    """
    A character that XML does not have does not end the stream.
    """
    assert "<iq id='a\ufffdb'/>" == written(Element((None, "iq"), attribs={"id": "a\x00b"}), NS_COMPONENT_ACCEPT)
