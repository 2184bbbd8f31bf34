"""
Google's service accounts: a signed grant in, a token for an hour out (RFC 7523).
"""

from collections.abc import Mapping
from urllib.parse import urlencode

import jwt
from twisted.internet.interfaces import IReactorTime

from pushsvc.exchange import Request
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers.bearertoken import BearerToken
from pushsvc.providers.serviceaccount import ServiceAccount

# Seconds a grant is good for: the most Google takes.
GRANT_LASTS = 3600


class AccessToken(BearerToken):
    """
    The token that a service account obtains.
    """

    hints: Mapping[str, str] = {
        "invalid_grant": "the service account or its key is not valid, or the clock is wrong",
        "invalid_client": "there is no such service account",
        "unauthorized_client": "the service account may not do this",
        "invalid_scope": "the service account may not do this",
    }

    def __init__(self, account: ServiceAccount, scope: str, http: IHTTP, clock: IReactorTime, deadline: float) -> None:
        super().__init__(http, clock, deadline)
        self._account = account
        self._scope = scope

    def request(self, now: int) -> Request:
        account = self._account
        claims = {
            "iss": account.email,
            "scope": self._scope,
            "aud": account.tokenURI,
            "iat": now,
            "exp": now + GRANT_LASTS,
        }
        headers = {"kid": account.keyId} if account.keyId else None
        assertion = jwt.encode(claims, account.key, algorithm="RS256", headers=headers)
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        return Request(
            "POST",
            account.tokenURI,
            {"Content-Type": "application/x-www-form-urlencoded"},
            urlencode(form).encode("ascii"),
            self._deadline,
        )
