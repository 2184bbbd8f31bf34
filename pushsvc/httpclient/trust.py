"""
Whom we believe to be who they say they are: TLS as HTTP clients need it.
"""

from pathlib import Path

from OpenSSL.SSL import Context
from OpenSSL.SSL import Error as TLSError
from service_identity import VerificationError
from twisted.internet._sslverify import IOpenSSLTrustRoot
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator
from twisted.internet.ssl import Certificate, optionsForClientTLS, platformTrust, trustRootFromCertificates
from twisted.web.client import HostnameCachingHTTPSPolicy
from twisted.web.iweb import IPolicyForHTTPS
from zope.interface import implementer

_BEGIN = b"-----BEGIN CERTIFICATE-----"

# What OpenSSL calls the alerts of RFC 8446, section 6.2, that are about our certificate.
_REFUSALS = (
    "alert bad certificate",
    "alert unsupported certificate",
    "alert certificate revoked",
    "alert certificate expired",
    "alert certificate unknown",
    "alert unknown ca",
    "alert access denied",
    "alert certificate required",
)

# Hosts whose TLS options are remembered: making them reads all roots of the platform.
HOSTS_REMEMBERED = 64


@implementer(IOpenSSLTrustRoot)
class TrustRoots:
    """
    The platform's roots, and those of a file.
    """

    def __init__(self, pem: bytes) -> None:
        certificates = [Certificate.loadPEM(_BEGIN + part) for part in pem.split(_BEGIN)[1:]]
        if not certificates:
            raise ValueError("no certificate in it")
        self._roots = _platform(), trustRootFromCertificates(certificates)  # type: ignore[no-untyped-call]

    def _addCACertsToContext(self, context: Context) -> None:
        for root in self._roots:
            root._addCACertsToContext(context)


@implementer(IPolicyForHTTPS)
class Verifying:
    """
    Every certificate has to be for the host that was asked for, and from somebody trusted.
    """

    def __init__(self, trustRoot: IOpenSSLTrustRoot) -> None:
        self._trustRoot = trustRoot

    def creatorForNetloc(self, hostname: bytes, port: int) -> IOpenSSLClientConnectionCreator:
        return optionsForClientTLS(hostname.decode("ascii"), trustRoot=self._trustRoot)


def policy(trust: Path | None) -> IPolicyForHTTPS:
    """
    How TLS is spoken to any host.

    :param trust: a file with roots besides the platform's, PEM.
    :raises ValueError: it cannot be read, or is none.
    """
    return HostnameCachingHTTPSPolicy(Verifying(rootsOf(trust)), HOSTS_REMEMBERED)


def rootsOf(trust: Path | None) -> IOpenSSLTrustRoot:
    """
    Whose signatures count.

    :param trust: a file with roots besides the platform's, PEM.
    :raises ValueError: it cannot be read, or is none.
    """
    if trust is None:
        return _platform()
    try:
        return TrustRoots(trust.read_bytes())
    except OSError as e:
        raise ValueError(f"{trust}: cannot be read: {e.strerror}") from None
    except (ValueError, TLSError) as e:
        raise ValueError(f"{trust}: not a file of certificates: {e}") from None


def _platform() -> IOpenSSLTrustRoot:
    roots: IOpenSSLTrustRoot = platformTrust()  # type: ignore[no-untyped-call]
    return roots


def isDistrust(reason: BaseException) -> bool:
    """
    Whether this is a certificate that we do not believe, rather than any other trouble of TLS.
    """
    if isinstance(reason, VerificationError):
        return True
    return isinstance(reason, TLSError) and "certificate verify failed" in str(reason)


def isRefusal(reason: BaseException) -> bool:
    """
    Whether the other side says that it does not believe the certificate that we show, or want for one.
    """
    return isinstance(reason, TLSError) and any(said in str(reason) for said in _REFUSALS)
