"""
Stanzas as they leave.
"""

import re
from collections.abc import Mapping

from twisted.words.protocols.jabber.xmlstream import NS_STREAMS
from twisted.words.xish import domish

STREAM_PREFIXES = {NS_STREAMS: "stream"}

# What XML has, and needs no escaping in an attribute.
_PLAIN = re.compile("[\x20-%(-;=?-\x7e]*")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(stanza: domish.Element, namespace: str, prefixes: Mapping[str, str] = STREAM_PREFIXES) -> str:
    """
    A stanza as it stands in a stream of this namespace.

    Characters that XML does not have become U+FFFD: a peer would close the stream over them.

    :param prefixes: what the stream's header declares: from namespaces to their prefixes.
    """
    plain = not stanza.children and stanza.uri in (None, namespace) and stanza.defaultUri in (None, namespace)
    if plain and not stanza.localPrefixes and (text := _empty(stanza)) is not None:
        return text
    text = stanza.toXml(prefixes=prefixes, defaultUri=namespace, prefixesInScope=list(prefixes.values()))
    return _NOT_XML.sub("\ufffd", text)


def _empty(stanza: domish.Element) -> str | None:
    """
    A stanza without content, as domish writes it; None when its attributes are not plain. The answer to each publish
    is one, and domish writes no other that makes so little of so much.
    """
    attributes = stanza.attributes
    if not _PLAIN.fullmatch("".join(attributes.values())):
        return None
    text = f"<{stanza.name}"
    for name, value in attributes.items():
        if isinstance(name, tuple):
            return None
        text += f" {name}='{value}'"
    return f"{text}/>"
