"""
What cannot be part of a stream (RFC 6120 section 4.9.3).
"""

from twisted.words.xish import domish


class StreamFault(domish.ParserError):
    """
    What the peer sends cannot be part of a stream.

    :ivar condition: the stream error that says so.
    """

    condition = "not-well-formed"


class RestrictedXML(StreamFault):
    """
    A DTD, an entity, a comment or a processing instruction.
    """

    condition = "restricted-xml"


class UnsupportedEncoding(StreamFault):
    """
    Something other than UTF-8.
    """

    condition = "unsupported-encoding"


class TooMuch(StreamFault):
    """
    Beyond the limits.
    """

    condition = "policy-violation"
