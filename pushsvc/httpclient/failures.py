"""
What Twisted raises when there is no answer, as the few things that matter.
"""

from OpenSSL.SSL import Error as TLSError
from twisted.internet.error import ConnectError, ConnectionClosed, DNSLookupError
from twisted.web._newclient import RequestNotSent
from twisted.web.client import RequestTransmissionFailed, ResponseFailed

from pushsvc.exchange import ConnectionBroke, NotAdmitted, NotConnected, NotTrusted
from pushsvc.httpclient.trust import isDistrust, isRefusal

_EXPECTED = (
    ConnectError,
    ConnectionClosed,
    DNSLookupError,
    TLSError,
    RequestNotSent,
    RequestTransmissionFailed,
    ResponseFailed,
)


def asExchangeFailed(error: Exception, written: bool) -> Exception:
    """
    What to raise instead; the error itself when it is none that a network makes.

    :param written: the request was handed to a connection.
    """
    reasons = [failure.value for failure in getattr(error, "reasons", ())] or [error]
    if any(isDistrust(reason) for reason in reasons):
        return NotTrusted("the certificate is not trusted")
    if not written and (refusal := next(filter(isRefusal, reasons), None)) is not None:
        return NotAdmitted(f"our certificate is not taken ({_alert(refusal)})")
    if not isinstance(error, _EXPECTED):
        return error
    kind = type(reasons[0]).__name__
    if not written:
        return NotConnected(f"no connection ({kind})")
    return ConnectionBroke(f"the connection broke ({kind})", maybeSent=True)


def _alert(error: BaseException) -> str:
    # OpenSSL's errors are lists of (library, function, reason): "ssl/tls alert bad certificate".
    return str(error.args[0][-1][2]).partition("alert ")[2]
