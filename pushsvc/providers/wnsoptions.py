"""
``[apps.NAME]`` with ``provider = "wns"``: its keys, and who they say that we are.
"""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from pydantic import SecretStr
from pydantic.dataclasses import dataclass

from pushsvc.config import ConfigurationError, options, secret
from pushsvc.providers.endpoints import EndpointOptions
from pushsvc.providers.serviceaccount import isHTTPS

ENTRA = "https://login.microsoftonline.com"
ENTRA_SCOPE = "https://wns.windows.com/.default"
LIVE = "https://login.live.com/accesstoken.srf"
LIVE_SCOPE = "notify.windows.com"

_TENANT = re.compile(r"[A-Za-z0-9.-]{1,255}")
_SID = re.compile(r"ms-app://[Ss]-[0-9-]+/?")


@dataclass(frozen=True, config=options, kw_only=True)
class Options(EndpointOptions):
    """
    The keys. An app is known either to Entra ID (``tenant``, ``client-id`` and ``client-secret``), or to Partner Center
    alone (``package-sid`` and ``auth-key``).

    :ivar tenant: the directory of Entra ID in which the app is registered: its id, or a domain of it.
    :ivar clientId: what Entra ID calls the app: the application (client) id.
    :ivar clientSecret: a secret of the app there.
    :ivar packageSid: what Partner Center calls the app: ``ms-app://S-1-15-2-…``.
    :ivar authKey: the app's secret there.
    :ivar tokenEndpoint: the URL of which access tokens are asked; None: Entra ID's, or Microsoft's for Partner Center.
    """

    tenant: str | None = None
    clientId: str | None = None
    clientSecret: SecretStr | None = None
    clientSecretFile: Path | None = None
    packageSid: str | None = None
    authKey: SecretStr | None = None
    authKeyFile: Path | None = None
    tokenEndpoint: str | None = None


@dataclasses.dataclass(frozen=True)
class Credentials:
    """
    Who we are to Microsoft.

    :ivar endpoint: of which access tokens are asked.
    """

    endpoint: str
    clientId: str
    secret: str = dataclasses.field(repr=False)
    scope: str


def readCredentials(said: Options) -> Credentials:
    """
    Read the keys, and the file that one of them may name.

    :raises ValueError: as `pushsvc.ipushsvc.IProviderKind.makeProvider`.
    """
    ofEntra = {
        "tenant": said.tenant,
        "client-id": said.clientId,
        "client-secret": said.clientSecret,
        "client-secret-file": said.clientSecretFile,
    }
    ofPartnerCenter = {
        "package-sid": said.packageSid,
        "auth-key": said.authKey,
        "auth-key-file": said.authKeyFile,
    }
    if said.endpoint is not None:
        raise ValueError("endpoint: devices have channels of their own; where access tokens are from is token-endpoint")
    if said.tokenEndpoint is not None and not isHTTPS(said.tokenEndpoint):
        raise ValueError("token-endpoint: not an https URL")
    if _given(ofEntra) and _given(ofPartnerCenter):
        raise ValueError(f"{_given(ofEntra)[0]} and {_given(ofPartnerCenter)[0]}: one of them")
    if _given(ofPartnerCenter):
        return _partnerCenter(said)
    if _given(ofEntra):
        return _entra(said)
    raise ValueError("tenant, client-id and client-secret-file are missing (or package-sid and auth-key-file)")


def _entra(said: Options) -> Credentials:
    if said.clientId is None:
        raise ValueError("client-id is missing")
    if said.tenant is None and said.tokenEndpoint is None:
        raise ValueError("tenant is missing")
    if said.tenant is not None and not _TENANT.fullmatch(said.tenant):
        raise ValueError("tenant: neither the id of a directory nor a domain")
    endpoint = said.tokenEndpoint or f"{ENTRA}/{quote(said.tenant or '', safe='')}/oauth2/v2.0/token"
    key = _secret("client-secret", said.clientSecret, said.clientSecretFile)
    return Credentials(endpoint, said.clientId, key, ENTRA_SCOPE)


def _partnerCenter(said: Options) -> Credentials:
    if said.packageSid is None:
        raise ValueError("package-sid is missing")
    if not _SID.fullmatch(said.packageSid):
        raise ValueError("package-sid: not like ms-app://S-1-15-2-1234")
    key = _secret("auth-key", said.authKey, said.authKeyFile)
    return Credentials(said.tokenEndpoint or LIVE, said.packageSid, key, LIVE_SCOPE)


def _secret(name: str, inline: SecretStr | None, file: Path | None) -> str:
    try:
        found = secret("", name, inline, file)
    except ConfigurationError as e:
        raise ValueError(str(e).lstrip(":. ")) from None
    assert found is not None
    return found


def _given(keys: Mapping[str, object]) -> list[str]:
    return [name for name, value in keys.items() if value is not None]
