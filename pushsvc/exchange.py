"""
One HTTP exchange, whoever makes it: what is asked, what comes back, what goes wrong.

`pushsvc.ipushsvc.IHTTP` makes exchanges; ``pushsvc.httpclient`` is what ships.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

# Seconds beyond which nobody's wish that we wait is heeded.
LONGEST_WAIT = 86400.0


@dataclass(frozen=True, eq=False)
class ClientCertificate:
    """
    Who we say we are, where TLS asks for it. Two of them are never the same, whatever is in them.

    :ivar key: the private key, of the ``cryptography`` library.
    :ivar chain: its certificates, likewise, our own first.
    """

    key: Any = field(repr=False)
    chain: tuple[Any, ...] = field(repr=False)


@dataclass(frozen=True)
class Route:
    """
    By which connections a request travels: those of one route are shared by all requests to the same origin, and by
    nobody else. HTTP/1.1 knows one route only.

    :ivar certificate: only connections that show it.
    :ivar keep: so many connections are kept open, once the first request was made.
    :ivar whose: sets apart those who may not share a connection though both show no certificate: two keys of APNs.
    """

    certificate: ClientCertificate | None = field(default=None, repr=False)
    keep: int = 0
    whose: str = ""


@dataclass(frozen=True)
class Request:
    """
    What is asked.

    :ivar url: ``https`` or ``http``; hidden, for devices have URLs.
    :ivar headers: name to value; ``Host`` and ``Content-Length`` come by themselves.
    :ivar deadline: seconds for everything: connecting, asking, and the last byte of the answer.
    :ivar avoiding: a connection, as `Response.by` names it, by which this is not to travel if there can be another.
        HTTP/1.1 has no say in it.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    body: bytes = field(default=b"", repr=False)
    deadline: float = 15.0
    route: Route = Route()
    avoiding: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Response:
    """
    What came back, whole.

    :ivar headers: name, in lower case, to value; the last when there are several.
    :ivar by: the connection by which it came, good for `Request.avoiding` and nothing else; None: not known.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    body: bytes = field(default=b"", repr=False)
    by: Any = field(default=None, repr=False, compare=False)

    def json(self) -> Mapping[str, Any]:
        """
        The object in the body; empty when the body is anything else.
        """
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def retryAfter(self, now: float) -> float | None:
        """
        Seconds the other side asks us to wait, whether it says seconds or a date; None when it does not say.

        :param now: seconds since 1970.
        """
        said = self.headers.get("retry-after", "").strip()
        try:
            wait = float(said) if said.isascii() and said.isdigit() else _seconds(said) - now
        except (ValueError, TypeError, OverflowError):
            return None
        # More digits than fit are infinitely long.
        return min(max(0.0, wait), LONGEST_WAIT)


def _seconds(date: str) -> float:
    moment = parsedate_to_datetime(date)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()


class ExchangeFailed(Exception):
    """
    There is no answer. Texts hold neither URL nor headers nor body::

        ExchangeFailed
          NotConnected      nobody there: for sure nothing was asked
            NotSpoken       whoever is there does not speak our version of HTTP
          NotPermitted      it is where we do not go: for sure nothing was asked
          NotTaken          whoever is there takes no more now: for sure it was not processed
          NotTrusted        whoever is there cannot prove to be whom we want: for sure nothing was asked
          NotAdmitted       whoever is there does not take the certificate that we show: for sure nothing was asked
          ConnectionBroke   the connection ended before the answer did
          TimedOut          the deadline passed
          AnswerTooLarge    more was answered than we take

    :ivar maybeSent: the other side may have got the request.
    """

    def __init__(self, text: str = "", maybeSent: bool = False) -> None:
        super().__init__(text)
        self.maybeSent = maybeSent


class NotConnected(ExchangeFailed):
    """
    Nobody there.
    """


class NotSpoken(NotConnected):
    """
    Whoever is there does not speak our version of HTTP.
    """


class NotPermitted(ExchangeFailed):
    """
    It is at an address to which what others name may not lead us.
    """


class NotTaken(ExchangeFailed):
    """
    Whoever is there takes no more requests now.
    """


class NotTrusted(ExchangeFailed):
    """
    The certificate is not for this host, or not from anybody we trust.
    """


class NotAdmitted(ExchangeFailed):
    """
    Our certificate is not taken, or we have none to show where one is wanted.
    """


class ConnectionBroke(ExchangeFailed):
    """
    The connection ended before the answer did.
    """


class TimedOut(ExchangeFailed):
    """
    The deadline passed.
    """


class AnswerTooLarge(ExchangeFailed):
    """
    More was answered than we take.

    :ivar response: its status and headers, and no body.
    """

    def __init__(self, text: str, response: Response) -> None:
        super().__init__(text, maybeSent=True)
        self.response = response
