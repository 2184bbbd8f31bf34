"""
What streams begin and end with (RFC 6120 section 4), as it is sent.

Strangers open many, and hear the same again and again: what does not differ from one to another is written once.
"""

from functools import lru_cache

from twisted.words.protocols.jabber.error import StreamError
from twisted.words.xish.domish import Element, escapeToXml

from pushsvc.links.s2s import dialback, external
from pushsvc.links.s2s.namespaces import NS_DIALBACK, NS_FEATURE_BIDI, NS_SERVER, NS_STREAMS, NS_TLS, PREFIXES
from pushsvc.links.writing import written

# Dialback wants its namespace there, under this prefix (XEP-0220).
_HEADER = f"<stream:stream xmlns:stream='{NS_STREAMS}' xmlns='{NS_SERVER}' xmlns:db='{NS_DIALBACK}'"

FOOTER = "</stream:stream>"


def header(sender: str | None, recipient: str | None, streamId: str | None, version: tuple[int, int]) -> str:
    """
    The beginning.

    :param version: that the peer speaks; before 1.0 there was nothing to be said about it.
    """
    said = {"to": recipient, "from": sender, "id": streamId, "version": "1.0" if version >= (1, 0) else None}
    return _HEADER + "".join(f" {name}='{escapeToXml(text, True)}'" for name, text in said.items() if text) + ">"


@lru_cache
def features(isSecure: bool, mayProve: bool, mayAnswer: bool) -> str:
    """
    What a peer may do next. Without TLS, nothing but TLS.

    :param mayProve: by SASL EXTERNAL, who it is.
    :param mayAnswer: whether stanzas may go both ways (XEP-0288).
    """
    element = Element((NS_STREAMS, "features"))
    if not isSecure:
        element.addElement((NS_TLS, "starttls")).addElement((NS_TLS, "required"))
        return written(element, NS_SERVER, PREFIXES)
    if mayProve:
        element.addChild(external.mechanisms())
    if mayAnswer:
        element.addElement((NS_FEATURE_BIDI, "bidi"))
    element.addChild(dialback.feature())
    return written(element, NS_SERVER, PREFIXES)


@lru_cache(64)
def refusal(condition: str) -> str:
    """
    A stream error, and the end.
    """
    return written(StreamError(condition).getElement(), NS_SERVER, PREFIXES) + FOOTER
