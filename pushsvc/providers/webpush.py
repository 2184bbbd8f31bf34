"""
Web Push: browsers, whoever made them, and UnifiedPush.

A push is JSON that only the device can read: what ``payload`` says, under its names and with its numbers as numbers,
and ``push-id``: the same in every attempt, so that an app that has seen it may ignore it.
"""

import hashlib
from collections.abc import Mapping, Sequence

from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer, moduleProvides

from pushsvc.command import CommandField
from pushsvc.errors import BadForm, PayloadTooLarge, ProviderRefused, Refused
from pushsvc.exchange import Request, Response
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IHTTP, IForms, IPayloads, IProvider, IProviderKind
from pushsvc.model import Kind, Notification, Priority, Target
from pushsvc.providers import base64url
from pushsvc.providers.endpoints import Endpoints, asked, origin
from pushsvc.providers.failures import deliveryErrorsOnly
from pushsvc.providers.payload import ANY_ID, ENCRYPTED_FEATURES, ENVELOPE, encoded, fitting, pushed
from pushsvc.providers.takers import Takers
from pushsvc.providers.webpushencryption import OVERHEAD, encrypted, peerOf
from pushsvc.providers.webpushoptions import Options, readSigner
from pushsvc.providers.webpushsubscription import readSubscription
from pushsvc.providers.webpushvapid import Authorizations, Signer
from pushsvc.providers.webpushverdict import isSuccess, verdictOn

moduleProvides(IProviderKind)

# Seconds for one answer.
DEADLINE = 10.0
# Seconds, the most that push services keep a push.
LONGEST_TTL = 2_419_200
# Bytes of a push for those who do not take the usual size: gateways between UnifiedPush and other networks.
SMALL = 1024

KEY_FIELD = "vapid-public-key"


@implementer(IProvider, IPayloads, IForms)
class WebPush:
    """
    One app's devices, wherever their push services are.
    """

    features = ENCRYPTED_FEATURES

    def __init__(
        self, name: str, options: Options, signer: Signer | None, http: IHTTP, clock: IReactorTime, deadline: float
    ) -> None:
        self._name = name
        self._http = http
        self._clock = clock
        self._deadline = deadline
        self._endpoints = Endpoints(options.allowedEndpoints)
        self._sizes = (options.paddedSize, SMALL) if options.paddedSize > SMALL else (options.paddedSize,)
        self._publicKey = signer.publicKey if signer is not None else None
        self._authorizations = Authorizations(signer, clock) if signer is not None else None
        self._takers = Takers()
        self.payloadSize = max(0, options.paddedSize - OVERHEAD - len(encoded(pushed(ENVELOPE, ANY_ID))))

    def speaksFor(self, fields: Fields) -> bool:
        return self._publicKey is not None and fields.one(KEY_FIELD) == self._publicKey

    def readTarget(self, fields: Fields) -> tuple[str, Mapping[str, str]]:
        if fields.one(KEY_FIELD) not in (None, self._publicKey):
            raise BadForm(f"{KEY_FIELD}: a subscription for another key than ours")
        return readSubscription(fields, self._endpoints)

    def form(self) -> Sequence[CommandField]:
        return [
            *(CommandField(name, name, "fixed", values=(value,)) for name, value in self.facts().items()),
            CommandField("endpoint", "Endpoint"),
            CommandField("p256dh", "Public key of the device (p256dh)"),
            CommandField("auth", "Secret of the device (auth)"),
            CommandField("subscription", "Instead of these three: the whole subscription, as JSON"),
        ]

    def facts(self) -> Mapping[str, str]:
        return {} if self._publicKey is None else {KEY_FIELD: self._publicKey}

    def lane(self, target: Target) -> str:
        return f"{self._name}/{origin(target.token)}"

    async def send(self, target: Target, notification: Notification, pushId: str, expires: float) -> bool:
        with deliveryErrorsOnly(self._name):
            to = origin(target.token)
            headers = self._headers(to, target, notification, expires)
            response = await self._push(to, target, notification, pushId, headers)
            if isSuccess(response):
                self._takers.took(to)
                return True
            verdict = verdictOn(response, to, self._clock.seconds())
            if isinstance(verdict, PayloadTooLarge):
                # With less in it, it would be as long: it is padded.
                raise Refused(f"{verdict} (too large, however little there is in it)")
            isOfOurKey = isinstance(verdict, ProviderRefused) and self._publicKey is not None
            if isOfOurKey and self._takers.refused(to, target.token):
                # It was made for another key. Not gone: it may be ours that was changed.
                raise Refused(f"{verdict} (the subscription is not for our key)")
            raise verdict

    async def check(self) -> None:
        """
        There is nobody to ask before a device has named one.
        """

    async def _push(
        self, to: str, target: Target, notification: Notification, pushId: str, headers: Mapping[str, str]
    ) -> Response:
        peer = peerOf(target.details["p256dh"], target.details["auth"])
        for size in self._sizes:
            text = fitting(notification, lambda smaller: encoded(pushed(smaller, pushId)), size - OVERHEAD)
            body = encrypted(text, peer, size)
            request = Request("POST", target.token, headers, body, self._deadline)
            response = await asked(self._http, request, f"Web Push: {to}")
            if response.status != 413:
                break
        return response

    def _headers(self, to: str, target: Target, notification: Notification, expires: float) -> dict[str, str]:
        ttl = min(max(0, int(expires - self._clock.seconds())), LONGEST_TTL)
        headers = {
            "TTL": str(ttl),
            "Urgency": _urgency(notification),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
        }
        if notification.encrypted is None:
            # What replaces it in our outbox replaces it there. Nobody learns which account this is, and 32 characters
            # is what there is room for.
            topic = f"{notification.kind.value} {target.key}".encode("utf-8", "surrogatepass")
            headers["Topic"] = base64url.encoded(hashlib.sha256(topic).digest())[:32]
        if self._authorizations is not None:
            headers["Authorization"] = self._authorizations.get(to)
        return headers


def _urgency(notification: Notification) -> str:
    if notification.kind is Kind.CLEAR or notification.priority is Priority.LOW:
        return "low"
    urgent = notification.priority is Priority.HIGH or notification.kind is Kind.CALL
    return "high" if urgent else "normal"


def makeProvider(
    name: str, options: Options, http: IHTTP, clock: IReactorTime, deadline: float = DEADLINE
) -> WebPush:
    return WebPush(name, options, readSigner(options), http, clock, deadline)
