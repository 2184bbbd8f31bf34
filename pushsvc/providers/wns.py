"""
Windows Push Notification Services.

A device registers with its channel, a URL, as ``token``. WNS ends channels after thirty days: clients ask for a new one
whenever they start, and register it.
"""

from collections.abc import Mapping
from functools import partial

from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer, moduleProvides

from pushsvc.errors import BadForm, Refused
from pushsvc.exchange import Request, Response
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IHTTP, IPayloads, IProvider, IProviderKind
from pushsvc.model import Notification, Target
from pushsvc.providers.bearertoken import renewing
from pushsvc.providers.clientgrant import ClientToken
from pushsvc.providers.endpoints import asked
from pushsvc.providers.failures import deliveryErrorsOnly
from pushsvc.providers.payload import ENCRYPTED_FEATURES
from pushsvc.providers.takers import Takers
from pushsvc.providers.tokens import readToken
from pushsvc.providers.wnschannel import Channels
from pushsvc.providers.wnsmessage import PAYLOAD_SIZE, bodyOf, headersOf
from pushsvc.providers.wnsoptions import Credentials, Options, readCredentials
from pushsvc.providers.wnsverdict import DROPPED, THROTTLED, statusOf, verdictOn

moduleProvides(IProviderKind)

# Seconds for one answer; four of these are what a push may take at most.
DEADLINE = 12.0
# Whichever of its servers it is that takes a push.
WHO = "WNS"


@implementer(IProvider, IPayloads)
class WNS:
    """
    One app's devices, and what it is known by to Microsoft.
    """

    features = ENCRYPTED_FEATURES
    payloadSize = PAYLOAD_SIZE

    def __init__(
        self,
        name: str,
        credentials: Credentials,
        channels: Channels,
        http: IHTTP,
        clock: IReactorTime,
        deadline: float,
    ) -> None:
        self._name = name
        self._channels = channels
        self._http = http
        self._clock = clock
        self._deadline = deadline
        self._accessToken = ClientToken(
            credentials.endpoint, credentials.clientId, credentials.secret, credentials.scope, http, clock, deadline
        )
        # WNS itself, once it has taken a push; whatever access token it was under, the credentials were the same.
        self._takers = Takers()

    def speaksFor(self, fields: Fields) -> bool:
        return False

    def readTarget(self, fields: Fields) -> tuple[str, Mapping[str, str]]:
        token = readToken(fields, "token")
        if token is None:
            raise BadForm("token is missing")
        return self._channels.read("token", token), {}

    def lane(self, target: Target) -> str:
        return f"{self._name}/{self._channels.originOf(target.token) or 'nowhere'}"

    async def send(self, target: Target, notification: Notification, pushId: str, expires: float) -> bool:
        with deliveryErrorsOnly(self._name):
            if self._channels.originOf(target.token) is None:
                raise Refused("WNS: the device's channel is not one of WNS")
            body = bodyOf(notification, pushId)
            response = await self._ask(target.token, headersOf(expires - self._clock.seconds()), body)
            word = statusOf(response)
            if response.status == 200 and word not in (None, THROTTLED):
                self._takers.took(WHO)
                return word != DROPPED
            isTaken = response.status == 403 and self._takers.refused(WHO, target.token)
            raise verdictOn(response, self._clock.seconds(), isTaken)

    async def check(self) -> None:
        with deliveryErrorsOnly(self._name):
            await self._accessToken.token()

    async def _ask(self, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        post = partial(self._post, url, headers, body)
        return await renewing(self._accessToken, post, lambda response: response.status == 401)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes, accessToken: str) -> Response:
        headers = {**headers, "Authorization": f"Bearer {accessToken}"}
        return await asked(self._http, Request("POST", url, headers, body, self._deadline), "WNS")


def makeProvider(name: str, options: Options, http: IHTTP, clock: IReactorTime, deadline: float = DEADLINE) -> WNS:
    return WNS(name, readCredentials(options), Channels(options.allowedEndpoints), http, clock, deadline)
