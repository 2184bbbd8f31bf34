"""
Google's service accounts: a signed grant in, a token for an hour out (RFC 7523).
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import jwt
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.interfaces import IReactorTime

from pushsvc.errors import DeliveryError, ProviderDown, ProviderRefused, Throttled
from pushsvc.exchange import ExchangeFailed, Request, Response
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers.failures import asDeliveryError
from pushsvc.providers.serviceaccount import ServiceAccount

# Seconds before its end at which a token is renewed.
EARLY = 300.0
# Seconds between attempts to renew a token that is still good.
PAUSE = 30.0
# Seconds a grant is good for: the most Google takes.
GRANT_LASTS = 3600

_TOKEN = re.compile(r"[!-~]{1,8192}")
_WORD = re.compile(r"[a-z_]{1,40}")


class AccessToken:
    """
    The token under which an app speaks to Google, always a good one.

    However many ask for it, it is fetched once.
    """

    def __init__(self, account: ServiceAccount, scope: str, http: IHTTP, clock: IReactorTime, deadline: float) -> None:
        self._account = account
        self._scope = scope
        self._http = http
        self._clock = clock
        self._deadline = deadline
        self._token: str | None = None
        self._renew = self._ends = 0.0
        self._waiting: list[Deferred[str]] = []
        self._fetching = False

    async def get(self) -> str:
        """
        The token.

        :raises DeliveryError: ProviderRefused when Google does not accept the account; others when it cannot be asked.
        """
        if self._token is None or self._clock.seconds() >= self._renew:
            try:
                return await self._fetched()
            except DeliveryError:
                if self._token is None or self._clock.seconds() >= self._ends:
                    raise
                self._renew = self._clock.seconds() + PAUSE
        return self._token

    def expired(self, token: str) -> None:
        """
        Google does not take this token any more, whatever it said when it gave it.
        """
        if self._token == token:
            self._token = None

    def _fetched(self) -> Deferred[str]:
        done: Deferred[str] = Deferred()
        self._waiting.append(done)
        if not self._fetching:
            self._fetching = True
            # On its own: that one of those who wait gives up is nothing to the others.
            ensureDeferred(self._fetch()).addBoth(self._tell)
        return done

    def _tell(self, result: Any) -> None:
        self._fetching = False
        waiting, self._waiting = self._waiting, []
        for done in waiting:
            done.callback(result)

    async def _fetch(self) -> str:
        now = self._clock.seconds()
        try:
            response = await self._http.request(self._request(int(now)))
        except ExchangeFailed as failed:
            error = asDeliveryError(failed, "token endpoint")
            # The push itself was not even tried.
            raise ProviderDown(str(error)) if isinstance(error, ProviderDown) else error from None
        if response.status != 200:
            raise _refusal(response, self._clock.seconds())
        said = response.json()
        token, lasts = said.get("access_token"), said.get("expires_in", GRANT_LASTS)
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise ProviderDown("token endpoint: no token in its answer")
        if not isinstance(lasts, (int, float)) or not 0 < lasts <= 10 * GRANT_LASTS:
            raise ProviderDown("token endpoint: its token is good for no time that makes sense")
        self._token = token
        self._ends = now + lasts
        self._renew = now + max(lasts - EARLY, lasts / 2)
        return token

    def _request(self, now: int) -> Request:
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


# What an operator can do about it.
_HINTS: Mapping[str, str] = {
    "invalid_grant": "the service account or its key is not valid, or the clock is wrong",
    "invalid_client": "there is no such service account",
    "unauthorized_client": "the service account may not do this",
    "invalid_scope": "the service account may not do this",
}


def _refusal(response: Response, now: float) -> DeliveryError:
    """
    What an answer without a token means.
    """
    status = response.status
    if status == 429:
        return Throttled(f"token endpoint: {status}", response.retryAfter(now))
    if status >= 500 or status in (408, 425) or status < 400:
        return ProviderDown(f"token endpoint: {status}", retryAfter=response.retryAfter(now))
    # Its description may quote what we sent.
    word = response.json().get("error")
    word = word if isinstance(word, str) and _WORD.fullmatch(word) else ""
    hint = f" ({_HINTS[word]})" if word in _HINTS else ""
    return ProviderRefused(f"token endpoint: {status} {word}".rstrip() + hint)
