"""
Ubuntu Touch: the push server of UBports, or one like it.

A device registers with its ``token`` and its ``application-id``. Nobody needs credentials, so that one app serves every
application, and is called ``any`` in service discovery.
"""

from collections.abc import Mapping
from contextlib import suppress
from uuid import uuid4

from pydantic.dataclasses import dataclass
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer, moduleProvides

from pushsvc.config import AppOptions, options
from pushsvc.errors import BadForm, DeviceGone
from pushsvc.exchange import ExchangeFailed, Request, Response
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IHTTP, IPayloads, IProvider, IProviderKind
from pushsvc.model import Notification, Target
from pushsvc.providers.failures import asDeliveryError, deliveryErrorsOnly
from pushsvc.providers.payload import ENCRYPTED_FEATURES, encoded
from pushsvc.providers.serviceaccount import isHTTPS
from pushsvc.providers.tokens import readToken
from pushsvc.providers.ubuntumessage import ADDRESS_LIMIT, PAYLOAD_SIZE, messageOf
from pushsvc.providers.ubuntuverdict import TOO_MANY_PENDING, isSuccess, labelOf, verdictOn

moduleProvides(IProviderKind)

ENDPOINT = "https://push.ubports.com"
# Seconds for one answer.
DEADLINE = 15.0


@dataclass(frozen=True, config=options, kw_only=True)
class Options(AppOptions):
    """
    ``[apps.NAME]`` with ``provider = "ubuntu"``. Unless ``app-name`` is given, service discovery shows it as ``any``.

    :ivar applicationIds: those whose devices register with this app; empty: every application's.
    """

    appName: str | None = "any"
    applicationIds: tuple[str, ...] = ()


@implementer(IProvider, IPayloads)
class Ubuntu:
    """
    The devices of whatever applications register.
    """

    features = ENCRYPTED_FEATURES
    payloadSize = PAYLOAD_SIZE

    def __init__(
        self,
        name: str,
        applicationIds: tuple[str, ...],
        endpoint: str,
        http: IHTTP,
        clock: IReactorTime,
        deadline: float,
    ) -> None:
        self._name = name
        self._applicationIds = applicationIds
        self._url = f"{endpoint.rstrip('/')}/notify"
        self._http = http
        self._clock = clock
        self._deadline = deadline

    def speaksFor(self, fields: Fields) -> bool:
        return fields.one("application-id") in self._applicationIds

    def readTarget(self, fields: Fields) -> tuple[str, Mapping[str, str]]:
        token, applicationId = readToken(fields, "token"), readToken(fields, "application-id")
        if token is None:
            raise BadForm("token is missing")
        if applicationId is None:
            raise BadForm("application-id is missing")
        if self._applicationIds and applicationId not in self._applicationIds:
            raise BadForm("application-id: not one that registers here")
        if len(encoded([token, applicationId])) > ADDRESS_LIMIT:
            raise BadForm("token and application-id are too long")
        return token, {"application-id": applicationId}

    def lane(self, target: Target) -> str:
        return self._name

    async def send(self, target: Target, notification: Notification, pushId: str, expires: float) -> bool:
        with deliveryErrorsOnly(self._name):
            now = self._clock.seconds()
            response = await self._post(messageOf(target, notification, pushId, expires, now))
            if labelOf(response) == TOO_MANY_PENDING:
                # A hundred that the phone has not fetched: what we have to say makes up for them.
                response = await self._post(messageOf(target, notification, pushId, expires, now, clear=True))
            if not isSuccess(response):
                raise verdictOn(response, self._clock.seconds())
            return True

    async def check(self) -> None:
        # That nobody is there is said by a push server only.
        with suppress(DeviceGone):
            await self.send(_NOBODY, Notification(), str(uuid4()), 0.0)

    async def _post(self, body: bytes) -> Response:
        # To the letter: with a charset it is another type to the server.
        headers = {"Content-Type": "application/json"}
        try:
            return await self._http.request(Request("POST", self._url, headers, body, self._deadline))
        except ExchangeFailed as failed:
            raise asDeliveryError(failed, "push server") from None


# Tokens are base64, and this is none.
_NOBODY = Target("nobody", "nobody", "nobody!", {"application-id": "nobody"})


def makeProvider(name: str, options: Options, http: IHTTP, clock: IReactorTime, deadline: float = DEADLINE) -> Ubuntu:
    endpoint = options.endpoint or ENDPOINT
    if not isHTTPS(endpoint):
        raise ValueError("endpoint: not an https URL")
    return Ubuntu(name, options.applicationIds, endpoint, http, clock, deadline)
