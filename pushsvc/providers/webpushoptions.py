"""
``[apps.NAME]`` with ``provider = "webpush"``: its keys, and what the file that they name holds.
"""

import re
from pathlib import Path

from pydantic import Field
from pydantic.dataclasses import dataclass

from pushsvc.config import options
from pushsvc.providers.endpoints import EndpointOptions
from pushsvc.providers.webpushencryption import LARGEST
from pushsvc.providers.webpushvapid import Signer, readKey

_SUBJECT = re.compile(r"mailto:[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]+|https://[^\s<>/]+\.[^\s<>]+")


@dataclass(frozen=True, config=options, kw_only=True)
class Options(EndpointOptions):
    """
    Either both ``vapid-key-file`` and ``subject`` are there, or neither is.

    :ivar vapidKeyFile: who we are to push services (RFC 8292); subscriptions are made for this key, and for no other.
        None: we do not say, which is enough for some servers of UnifiedPush.
    :ivar subject: whom push services may turn to when something goes wrong: ``mailto:`` or ``https:``.
    :ivar paddedSize: bytes of every push, whatever it says. Shorter ones cost less, but hold less.
    """

    vapidKeyFile: Path | None = None
    subject: str | None = None
    paddedSize: int = Field(default=LARGEST, ge=1024, le=LARGEST)


def readSigner(said: Options) -> Signer | None:
    """
    Read the key.

    :raises ValueError: as `pushsvc.ipushsvc.IProviderKind.makeProvider`.
    """
    if said.endpoint is not None:
        raise ValueError("endpoint: devices have endpoints of their own; there is none for all")
    if said.vapidKeyFile is None:
        if said.subject is not None:
            raise ValueError("subject: goes with vapid-key-file, and there is none")
        return None
    if said.subject is None:
        raise ValueError("subject is missing: Apple and Mozilla want one, such as mailto:push@example.org")
    if not _SUBJECT.fullmatch(said.subject):
        # Apple answers BadJwtToken, to mailto:somebody@localhost too.
        raise ValueError("subject: neither mailto: with an address on the internet, nor https:")
    try:
        return Signer(readKey(said.vapidKeyFile), said.subject)
    except ValueError as e:
        raise ValueError(f"vapid-key-file: {e}") from None
