"""
Subscriptions as clients name them when they register.

================  ====================================================================================================
``endpoint``      the URL that the push service gave out
``p256dh``        the device's public key, base64url; and
``auth``          its secret: without them nothing can be said to it
``subscription``  instead of these three, all of it as browsers write it: ``JSON.stringify(subscription)``
================  ====================================================================================================
"""

import json
from collections.abc import Mapping
from typing import Any

from pushsvc.errors import BadForm
from pushsvc.fields import Fields
from pushsvc.providers.base64url import decoded, encoded
from pushsvc.providers.endpoints import Endpoints
from pushsvc.providers.webpushencryption import peerOf

# Characters; an endpoint has at most 2048.
LONGEST = 4096


def readSubscription(fields: Fields, endpoints: Endpoints) -> tuple[str, dict[str, str]]:
    """
    The endpoint, and the device's keys.

    :raises BadForm: as `pushsvc.ipushsvc.IProvider.readTarget`.
    """
    whole = fields.one("subscription")
    if whole is None:
        endpoint, p256dh, auth = (fields.required(name) for name in ("endpoint", "p256dh", "auth"))
    elif any(fields.one(name) is not None for name in ("endpoint", "p256dh", "auth")):
        raise BadForm("subscription, or endpoint with p256dh and auth: one of them")
    else:
        endpoint, p256dh, auth = _read(whole)
    url = endpoints.read("endpoint", endpoint.strip())
    p256dh, auth = p256dh.strip(), auth.strip()
    try:
        # Not remembered by what clients write, but by what is kept.
        peerOf.__wrapped__(p256dh, auth)
    except ValueError as e:
        raise BadForm(str(e)) from None
    return url, {"p256dh": encoded(decoded(p256dh)), "auth": encoded(decoded(auth))}


def _read(text: str) -> tuple[str, str, str]:
    try:
        said: Any = json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError):
        said = None
    keys = said.get("keys") if isinstance(said, dict) else None
    if not isinstance(keys, dict):
        raise BadForm("subscription: not a PushSubscription in JSON")
    return _text(said, "endpoint"), _text(keys, "p256dh"), _text(keys, "auth")


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise BadForm(f"subscription: {name} is missing")
    return value
