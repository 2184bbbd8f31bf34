"""
HTTP/1.1 by treq, behind `IHTTP`.
"""

from dataclasses import replace
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

from hyperlink import EncodedURL
from treq.client import HTTPClient
from treq.cookies import IndexableCookieJar
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.web.http_headers import Headers
from zope.interface import implementer

from pushsvc.exchange import ExchangeFailed, Request, Response, TimedOut
from pushsvc.guard import Guard
from pushsvc.httpclient.agent import OnceMore, Plain
from pushsvc.httpclient.body import Outgoing, received
from pushsvc.httpclient.failures import asExchangeFailed
from pushsvc.httpclient.trust import policy
from pushsvc.ipushsvc import IHTTP

# Bytes of an answer that are taken; push networks answer with hundreds.
LONGEST_ANSWER = 65536


class _URL(EncodedURL):
    # COMPAT: hyperlink takes addresses of IPv6 for names that have to be encoded.
    def to_uri(self) -> EncodedURL:
        return self if ":" in self.host else super().to_uri()


# Most networks have one URL for all pushes, and treq would read it anew for each.
_parsed = lru_cache(256)(_URL.from_text)


class _Deadline:
    """
    Cancels whatever is being waited for, once time is up.

    :ivar waiting: what is being waited for.
    """

    def __init__(self, clock: IReactorTime, seconds: float) -> None:
        self.passed = False
        self.waiting: Deferred[Any] | None = None
        self._call = clock.callLater(seconds, self._pass)

    def _pass(self) -> None:
        self.passed = True
        if self.waiting is not None:
            self.waiting.cancel()

    def stop(self) -> None:
        if self._call.active():
            self._call.cancel()


@implementer(IHTTP)
class TreqHTTP:
    """
    Requests by anything that is shaped like treq.
    """

    def __init__(self, treq: Any, clock: IReactorTime, agent: OnceMore | None = None) -> None:
        self._treq = treq
        self._clock = clock
        self._agent = agent

    async def request(self, request: Request) -> Response:
        outgoing = Outgoing(request.body)
        deadline = _Deadline(self._clock, request.deadline)
        try:
            asked = deadline.waiting = self._treq.request(
                request.method,
                _parsed(request.url),
                headers=dict(request.headers),
                data=outgoing,
                allow_redirects=False,
                unbuffered=True,
                reactor=self._clock,
            )
            answer = await asked
            head = Response(answer.code, _headersOf(answer.headers))
            reading = deadline.waiting = received(answer.original, LONGEST_ANSWER, head)
            body = await reading
        except ExchangeFailed:
            raise
        except Exception as e:
            if deadline.passed:
                raise TimedOut("no answer in time", maybeSent=outgoing.written) from None
            raise asExchangeFailed(e, outgoing.written) from None
        finally:
            deadline.stop()
        return replace(head, body=body)

    async def close(self) -> None:
        if self._agent is not None:
            await self._agent.close()


def _headersOf(headers: Headers) -> dict[str, str]:
    return {name.decode("latin-1").lower(): values[-1].decode("latin-1") for name, values in headers.getAllRawHeaders()}


def makeHTTP(reactor: Any, trust: Path | None = None, guard: Guard | None = None) -> TreqHTTP:
    """
    An `IHTTP`; connects to nothing before it is asked to.

    :param trust: a file with roots besides the platform's, PEM.
    :param guard: says which servers may be asked; None: all.
    :raises ValueError: the file cannot be read, or is none.
    """
    agent = OnceMore(reactor, policy(trust), guard)
    noCookies = IndexableCookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return TreqHTTP(HTTPClient(Plain(agent), noCookies), reactor, agent)
