"""
MongoosePush: somebody else's gateway to APNs and FCM, which has the credentials for both.

It wants none of ours: whoever reaches it may push. So it is at home in a private network, and may be asked without TLS
there.
"""

from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import quote, urlsplit

from pydantic import Field
from pydantic.dataclasses import dataclass
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer, moduleProvides

from pushsvc.command import CommandField
from pushsvc.config import AppOptions, options
from pushsvc.exchange import ExchangeFailed, Request, Response
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IHTTP, IForms, IPayloads, IProvider, IProviderKind
from pushsvc.model import Notification, Target
from pushsvc.providers.failures import asDeliveryError, deliveryErrorsOnly
from pushsvc.providers.mongoosepushdevice import APNS, FCM, formOf, readTarget
from pushsvc.providers.mongoosepushmessage import Shape
from pushsvc.providers.mongoosepushverdict import isSchemaComplaint, isSuccess, verdictOn
from pushsvc.providers.payload import ENCRYPTED_FEATURES

moduleProvides(IProviderKind)

# Seconds for one answer: it waits for the network behind it.
DEADLINE = 15.0


@dataclass(frozen=True, config=options, kw_only=True)
class Options(Shape, AppOptions):
    """
    ``[apps.NAME]`` with ``provider = "mongoosepush"``, with the keys of `Shape`. Its ``endpoint`` is needed.

    :ivar apiVersion: ``v2`` for a MongoosePush that has no v3 yet.
    :ivar services: the networks it has pools for.
    """

    apiVersion: Literal["v3", "v2"] = "v3"
    services: tuple[Literal["apns", "fcm"], ...] = Field(default=("apns", "fcm"), min_length=1)


@implementer(IProvider, IPayloads, IForms)
class MongoosePush:
    """
    One app's devices behind one MongoosePush.
    """

    features = ENCRYPTED_FEATURES

    def __init__(
        self, name: str, options: Options, base: str, http: IHTTP, clock: IReactorTime, deadline: float
    ) -> None:
        self._name = name
        self._options = options
        self._http = http
        self._clock = clock
        self._deadline = deadline
        self._url = f"{base.rstrip('/')}/{options.apiVersion}/notification/"
        self.payloadSize = options.payloadSize()

    def speaksFor(self, fields: Fields) -> bool:
        return self._options.topic is not None and fields.one("topic") == self._options.topic

    def readTarget(self, fields: Fields) -> tuple[str, Mapping[str, str]]:
        return readTarget(fields, self._options.services)

    def form(self) -> Sequence[CommandField]:
        return formOf(self._options.services)

    def facts(self) -> Mapping[str, str]:
        return {}

    def lane(self, target: Target) -> str:
        # When it does not reach the one network, it reaches the other all the same.
        service = target.details.get("service")
        return f"{self._name}/{service}" if service in (APNS, FCM) else self._name

    async def send(self, target: Target, notification: Notification, pushId: str, expires: float) -> bool:
        with deliveryErrorsOnly(self._name):
            body = self._options.body(target, notification, pushId, expires - self._clock.seconds())
            response = await self._post(target.token, body)
            if not isSuccess(response):
                raise verdictOn(response, self._clock.seconds(), target.details)
            return True

    async def check(self) -> None:
        with deliveryErrorsOnly(self._name):
            # For whom is decided after what: that we say nothing is found first.
            response = await self._post("nobody", b"{}")
            if not isSchemaComplaint(response):
                raise verdictOn(response, self._clock.seconds(), {})

    async def _post(self, token: str, body: bytes) -> Response:
        url = self._url + quote(token, safe="")
        headers = {"Content-Type": "application/json"}
        try:
            return await self._http.request(Request("POST", url, headers, body, self._deadline))
        except ExchangeFailed as failed:
            raise asDeliveryError(failed, "MongoosePush") from None


def makeProvider(
    name: str, options: Options, http: IHTTP, clock: IReactorTime, deadline: float = DEADLINE
) -> MongoosePush:
    if options.endpoint is None:
        raise ValueError("endpoint is missing: where is MongoosePush?")
    if not _isURL(options.endpoint):
        raise ValueError("endpoint: not an https or http URL")
    return MongoosePush(name, options, options.endpoint, http, clock, deadline)


def _isURL(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
