"""
Firebase Cloud Messaging, HTTP v1: Android, and whatever else Firebase reaches.

A device registers with its ``token``, or with its ``fid`` (the Firebase installation ID, which takes the token's place
since 2026). Who names it in MongooseIM's words (``service`` and ``device_id``) wishes alerts, unless he says
``silent``.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from urllib.parse import quote

from pydantic.dataclasses import dataclass
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer, moduleProvides

from pushsvc.config import AppOptions, options
from pushsvc.errors import BadForm, DeviceGone
from pushsvc.exchange import ExchangeFailed, Request, Response
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IHTTP, IPayloads, IProvider, IProviderKind
from pushsvc.model import Notification, Target
from pushsvc.providers.bearertoken import renewing
from pushsvc.providers.failures import asDeliveryError, deliveryErrorsOnly
from pushsvc.providers.fcmmessage import PAYLOAD_SIZE, Shape
from pushsvc.providers.fcmverdict import complaintOf, isSuccess, verdictOn
from pushsvc.providers.googlegrant import AccessToken
from pushsvc.providers.payload import ENCRYPTED_FEATURES
from pushsvc.providers.serviceaccount import ServiceAccount, isHTTPS, readServiceAccount
from pushsvc.providers.tokens import readToken
from pushsvc.providers.wishes import keptUntil, readWishes

moduleProvides(IProviderKind)

ENDPOINT = "https://fcm.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
# Seconds for one answer. Google wants ten at least; four of these are what a push may take at most.
DEADLINE = 12.0


@dataclass(frozen=True, config=options, kw_only=True)
class Options(Shape, AppOptions):
    """
    ``[apps.NAME]`` with ``provider = "fcm"``: with the keys of `Shape`.

    :ivar serviceAccount: the file that Google's console makes for a service account with the right to send messages.
    """

    serviceAccount: Path


@implementer(IProvider, IPayloads)
class FCM:
    """
    One app's devices, and one project's service account.
    """

    features = ENCRYPTED_FEATURES
    payloadSize = PAYLOAD_SIZE

    def __init__(
        self,
        name: str,
        shape: Shape,
        account: ServiceAccount,
        endpoint: str,
        http: IHTTP,
        clock: IReactorTime,
        deadline: float,
    ) -> None:
        self._name = name
        self._shape = shape
        self._http = http
        self._clock = clock
        self._deadline = deadline
        self._url = f"{endpoint.rstrip('/')}/v1/projects/{quote(account.project, safe='')}/messages:send"
        self._accessToken = AccessToken(account, SCOPE, http, clock, deadline)

    def speaksFor(self, fields: Fields) -> bool:
        return False

    def readTarget(self, fields: Fields) -> tuple[str, Mapping[str, str]]:
        token, fid = readToken(fields, "token"), readToken(fields, "fid")
        wishes = readWishes(fields)
        if "service" in fields and "device_id" in fields:
            # MongooseIM's words: its clients expect to be shown something.
            wishes.setdefault("silent", "false")
        if token is not None and fid is not None:
            raise BadForm("token and fid: one of them")
        if fid is not None:
            return fid, {"kind": "fid", **wishes}
        if token is None:
            raise BadForm("token (or fid) is missing")
        return token, {"kind": "token", **wishes}

    def lane(self, target: Target) -> str:
        return self._name

    async def send(self, target: Target, notification: Notification, pushId: str, expires: float) -> bool:
        with deliveryErrorsOnly(self._name):
            now = self._clock.seconds()
            body = self._shape.message(target, notification, pushId, keptUntil(target.details, expires, now) - now)
            response = await self._ask(body)
            if not isSuccess(response):
                raise verdictOn(complaintOf(response), response, self._clock.seconds())
            return True

    async def check(self) -> None:
        with deliveryErrorsOnly(self._name):
            response = await self._ask(_NOBODY)
            if isSuccess(response):
                return
            complaint = complaintOf(response)
            verdict = verdictOn(complaint, response, self._clock.seconds())
            # That nobody is there is said only to whom may send: the project and the account are right.
            if not isinstance(verdict, DeviceGone) and complaint.word != "INVALID_ARGUMENT":
                raise verdict

    async def _ask(self, body: bytes) -> Response:
        return await renewing(self._accessToken, partial(self._post, body), _wantsNewToken)

    async def _post(self, body: bytes, accessToken: str) -> Response:
        headers = {"Authorization": f"Bearer {accessToken}", "Content-Type": "application/json"}
        try:
            return await self._http.request(Request("POST", self._url, headers, body, self._deadline))
        except ExchangeFailed as failed:
            raise asDeliveryError(failed, "FCM") from None


def _wantsNewToken(response: Response) -> bool:
    return response.status == 401 and complaintOf(response).wantsNewToken


# Only looked at, not sent, and to a token that cannot be one.
_NOBODY = b'{"validate_only":true,"message":{"token":"nobody","data":{"push-id":"check"}}}'


def makeProvider(name: str, options: Options, http: IHTTP, clock: IReactorTime, deadline: float = DEADLINE) -> FCM:
    endpoint = options.endpoint or ENDPOINT
    if not isHTTPS(endpoint):
        raise ValueError("endpoint: not an https URL")
    try:
        account = readServiceAccount(options.serviceAccount)
    except ValueError as e:
        raise ValueError(f"service-account: {e}") from None
    return FCM(name, options, account, endpoint, http, clock, deadline)
