"""
HTTP/1.1 by treq, behind `IHTTP`.
"""

from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

from hyperlink import EncodedURL
from treq.client import HTTPClient
from treq.cookies import IndexableCookieJar
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from pushsvc.exchange import ExchangeFailed, Request, Response, TimedOut
from pushsvc.httpclient.agent import OnceMore, Plain
from pushsvc.httpclient.body import Outgoing, received
from pushsvc.httpclient.failures import asExchangeFailed
from pushsvc.httpclient.trust import policy
from pushsvc.ipushsvc import IHTTP

# Bytes of an answer that are taken; push networks answer with hundreds.
LONGEST_ANSWER = 65536

# Most networks have one URL for all pushes, and treq would read it anew for each.
_parsed = lru_cache(256)(EncodedURL.from_text)


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
            reading = deadline.waiting = received(answer.original, LONGEST_ANSWER)
            body = await reading
        except ExchangeFailed:
            raise
        except Exception as e:
            if deadline.passed:
                raise TimedOut("no answer in time", maybeSent=outgoing.written) from None
            raise asExchangeFailed(e, outgoing.written) from None
        finally:
            deadline.stop()
        headers = {
            name.decode("latin-1").lower(): values[-1].decode("latin-1")
            for name, values in answer.headers.getAllRawHeaders()
        }
        return Response(answer.code, headers, body)

    async def close(self) -> None:
        if self._agent is not None:
            await self._agent.close()


def makeHTTP(reactor: Any, trust: Path | None = None) -> TreqHTTP:
    """
    An `IHTTP`; connects to nothing before it is asked to.

    :param trust: a file with roots besides the platform's, PEM.
    :raises ValueError: it cannot be read, or is none.
    """
    agent = OnceMore(reactor, policy(trust))
    noCookies = IndexableCookieJar(DefaultCookiePolicy(allowed_domains=[]))
    return TreqHTTP(HTTPClient(Plain(agent), noCookies), reactor, agent)
