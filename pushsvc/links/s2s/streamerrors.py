"""
The stream errors that there are (RFC 6120 section 4.9.3).
"""

from twisted.words.protocols.jabber.error import exceptionFromStreamError
from twisted.words.xish.domish import Element

CONDITIONS = frozenset(
    (
        "bad-format",
        "bad-namespace-prefix",
        "conflict",
        "connection-timeout",
        "host-gone",
        "host-unknown",
        "improper-addressing",
        "internal-server-error",
        "invalid-from",
        "invalid-id",
        "invalid-namespace",
        "invalid-xml",
        "not-authorized",
        "not-well-formed",
        "policy-violation",
        "remote-connection-failed",
        "reset",
        "resource-constraint",
        "restricted-xml",
        "see-other-host",
        "system-shutdown",
        "undefined-condition",
        "unsupported-encoding",
        "unsupported-feature",
        "unsupported-stanza-type",
        "unsupported-version",
    )
)


def conditionOf(element: Element) -> str:
    """
    Which one a peer has sent. Its own words are not for our log.
    """
    condition = exceptionFromStreamError(element).condition
    return condition if condition in CONDITIONS else "undefined-condition"
