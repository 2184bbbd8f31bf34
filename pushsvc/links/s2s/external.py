"""
SASL EXTERNAL between servers (XEP-0178): the certificate has already said who it is.
"""

from base64 import b64decode, b64encode

from twisted.words.xish.domish import Element

from pushsvc.jids import addressOf
from pushsvc.links.s2s.domains import withoutDot
from pushsvc.links.s2s.namespaces import NS_SASL

EXTERNAL = "EXTERNAL"


class Malformed(Exception):
    """
    What should be base64 of a domain is not.
    """


def auth(domain: str) -> Element:
    """
    We are this domain, as our certificate says.
    """
    element = Element((NS_SASL, "auth"), attribs={"mechanism": EXTERNAL})
    element.addContent(b64encode(domain.encode("utf-8")).decode("ascii"))
    return element


def mechanisms() -> Element:
    """
    The feature: the only mechanism there is.
    """
    element = Element((NS_SASL, "mechanisms"))
    element.addElement((NS_SASL, "mechanism"), content=EXTERNAL)
    return element


def isOffered(feature: Element | None) -> bool:
    """
    Whether the peer would take it.
    """
    return feature is not None and any(str(each).strip() == EXTERNAL for each in feature.elements())


def authorization(element: Element) -> str | None:
    """
    Who the peer says it is.

    :returns: a domain; None: who the stream's header says.
    :raises Malformed: it says nothing intelligible.
    """
    text = str(element).strip()
    if text in ("", "="):
        return None
    try:
        address = addressOf(withoutDot(b64decode(text, validate=True).decode("utf-8")))
    except ValueError:
        raise Malformed from None
    if address is None or address.full != address.domain:
        raise Malformed
    return address.domain


def success() -> Element:
    """
    We believe it.
    """
    return Element((NS_SASL, "success"))


def failure(condition: str) -> Element:
    """
    We do not.
    """
    element = Element((NS_SASL, "failure"))
    element.addElement((NS_SASL, condition))
    return element
