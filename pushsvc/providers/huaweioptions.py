"""
``[apps.NAME]`` with ``provider = "huawei"``: its keys, and who we are to Huawei after them.
"""

from pathlib import Path
from typing import Literal
from urllib.parse import quote

from pydantic import SecretStr
from pydantic.dataclasses import dataclass
from twisted.internet.interfaces import IReactorTime

from pushsvc.config import AppOptions, ConfigurationError, options, secret
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers.clientgrant import ClientToken
from pushsvc.providers.huaweiaccount import Account, AccountToken, readAccount
from pushsvc.providers.huaweimessage import Shape
from pushsvc.providers.serviceaccount import isHTTPS

ENDPOINT = "https://push-api.cloud.huawei.com"
TOKEN_ENDPOINT = "https://oauth-login.cloud.huawei.com/oauth2/v3/token"


@dataclass(frozen=True, config=options, kw_only=True)
class Options(Shape, AppOptions):
    """
    The keys, with those of `Shape`. Credentials are either a ``service-account``, or a ``client-id`` and its secret,
    which v3 does not take.

    :ivar apiVersion: ``v3``: phones with HarmonyOS 5 and later; ``v1`` and ``v2``: those with HMS. Left out: ``v3``
        with a ``service-account``, else ``v1``.
    :ivar serviceAccount: the file that Huawei's console makes for a service account of the project.
    :ivar clientId: the app's client id; ``v1`` needs it beside a ``service-account``, too.
    :ivar clientSecret: its secret.
    :ivar projectId: of ``v2``, without a ``service-account``.
    :ivar tokenEndpoint: where the secret obtains a token; None: Huawei's own.
    """

    apiVersion: Literal["v1", "v2", "v3"] | None = None
    serviceAccount: Path | None = None
    clientId: str | None = None
    clientSecret: SecretStr | None = None
    clientSecretFile: Path | None = None
    projectId: str | None = None
    tokenEndpoint: str | None = None

    @property
    def version(self) -> str:
        """
        The version that is meant.
        """
        return self.apiVersion or ("v1" if self.serviceAccount is None else "v3")


def urlOf(said: Options, account: Account | None) -> str:
    """
    Where pushes go.

    :raises ValueError: as `pushsvc.ipushsvc.IProviderKind.makeProvider`.
    """
    endpoint = said.endpoint or ENDPOINT
    if not isHTTPS(endpoint):
        raise ValueError("endpoint: not an https URL")
    if said.version == "v1":
        whose = said.clientId
        if not whose:
            raise ValueError("client-id is missing: the URL of v1 has it")
    else:
        if account is not None and said.projectId not in (None, account.project):
            raise ValueError("project-id: the service-account is of another project")
        whose = account.project if account is not None else said.projectId
        if not whose:
            raise ValueError("project-id is missing: the URL of v2 has it")
    return f"{endpoint.rstrip('/')}/{said.version}/{quote(whose, safe='')}/messages:send"


def accountOf(said: Options) -> Account | None:
    """
    The service account; None: there is a client with a secret instead.

    :raises ValueError: as `pushsvc.ipushsvc.IProviderKind.makeProvider`.
    """
    if said.serviceAccount is None:
        if said.version == "v3":
            raise ValueError("service-account is missing: v3 takes nothing else")
        return None
    for key, value in (
        ("client-secret", said.clientSecret),
        ("client-secret-file", said.clientSecretFile),
        ("token-endpoint", said.tokenEndpoint),
    ):
        if value is not None:
            raise ValueError(f"{key}: there is a service-account: one of them")
    try:
        return readAccount(said.serviceAccount)
    except ValueError as e:
        raise ValueError(f"service-account: {e}") from None


def tokenOf(
    said: Options, account: Account | None, http: IHTTP, clock: IReactorTime, deadline: float
) -> AccountToken | ClientToken:
    """
    Under what we speak.

    :raises ValueError: as `pushsvc.ipushsvc.IProviderKind.makeProvider`.
    """
    if account is not None:
        return AccountToken(account, clock)
    if not said.clientId:
        raise ValueError("service-account, or client-id with client-secret-file, is missing")
    endpoint = said.tokenEndpoint or TOKEN_ENDPOINT
    if not isHTTPS(endpoint):
        raise ValueError("token-endpoint: not an https URL")
    try:
        password = secret("", "client-secret", said.clientSecret, said.clientSecretFile)
    except ConfigurationError as e:
        raise ValueError(str(e).lstrip(":. ")) from None
    assert password is not None
    return ClientToken(endpoint, said.clientId, password, None, http, clock, deadline)
