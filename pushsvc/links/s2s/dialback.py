"""
What is said in dialback (XEP-0220).

A server says ``<db:result/>`` with a key; who is asked to believe it asks the domain itself with ``<db:verify/>``; both
are answered in kind, as valid, invalid, or with an error.
"""

from typing import NamedTuple

from twisted.words.protocols.jabber.error import STANZA_CONDITIONS
from twisted.words.xish.domish import Element

from pushsvc.jids import addressOf
from pushsvc.links.s2s.domains import withoutDot
from pushsvc.links.s2s.namespaces import NS_DIALBACK, NS_FEATURE_DIALBACK, NS_SERVER
from pushsvc.wire.errors import errorElement
from pushsvc.wire.namespaces import NS_STANZAS

DIALBACK = "dialback"

VALID = "valid"
INVALID = "invalid"


class Pair(NamedTuple):
    """
    Whose stanzas to whom: one domain of ours, and one of others.
    """

    local: str
    remote: str


def pairOf(element: Element) -> Pair | None:
    """
    Whom this is about, as it stands before us: ``to`` us, ``from`` them.

    :returns: None when it does not say.
    """
    local = domainIn(element.getAttribute("to"))
    remote = domainIn(element.getAttribute("from"))
    return Pair(local, remote) if local and remote else None


def domainIn(text: str | None) -> str | None:
    """
    The domain that an attribute consists of.
    """
    address = addressOf(withoutDot(text or ""))
    return address.domain if address is not None and address.full == address.domain else None


def feature() -> Element:
    """
    We speak it, and may answer with errors.
    """
    element = Element((NS_FEATURE_DIALBACK, "dialback"))
    element.addElement((NS_FEATURE_DIALBACK, "errors"))
    return element


def result(pair: Pair, key: str) -> Element:
    """
    We are ``pair.local``, and this key proves it.
    """
    return _element("result", pair, None, None, key)


def verify(pair: Pair, streamId: str, key: str) -> Element:
    """
    Is this key from you, ``pair.remote``?
    """
    return _element("verify", pair, streamId, None, key)


def answer(name: str, pair: Pair, type: str, streamId: str | None = None) -> Element:
    """
    It is valid; it is not.
    """
    return _element(name, pair, streamId, type)


def refusal(name: str, pair: Pair, condition: str, streamId: str | None = None) -> Element:
    """
    It cannot be told.
    """
    element = _element(name, pair, streamId, "error")
    error = errorElement("cancel", condition)
    # In the stream's own namespace, as everything in a stanza error.
    error.uri = error.defaultUri = NS_SERVER
    element.addChild(error)
    return element


def conditionOf(element: Element) -> str:
    """
    Why it cannot be told, as the peer says.
    """
    for error in element.elements():
        if error.name == "error":
            for condition in error.elements():
                # The peer's own words are not for our log.
                if condition.uri == NS_STANZAS and condition.name in STANZA_CONDITIONS:
                    return str(condition.name)
    return "undefined-condition"


def _element(name: str, pair: Pair, streamId: str | None, type: str | None, key: str | None = None) -> Element:
    attributes = {"from": pair.local, "to": pair.remote}
    if streamId is not None:
        attributes["id"] = streamId
    if type is not None:
        attributes["type"] = type
    element = Element((NS_DIALBACK, name), attribs=attributes)
    if key is not None:
        element.addContent(key)
    return element
