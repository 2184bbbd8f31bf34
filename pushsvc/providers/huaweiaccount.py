"""
Huawei's service accounts: the file of its console, and the token that is signed with what is in it.

There is nobody to ask for the token: Huawei verifies the signature (RFC 7518's PS256) itself.
"""

from dataclasses import dataclass, field
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from twisted.internet.interfaces import IReactorTime

from pushsvc.providers.serviceaccount import isHTTPS, keyOf, readObject, textOf

# Seconds a token is good for, as Huawei recommends, and those for which one is used: clocks differ.
VALID = 3600
LASTS = 3000.0


@dataclass(frozen=True)
class Account:
    """
    Who we are to Huawei.

    :ivar audience: who is to believe us: the URL of Huawei's token endpoint, which is not asked.
    """

    project: str
    name: str
    keyId: str
    audience: str
    key: RSAPrivateKey = field(repr=False)


class AccountToken:
    """
    The token under which an app speaks to Huawei, always a good one.
    """

    def __init__(self, account: Account, clock: IReactorTime) -> None:
        self._account = account
        self._clock = clock
        self._token: str | None = None
        self._made = 0.0

    async def token(self) -> str:
        """
        The token. Signing takes longer than all else about a push, so it is not done for each.
        """
        # From the future it is when the clock has been put right.
        if self._token is None or not 0 <= self._clock.seconds() - self._made < LASTS:
            self._made = self._clock.seconds()
            self._token = self._signed(int(self._made))
        return self._token

    def refused(self, token: str) -> None:
        """
        Huawei does not take this token any more.
        """
        if self._token == token:
            self._token = None

    def _signed(self, now: int) -> str:
        account = self._account
        claims = {"iss": account.name, "aud": account.audience, "iat": now, "exp": now + VALID}
        return jwt.encode(claims, account.key, algorithm="PS256", headers={"kid": account.keyId})


def readAccount(path: Path) -> Account:
    """
    Read the file.

    :raises ValueError: it cannot be used; the text says why, and nothing of what is in it.
    """
    said = readObject(path)
    if "sub_account" not in said:
        raise ValueError(f"{path}: not the key of a service account of Huawei's (it has no sub_account)")
    audience = textOf(said, "token_uri", path)
    if not isHTTPS(audience):
        raise ValueError(f"{path}: token_uri is not an https URL")
    return Account(
        project=textOf(said, "project_id", path),
        name=textOf(said, "sub_account", path),
        keyId=textOf(said, "key_id", path),
        audience=audience,
        key=keyOf(textOf(said, "private_key", path), path),
    )
