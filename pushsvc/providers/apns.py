"""
Apple Push Notification service: iOS, iPadOS and macOS.

A device is of one of two environments, and its token is worth nothing in the other. Where a device says which (see
``apnsdevice``), its pushes go there; where it does not, they go to the app's own. A token that is not known there is
not tried in the other: that it worked could not be remembered, and a refused push slows down the whole connection.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer, moduleProvides

from pushsvc.errors import BadRequest, DeliveryError, DeviceGone, PayloadTooLarge, ProviderRefused, Refused
from pushsvc.exchange import ExchangeFailed, Request, Response
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IHTTP, IExpiring, IPayloads, IProvider, IProviderKind
from pushsvc.model import Kind, Notification, Priority, Target
from pushsvc.providers.apnsdevice import PRODUCTION, SANDBOX, isHex, readTarget
from pushsvc.providers.apnsdisowned import Disowned
from pushsvc.providers.apnsoptions import Credentials, Options, readCredentials, topicsOf
from pushsvc.providers.apnspayload import ALERT, BACKGROUND, VOIP, Shape
from pushsvc.providers.apnspush import collapseIdOf, headersOf
from pushsvc.providers.apnstoken import sharedToken
from pushsvc.providers.apnsverdict import AT_ONCE, EXPIRED_TOKEN, isSuccess, reasonOf, verdictOn
from pushsvc.providers.failures import asDeliveryError, deliveryErrorsOnly
from pushsvc.providers.payload import ENCRYPTED_FEATURES
from pushsvc.providers.serviceaccount import isHTTPS
from pushsvc.providers.wishes import NONE, Wishes, isUrgent, keptUntil, wishesOf

moduleProvides(IProviderKind)

ENDPOINTS = {PRODUCTION: "https://api.push.apple.com", SANDBOX: "https://api.sandbox.push.apple.com"}
# Seconds for one answer.
DEADLINE = 10.0
# Of what devices wish so much is remembered.
SHAPES = 256
# No device has it.
NOBODY = "00" * 32


@implementer(IProvider, IPayloads, IExpiring)
class APNs:
    """
    One app's devices, and what lets us speak to them.
    """

    log = Logger()
    features = ENCRYPTED_FEATURES

    def __init__(
        self,
        name: str,
        options: Options,
        credentials: Credentials,
        http: IHTTP,
        clock: IReactorTime,
        deadline: float,
        monotonic: Callable[[], float],
    ) -> None:
        self._name = name
        self._options = options
        self.payloadSize = options.payloadSize()
        self._topics = topicsOf(options, credentials)
        self._token = sharedToken(credentials.key, clock, monotonic) if credentials.key is not None else None
        self._certificate = credentials.certificate
        self._route = credentials.route
        self._http = http
        self._clock = clock
        # What comes before the token, by environment.
        self._urls = {
            environment: f"{(options.endpoint or endpoint).rstrip('/')}/3/device/"
            for environment, endpoint in ENDPOINTS.items()
        }
        self._deadline = deadline
        self._disowned = Disowned(clock)
        self._shapes: dict[Wishes, Shape] = {}
        # That calls are refused; the operator hears of it once.
        self._told = False

    def speaksFor(self, fields: Fields) -> bool:
        return fields.one("topic") in self._topics

    def readTarget(self, fields: Fields) -> tuple[str, Mapping[str, str]]:
        return readTarget(fields, self._topics)

    def lane(self, target: Target) -> str:
        environment = self._environment(target)
        # The app's own is the one that its operator has named; devices may name the other one.
        lane = self._name if environment == self._options.environment else f"{self._name}/{environment}"
        # What is left of a topic that was taken out is in the way of nobody else.
        topic = target.details.get("topic")
        return lane if topic is None or topic in self._topics else f"{lane}/{topic}"

    async def send(self, target: Target, notification: Notification, pushId: str, expires: float) -> bool:
        with deliveryErrorsOnly(self._name):
            voip = target.details.get("voip")
            if notification.kind is Kind.CALL and voip is not None and voip not in self._disowned:
                try:
                    return await self._deliver(target, voip, VOIP, notification, pushId, expires)
                except (DeviceGone, Refused) as e:
                    # PushKit's token is one thing and the device another: it learns of the call the other way. So it
                    # does where what we show is not good for calls: who registers with such a token may not know.
                    self._disowned.add(voip)
                    self._tell(e)
            pushType = self._options.pushType(notification)
            if pushType == ALERT and wishesOf(target.details).silent:
                pushType = BACKGROUND
            return await self._deliver(target, target.token, pushType, notification, pushId, expires)

    async def check(self) -> None:
        with deliveryErrorsOnly(self._name):
            nobody = Target("nobody", self._name, NOBODY)
            notification = Notification(priority=Priority.LOW)
            # That nobody is there is said only to whom may send.
            with suppress(DeviceGone, Refused):
                await self._deliver(nobody, NOBODY, BACKGROUND, notification, str(uuid4()), 0.0)

    def expires(self) -> Mapping[str, float]:
        return {} if self._certificate is None else {self._name: self._certificate.ends}

    async def _deliver(
        self, target: Target, token: str, pushType: str, notification: Notification, pushId: str, expires: float
    ) -> bool:
        if not isHex(token):
            raise BadRequest("APNs: a token that is not hexadecimal")
        now, topic = self._clock.seconds(), self._topic(target)
        collapseId = collapseIdOf(target, notification, pushId, self._options.collapse)
        url = self._urls[self._environment(target)] + token
        kept = keptUntil(target.details, expires, now)
        urgent = isUrgent(target.details, notification)
        headers = headersOf(pushType, topic, notification, urgent, pushId, kept, now, collapseId)
        refusal: DeliveryError | None = None
        for payload in self._shape(wishesOf(target.details)).payloads(pushType, notification, pushId):
            response = await self._ask(url, headers, payload)
            if isSuccess(response):
                return True
            topicIsAGuess = len(self._topics) > 1 and "topic" not in target.details
            refusal = verdictOn(response, self._clock.seconds(), topicIsAGuess, isOfCalls=pushType == VOIP)
            if not isinstance(refusal, PayloadTooLarge):
                break
        raise refusal or PayloadTooLarge("APNs: nothing is left to leave out")

    def _tell(self, error: DeviceGone | Refused) -> None:
        if isinstance(error, Refused) and not self._told:
            self._told = True
            self.log.warn("{app}: calls do not ring, but go as alerts: {reason}", app=self._name, reason=str(error))

    def _shape(self, wishes: Wishes) -> Shape:
        if wishes == NONE:
            return self._options
        shape = self._shapes.get(wishes)
        if shape is None:
            if len(self._shapes) >= SHAPES:
                self._shapes.clear()
            shape = self._shapes[wishes] = self._options.wished(
                wishes.sound, wishes.category, wishes.mutableContent
            )
        return shape

    def _topic(self, target: Target) -> str:
        named = target.details.get("topic")
        if named is None:
            return self._topics[0]
        if named not in self._topics:
            # Under another topic APNs would call the device none of ours, and it would be forgotten.
            raise ProviderRefused(f"APNs: devices have registered for {named!r}, which is no topic of the app any more")
        return named

    async def _ask(self, url: str, headers: Mapping[str, str], payload: bytes) -> Response:
        """
        The answer to a push; to the same once more if the first was about our token, or about the connection: then by
        another one.
        """
        token = self._token.get() if self._token is not None else None
        response = await self._post(url, headers, payload, token)
        reason = None if response.status == 200 else reasonOf(response)
        if reason == EXPIRED_TOKEN and self._token is not None and token is not None:
            token = self._token.after(token)
            if token is None:
                raise ProviderRefused(f"APNs: {response.status} {reason}, of a token just made; is the clock right?")
            return await self._post(url, headers, payload, token)
        if reason in AT_ONCE:
            return await self._post(url, headers, payload, token, response.by)
        return response

    async def _post(
        self, url: str, headers: Mapping[str, str], payload: bytes, token: str | None, avoiding: Any = None
    ) -> Response:
        certificate = self._certificate
        if certificate is not None and certificate.ends <= self._clock.seconds():
            # APNs would only end the connection.
            ended = datetime.fromtimestamp(certificate.ends, UTC)
            raise ProviderRefused(f"APNs: our certificate ended on {ended:%Y-%m-%d}")
        if token is not None:
            headers = {**headers, "authorization": f"bearer {token}"}
        try:
            return await self._http.request(
                Request("POST", url, headers, payload, self._deadline, self._route, avoiding)
            )
        except ExchangeFailed as failed:
            raise asDeliveryError(failed, "APNs") from None

    def _environment(self, target: Target) -> str:
        said = target.details.get("environment")
        return said if said in ENDPOINTS else self._options.environment


def makeProvider(
    name: str,
    options: Options,
    http: IHTTP,
    clock: IReactorTime,
    deadline: float = DEADLINE,
    monotonic: Callable[[], float] = time.monotonic,
) -> APNs:
    if options.endpoint is not None and not isHTTPS(options.endpoint):
        raise ValueError("endpoint: not an https URL")
    options.checkShape()
    return APNs(name, options, readCredentials(options), http, clock, deadline, monotonic)
