"""
How connections come about: names, TLS, ALPN, and the other side's first words.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from OpenSSL.SSL import Error as TLSError
from twisted.internet._sslverify import IOpenSSLTrustRoot
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as TookTooLong
from twisted.internet.endpoints import wrapClientTLS
from twisted.internet.error import ConnectingCancelledError
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.internet.ssl import optionsForClientTLS

from pushsvc.exchange import ClientCertificate, ExchangeFailed, NotConnected, NotSpoken
from pushsvc.guard import Guard
from pushsvc.httpclient.failures import asExchangeFailed
from pushsvc.httpclient.guarded import endpointTo
from pushsvc.httpclient.http2.engine import MakeEngine
from pushsvc.httpclient.http2.owner import Owner
from pushsvc.httpclient.http2.requests import Origin
from pushsvc.httpclient.http2.session import Session
from pushsvc.httpclient.http2.tuning import Tuning

Connect: TypeAlias = Callable[[Owner], Awaitable[Session]]


class Connector:
    """
    Makes connections to one origin.

    :param guard: says at which addresses it may be; None: at any.
    """

    def __init__(
        self,
        reactor: Any,
        origin: Origin,
        roots: IOpenSSLTrustRoot,
        certificate: ClientCertificate | None,
        tuning: Tuning,
        makeEngine: MakeEngine,
        guard: Guard | None = None,
    ) -> None:
        self._reactor = reactor
        self._origin = origin
        self._roots = roots
        self._certificate = certificate
        self._tuning = tuning
        self._makeEngine = makeEngine
        self._guard = guard
        # Made once, for it reads all roots of the platform.
        self._endpoint: IStreamClientEndpoint | None = None

    async def connect(self, owner: Owner) -> Session:
        """
        A session that is ready for requests.

        :raises ExchangeFailed: there is none.
        """
        until = self._reactor.seconds() + self._tuning.connectWithin
        try:
            session = await self._tcp(owner)
            left = max(0.0, min(until - self._reactor.seconds(), self._tuning.connectWithin))
            await session.ready.addTimeout(left, self._reactor)
        except CancelledError:
            raise
        except (TookTooLong, ConnectingCancelledError):
            raise NotConnected("no connection (it took too long)") from None
        except Exception as e:
            raise _asExchangeFailed(e) from None
        return session

    def _tcp(self, owner: Owner) -> Deferred[Session]:
        if self._endpoint is None:
            where = endpointTo(self._reactor, self._origin.host, self._origin.port, self._guard)
            self._endpoint = wrapClientTLS(self._tls(), where)
        factory = Factory.forProtocol(
            lambda: Session(owner, self._reactor, self._tuning, self._makeEngine, self._origin.host)
        )
        factory.noisy = False
        connecting: Deferred[Any] = self._endpoint.connect(factory)
        return connecting.addTimeout(self._tuning.connectWithin, self._reactor)

    def _tls(self) -> IOpenSSLClientConnectionCreator:
        shown: dict[str, Any] = {}
        if self._certificate is not None:
            own, *others = self._certificate.chain
            shown = {"privateKey": self._certificate.key, "certificate": own, "extraCertChain": others}
        return optionsForClientTLS(
            self._origin.host, trustRoot=self._roots, acceptableProtocols=[b"h2"], extraCertificateOptions=shown
        )


def _asExchangeFailed(error: Exception) -> Exception:
    if isinstance(error, ExchangeFailed):
        return error
    if isinstance(error, TLSError) and "no application protocol" in str(error):
        return NotSpoken("HTTP/2 is not spoken there")
    return asExchangeFailed(error, False)
