"""
``[apps.NAME]`` with ``provider = "apns"``: its keys, and what the files that they name hold.
"""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic.dataclasses import dataclass

from pushsvc.config import AppOptions, ConfigurationError, options, secret
from pushsvc.exchange import Route
from pushsvc.providers.apnscertificate import PushCertificate, readCertificate
from pushsvc.providers.apnspayload import Shape
from pushsvc.providers.apnstoken import Key, readKey

# Connections. APNs lets a connection have one stream only after it refused a push on it: the others go by the other.
KEPT = 2

_TOPIC = re.compile(r"[A-Za-z0-9_.-]{1,255}")
_ID = re.compile(r"[A-Za-z0-9]{10}")


@dataclass(frozen=True, config=options, kw_only=True)
class Options(Shape, AppOptions):
    """
    The keys, with those of `Shape`. Credentials are either a key (``key-file``, ``key-id`` and ``team-id``) or a
    ``certificate``.

    :ivar topic: the bundle id; None: what the certificate is for.
    :ivar allowedTopics: further ones, for devices that register with their topic.
    :ivar keyFile: the ``.p8`` file of Apple's developer portal.
    :ivar keyId: the ten characters that the portal calls the key.
    :ivar teamId: the ten characters that it calls you.
    :ivar certificate: a client certificate: PEM or PKCS#12, as its content says.
    :ivar privateKey: its key, if not in the same file.
    :ivar passphrase: what the key, or the PKCS#12 file, is encrypted with.
    :ivar environment: where the tokens are from of devices that do not say.
    :ivar collapse: of the notifications of one kind, a device shows the newest only.
    """

    topic: str | None = None
    allowedTopics: tuple[str, ...] = ()
    keyFile: Path | None = None
    keyId: str | None = None
    teamId: str | None = None
    certificate: Path | None = None
    privateKey: Path | None = None
    passphrase: SecretStr | None = None
    passphraseFile: Path | None = None
    environment: Literal["production", "sandbox"] = "production"
    collapse: bool = False


@dataclasses.dataclass(frozen=True)
class Credentials:
    """
    Who we are to APNs: one of the two.
    """

    key: Key | None = None
    certificate: PushCertificate | None = None

    @property
    def route(self) -> Route:
        """
        The connections that are ours. What a key speaks on, no other may, and a certificate shows itself.
        """
        if self.certificate is not None:
            return Route(certificate=self.certificate.shown, keep=KEPT)
        assert self.key is not None
        return Route(keep=KEPT, whose=f"apns {self.key.teamId} {self.key.keyId}")


def readCredentials(said: Options) -> Credentials:
    """
    Read the files.

    :raises ValueError: as `pushsvc.ipushsvc.IProviderKind.makeProvider`.
    """
    ofKey = {"key-file": said.keyFile, "key-id": said.keyId, "team-id": said.teamId}
    ofCertificate = {
        "private-key": said.privateKey,
        "passphrase": said.passphrase,
        "passphrase-file": said.passphraseFile,
    }
    if said.certificate is not None:
        _none(ofKey, "goes with key-file, and there is a certificate: one of them")
        return Credentials(certificate=readCertificate(said.certificate, said.privateKey, _passphrase(said)))
    if all(value is None for value in ofKey.values()):
        raise ValueError("key-file (with key-id and team-id) or certificate is missing")
    _none(ofCertificate, "goes with certificate, and there is none")
    if said.keyFile is None:
        raise ValueError("key-file is missing")
    keyId, teamId = _id("key-id", said.keyId), _id("team-id", said.teamId)
    try:
        return Credentials(readKey(said.keyFile, keyId, teamId))
    except ValueError as e:
        raise ValueError(f"key-file: {e}") from None


def topicsOf(said: Options, credentials: Credentials) -> tuple[str, ...]:
    """
    The app's topics; the first is that of devices that do not say.

    :raises ValueError: there is none, or what cannot be one.
    """
    certificate = credentials.certificate
    topic = said.topic or (certificate.topic if certificate is not None else None)
    if topic is None:
        raise ValueError("topic is missing" + ("" if certificate is None else ", and the certificate does not say it"))
    for each in (topic, *said.allowedTopics):
        if not _TOPIC.fullmatch(each):
            raise ValueError(f"topic: {each!r} cannot be a bundle id")
    return (topic, *said.allowedTopics)


def _passphrase(said: Options) -> str | None:
    try:
        return secret("", "passphrase", said.passphrase, said.passphraseFile, required=False)
    except ConfigurationError as e:
        raise ValueError(str(e).lstrip(":. ")) from None


def _none(values: Mapping[str, object], why: str) -> None:
    for name, value in values.items():
        if value is not None:
            raise ValueError(f"{name} {why}")


def _id(name: str, value: str | None) -> str:
    if value is None:
        raise ValueError(f"{name} is missing")
    if not _ID.fullmatch(value):
        raise ValueError(f"{name}: not the ten letters and digits that it should be")
    return value
