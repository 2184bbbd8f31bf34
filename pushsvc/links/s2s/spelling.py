"""
Addresses of stanzas as peers spell them, and as we know them.
"""

from twisted.words.xish.domish import Element

from pushsvc.jids import addressOf
from pushsvc.links.s2s.domains import withoutDot


def undotted(stanza: Element, name: str) -> str:
    """
    Whom ``from`` or ``to`` names; from now on without a final dot.
    """
    said = stanza.getAttribute(name) or ""
    text = withoutDot(said)
    if text != said:
        stanza[name] = text
    return text


def readdress(stanza: Element, host: str) -> None:
    """
    It is to a host of ours by another name: handlers know one.
    """
    address = addressOf(stanza["to"])
    if address is not None:
        bare = f"{address.local}@{host}" if address.local else host
        stanza["to"] = f"{bare}/{address.resource}" if address.resource else bare


def domainMeant(text: str) -> str | None:
    """
    Whose server an address is for; it need not be one that anybody has there.
    """
    # Malformed, perhaps, but not beyond saying so to who wrote it.
    address = addressOf(text) or addressOf(text.partition("/")[0].rpartition("@")[2])
    return None if address is None else address.domain
