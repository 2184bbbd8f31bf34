"""
Devices of APNs as clients name them when they register, and as requests name them.

=================  ==================================================================================================
``token``          hexadecimal, or base64 of any flavour; kept as lower-case hexadecimal. How long is Apple's affair
``voip-token``     PushKit's, for calls; as ``token``
``topic``          the bundle id, where an app has several
``environment``    ``production``, or ``sandbox`` (``development`` to Xcode): which of the two the token is from
``sandbox``        the same as ``true`` or ``false``
                   and what is in ``wishes``
=================  ==================================================================================================
"""

import base64
import binascii
import re
from collections.abc import Collection

from pushsvc.errors import BadForm
from pushsvc.fields import Fields
from pushsvc.providers.tokens import readToken
from pushsvc.providers.wishes import readWishes

PRODUCTION, SANDBOX = "production", "sandbox"

_ENVIRONMENTS = {"production": PRODUCTION, "sandbox": SANDBOX, "development": SANDBOX}
_SANDBOX = {"true": SANDBOX, "1": SANDBOX, "false": PRODUCTION, "0": PRODUCTION}

_HEX = re.compile(r"[0-9A-Fa-f]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")


def readTarget(fields: Fields, topics: Collection[str]) -> tuple[str, dict[str, str]]:
    """
    The token of the device, and what else is known of it.

    :param topics: those of the app.
    :raises BadForm: as `pushsvc.ipushsvc.IProvider.readTarget`.
    """
    token = _readHex(fields, "token")
    if token is None:
        raise BadForm("token is missing")
    details = {}
    if (voip := _readHex(fields, "voip-token")) is not None:
        details["voip"] = voip
    if (environment := _readEnvironment(fields)) is not None:
        details["environment"] = environment
    if (topic := fields.one("topic")) is not None:
        if topic not in topics:
            raise BadForm("topic: not one of this app's")
        details["topic"] = topic
    return token, details | readWishes(fields)


def isHex(token: str) -> bool:
    """
    Whether this is a token as APNs is told it.
    """
    return len(token) % 2 == 0 and _HEX.fullmatch(token) is not None


def _readHex(fields: Fields, name: str) -> str | None:
    token = readToken(fields, name)
    if token is None:
        return None
    # What could be either is hexadecimal. 32 bytes, as long as all tokens were for years, are 43 characters of
    # base64 (an odd number) or end with "=", so that they are never taken for it.
    if isHex(token):
        return token.lower()
    raw = _unbase64(token)
    if not raw:
        raise BadForm(f"{name} is neither hexadecimal nor base64")
    return raw.hex()


def _unbase64(text: str) -> bytes | None:
    if not _BASE64.fullmatch(text):
        return None
    text = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return None


def _readEnvironment(fields: Fields) -> str | None:
    said = {_word(fields, "environment", _ENVIRONMENTS), _word(fields, "sandbox", _SANDBOX)} - {None}
    if len(said) > 1:
        raise BadForm("environment and sandbox contradict each other")
    return said.pop() if said else None


def _word(fields: Fields, name: str, known: dict[str, str]) -> str | None:
    said = fields.one(name)
    if said is None:
        return None
    if said.strip().lower() not in known:
        raise BadForm(f"{name}: one of {', '.join(known)}")
    return known[said.strip().lower()]
