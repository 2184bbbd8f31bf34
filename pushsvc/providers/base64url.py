"""
Base64 as the web spells it (RFC 4648, section 5), and as browsers make something of it.
"""

import base64
import binascii

_STANDARD = str.maketrans("+/", "-_")


def encoded(value: bytes) -> str:
    """
    Without padding.
    """
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def decoded(text: str) -> bytes:
    """
    With padding or without it, in either alphabet.

    :raises ValueError: this is no base64.
    """
    text = text.rstrip("=").translate(_STANDARD)
    try:
        value = base64.b64decode((text + "=" * (-len(text) % 4)).encode("ascii"), b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("not base64url") from None
    return value
