"""
The file that Google's console makes for a service account.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

TOKEN_URI = "https://oauth2.googleapis.com/token"


@dataclass(frozen=True)
class ServiceAccount:
    """
    Who we are to Google.

    :ivar key: loaded once: that takes longer than many pushes.
    """

    project: str
    email: str
    keyId: str | None
    tokenURI: str
    key: RSAPrivateKey = field(repr=False)


def readServiceAccount(path: Path) -> ServiceAccount:
    """
    Read the file.

    :raises ValueError: it cannot be used; the text says why, and nothing of what is in it.
    """
    said = readObject(path)
    if said.get("type") != "service_account":
        raise ValueError(f"{path}: not the key of a service account (its type is not service_account)")
    tokenURI = textOf(said, "token_uri", path) if "token_uri" in said else TOKEN_URI
    if not isHTTPS(tokenURI):
        raise ValueError(f"{path}: token_uri is not an https URL")
    return ServiceAccount(
        project=textOf(said, "project_id", path),
        email=textOf(said, "client_email", path),
        keyId=textOf(said, "private_key_id", path) if said.get("private_key_id") else None,
        tokenURI=tokenURI,
        key=keyOf(textOf(said, "private_key", path), path),
    )


def readObject(path: Path) -> dict[str, Any]:
    """
    What any network's file for a service account holds; empty when that is no object.

    :raises ValueError: as `readServiceAccount`.
    """
    if "{" in str(path):
        raise ValueError("service-account is the name of a file, not what is in it")
    try:
        said = json.loads(path.read_text("utf-8"))
    except OSError as e:
        raise ValueError(f"{path}: cannot be read: {e.strerror}") from None
    except (ValueError, RecursionError):
        raise ValueError(f"{path}: not JSON") from None
    return said if isinstance(said, dict) else {}


def isHTTPS(url: str) -> bool:
    """
    Whether credentials may go there.
    """
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def textOf(said: dict[str, Any], name: str, path: Path) -> str:
    """
    A text of that file which is not to be missing.

    :raises ValueError: as `readServiceAccount`.
    """
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{path}: {name} is missing")
    return value


def keyOf(pem: str, path: Path) -> RSAPrivateKey:
    """
    Its key.

    :raises ValueError: as `readServiceAccount`.
    """
    try:
        key = load_pem_private_key(pem.encode("utf-8"), password=None)
    except Exception:
        # Whatever it says may quote the key.
        raise ValueError(f"{path}: private_key cannot be used") from None
    if not isinstance(key, RSAPrivateKey):
        raise ValueError(f"{path}: private_key is not an RSA key")
    return key
