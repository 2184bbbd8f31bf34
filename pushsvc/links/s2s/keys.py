"""
Dialback keys (XEP-0185), and the secret they are made of.
"""

import os
import secrets
from contextlib import suppress
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac
from pathlib import Path

from pushsvc.config import ConfigurationError


class Keys:
    """
    Makes keys, and knows its own again. Nothing of them is kept: what one process made, any other that has the same
    secret knows.
    """

    def __init__(self, secret: str) -> None:
        self._key = sha256(secret.encode("utf-8")).hexdigest().encode("ascii")

    def key(self, receiving: str, originating: str, streamId: str) -> str:
        """
        What proves to the receiving domain that the originating one, us, has opened that stream.
        """
        text = f"{receiving} {originating} {streamId}"
        return hmac(self._key, text.encode("utf-8"), sha256).hexdigest()

    def isOurs(self, key: str, receiving: str, originating: str, streamId: str) -> bool:
        """
        Whether we have made this key.
        """
        return compare_digest(key.encode("utf-8"), self.key(receiving, originating, streamId).encode("ascii"))


def readSecret(path: Path | None) -> str:
    """
    The secret; made now, and kept in the file, if there is none yet.

    :param path: None: a secret for this process alone.
    :raises ConfigurationError: it can be neither read nor written, or is too short to be one.
    """
    if path is None:
        return secrets.token_hex(32)
    try:
        if not path.exists():
            _make(path)
        secret = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as e:
        raise ConfigurationError(f"dialback-secret-file: {path}: cannot be used: {e}") from None
    if len(secret) < 16:
        raise ConfigurationError(f"dialback-secret-file: {path}: this is too short for a secret")
    return secret


def _make(path: Path) -> None:
    # Several processes may start at once: whoever is first names the file, and nobody ever reads half of one.
    written = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(written, path)
    finally:
        written.unlink()
