"""
Stanzas as they leave.
"""

import re
from collections.abc import Mapping

from twisted.words.protocols.jabber.xmlstream import NS_STREAMS
from twisted.words.xish import domish

STREAM_PREFIXES = {NS_STREAMS: "stream"}

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(stanza: domish.Element, namespace: str, prefixes: Mapping[str, str] = STREAM_PREFIXES) -> str:
    """
    A stanza as it stands in a stream of this namespace.

    Characters that XML does not have become U+FFFD: a peer would close the stream over them.

    :param prefixes: what the stream's header declares: from namespaces to their prefixes.
    """
    text = _empty(stanza, namespace)
    if text is None:
        text = stanza.toXml(prefixes=prefixes, defaultUri=namespace, prefixesInScope=list(prefixes.values()))
    return _NOT_XML.sub("\ufffd", text)


def _empty(stanza: domish.Element, namespace: str) -> str | None:
    """
    A stanza without content, as domish writes it; None for all others. The answer to each publish is one, and domish
    writes no other that makes so little of so much.
    """
    plain = not stanza.children and stanza.uri in (None, namespace) and stanza.defaultUri in (None, namespace)
    if not plain or stanza.localPrefixes or any(isinstance(name, tuple) for name in stanza.attributes):
        return None
    attributes = [f" {name}='{domish.escapeToXml(value, 1)}'" for name, value in stanza.attributes.items()]
    return f"<{stanza.name}{''.join(attributes)}/>"
