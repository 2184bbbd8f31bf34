"""
Webhooks: a push is a POST of JSON to the URL that the client named; for programs, and for ntfy.

The body is what ``payload`` says, under its names and with its numbers as numbers, and

=============  =======================================================================================
``push-id``    the same in every attempt, so that who has seen it may ignore it
``priority``   ``high``, ``normal`` or ``low``
``expires``    seconds since 1970 after which nobody wants it any more
=============  =======================================================================================

``webhooksignature`` says how it is signed.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import SecretStr
from pydantic.dataclasses import dataclass
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer, moduleProvides

from pushsvc.command import CommandField
from pushsvc.config import ConfigurationError, options, secret
from pushsvc.errors import ProviderRefused, Refused
from pushsvc.exchange import Request
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IHTTP, IForms, IPayloads, IProvider, IProviderKind
from pushsvc.model import Notification, Target
from pushsvc.providers.endpoints import EndpointOptions, Endpoints, asked, origin
from pushsvc.providers.failures import deliveryErrorsOnly
from pushsvc.providers.payload import ANY_ID, ENCRYPTED_FEATURES, ENVELOPE, encoded, fieldsOf, fitting
from pushsvc.providers.takers import Takers
from pushsvc.providers.webhooksignature import keyOf, signed
from pushsvc.providers.webhookverdict import isSuccess, verdictOn

moduleProvides(IProviderKind)

# Bytes of a body: what ntfy and UnifiedPush's servers take.
LIMIT = 4096
# Seconds for one answer.
DEADLINE = 10.0
# A moment far away, to measure with.
_EVER = 99_999_999_999


@dataclass(frozen=True, config=options, kw_only=True)
class Options(EndpointOptions):
    """
    ``[apps.NAME]`` with ``provider = "webhook"``.

    :ivar signingSecret: what receivers know us by: any text of 16 characters or more, or ``whsec_`` with base64.
    """

    signingSecret: SecretStr | None = None
    signingSecretFile: Path | None = None


@implementer(IProvider, IPayloads, IForms)
class Webhook:
    """
    One app's devices, wherever they listen.
    """

    features = ENCRYPTED_FEATURES

    def __init__(
        self, name: str, key: bytes, allowed: tuple[str, ...], http: IHTTP, clock: IReactorTime, deadline: float
    ) -> None:
        self._name = name
        self._key = key
        self._http = http
        self._clock = clock
        self._deadline = deadline
        self._endpoints = Endpoints(allowed)
        self._takers = Takers()
        self.payloadSize = LIMIT - len(_bodyOf(ENVELOPE, ANY_ID, _EVER))

    def speaksFor(self, fields: Fields) -> bool:
        return False

    def readTarget(self, fields: Fields) -> tuple[str, Mapping[str, str]]:
        return self._endpoints.read("url", fields.required("url", "endpoint").strip()), {}

    def form(self) -> Sequence[CommandField]:
        return [CommandField("url", "URL to which pushes are posted")]

    def facts(self) -> Mapping[str, str]:
        return {}

    def lane(self, target: Target) -> str:
        return f"{self._name}/{origin(target.token)}"

    async def send(self, target: Target, notification: Notification, pushId: str, expires: float) -> bool:
        with deliveryErrorsOnly(self._name):
            to = origin(target.token)
            body = fitting(notification, lambda smaller: _bodyOf(smaller, pushId, int(expires)), LIMIT)
            headers = {"Content-Type": "application/json", **signed(self._key, pushId, self._clock.seconds(), body)}
            request = Request("POST", target.token, headers, body, self._deadline)
            response = await asked(self._http, request, f"webhook: {to}")
            if isSuccess(response):
                self._takers.took(to)
                return True
            verdict = verdictOn(response, to, self._clock.seconds())
            if isinstance(verdict, ProviderRefused) and self._takers.refused(to, target.token):
                # It takes others of ours, signed with the same secret.
                raise Refused(f"{verdict} (not for this URL)")
            raise verdict

    async def check(self) -> None:
        """
        There is nobody to ask before a device has named one.
        """


def _bodyOf(notification: Notification, pushId: str, expires: int) -> bytes:
    priority = notification.priority.name.lower()
    return encoded({"push-id": pushId, "priority": priority, "expires": expires, **fieldsOf(notification)})


def makeProvider(
    name: str, options: Options, http: IHTTP, clock: IReactorTime, deadline: float = DEADLINE
) -> Webhook:
    if options.endpoint is not None:
        raise ValueError("endpoint: clients have URLs of their own; there is none for all")
    try:
        said = secret("", "signing-secret", options.signingSecret, options.signingSecretFile)
    except ConfigurationError as e:
        raise ValueError(str(e).lstrip(":. ")) from None
    assert said is not None
    return Webhook(name, keyOf(said), options.allowedEndpoints, http, clock, deadline)
