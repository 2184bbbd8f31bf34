"""
The tokens of OAuth 2 (RFC 6749): asked for with what an app knows itself by, good for an hour or a day.

What it is asked for with is said by ``googlegrant`` and ``clientgrant``.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.interfaces import IReactorTime

from pushsvc.errors import DeliveryError, ProviderDown, ProviderRefused, Throttled
from pushsvc.exchange import ExchangeFailed, Request, Response
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers.failures import asDeliveryError

# Seconds before its end at which a token is renewed.
EARLY = 300.0
# Seconds between attempts to renew a token that is still good.
PAUSE = 30.0
# Seconds that a token is good for when nobody says so, and the most that is believed.
USUAL = 3600.0
LONGEST = 7 * 86400.0

_TOKEN = re.compile(r"[!-~]{1,8192}")
_WORD = re.compile(r"[a-z_]{1,40}")
_NUMBER = re.compile(r"[0-9]{1,9}")
# RFC 6749, 4.1.2.1: words for what HTTP says with a status.
_DOWN = frozenset({"temporarily_unavailable", "server_error"})


T = TypeVar("T")


class Bearer(Protocol):
    """
    What has a token, and another one when that is not taken any more.
    """

    async def token(self) -> str:
        """
        The token.
        """

    def refused(self, token: str) -> None:
        """
        It is not taken any more.
        """


async def renewing(bearer: Bearer, ask: Callable[[str], Awaitable[T]], isStale: Callable[[T], bool]) -> T:
    """
    The answer to what is asked under a token; under a new one, if the one we have is not taken any more.

    :param isStale: whether an answer says that.
    """
    token = await bearer.token()
    answer = await ask(token)
    if isStale(answer):
        bearer.refused(token)
        answer = await ask(await bearer.token())
    return answer


class BearerToken(ABC):
    """
    The token under which an app speaks to its network, always a good one.

    However many ask for it, it is fetched once.

    :cvar hints: what an operator can do about the words of the token endpoint.
    """

    hints: Mapping[str, str] = {}

    def __init__(self, http: IHTTP, clock: IReactorTime, deadline: float) -> None:
        self._http = http
        self._clock = clock
        self._deadline = deadline
        self._token: str | None = None
        self._renew = self._ends = 0.0
        self._waiting: list[Deferred[str]] = []
        self._fetching = False

    @abstractmethod
    def request(self, now: int) -> Request:
        """
        What to ask the token endpoint.

        :param now: seconds since 1970.
        """

    async def token(self) -> str:
        """
        The token.

        :raises DeliveryError: ProviderRefused when our credentials are not accepted; others when the token endpoint
            cannot be asked.
        """
        if self._token is None or self._clock.seconds() >= self._renew:
            try:
                return await self._fetched()
            except DeliveryError:
                if self._token is None or self._clock.seconds() >= self._ends:
                    raise
                self._renew = self._clock.seconds() + PAUSE
        return self._token

    def refused(self, token: str) -> None:
        """
        The network does not take this token any more, whatever was said when it was given.
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
            response = await self._http.request(self.request(int(now)))
        except ExchangeFailed as failed:
            error = asDeliveryError(failed, "token endpoint")
            # The push itself was not even tried.
            raise ProviderDown(str(error)) if isinstance(error, ProviderDown) else error from None
        if response.status != 200:
            raise self._refusal(response)
        said = response.json()
        token, lasts = said.get("access_token"), _seconds(said.get("expires_in", USUAL))
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise ProviderDown("token endpoint: no token in its answer")
        if lasts is None:
            raise ProviderDown("token endpoint: its token is good for no time that makes sense")
        self._token = token
        self._ends = now + lasts
        self._renew = now + max(lasts - EARLY, lasts / 2)
        return token

    def _refusal(self, response: Response) -> DeliveryError:
        """
        What an answer without a token means.
        """
        status, wait = response.status, response.retryAfter(self._clock.seconds())
        # Its description may quote what we sent.
        word = response.json().get("error")
        word = word if isinstance(word, str) and _WORD.fullmatch(word) else ""
        text = f"token endpoint: {status} {word}".rstrip()
        if status == 429:
            return Throttled(text, wait, lane=True)
        if status >= 500 or status in (408, 425) or status < 400 or word in _DOWN:
            return ProviderDown(text, retryAfter=wait)
        return ProviderRefused(text + (f" ({self.hints[word]})" if word in self.hints else ""))


def _seconds(lasts: Any) -> float | None:
    """
    How long a token lasts; Microsoft has said it in text.
    """
    if isinstance(lasts, str) and _NUMBER.fullmatch(lasts):
        lasts = int(lasts)
    if isinstance(lasts, bool) or not isinstance(lasts, (int, float)) or not 0 < lasts <= LONGEST:
        return None
    return float(lasts)
