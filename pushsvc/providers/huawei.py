"""
Huawei Push Kit: phones with HMS (v1, v2), and HarmonyOS 5 and later (v3).
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from uuid import uuid4

from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer, moduleProvides

from pushsvc.command import CommandField
from pushsvc.errors import BadForm, DeviceGone, Refused
from pushsvc.exchange import ExchangeFailed, Request, Response
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IHTTP, IForms, IPayloads, IProvider, IProviderKind
from pushsvc.model import Notification, Priority, Target
from pushsvc.providers.bearertoken import renewing
from pushsvc.providers.clientgrant import ClientToken
from pushsvc.providers.failures import asDeliveryError, deliveryErrorsOnly
from pushsvc.providers.huaweiaccount import AccountToken
from pushsvc.providers.huaweimessage import BACKGROUND
from pushsvc.providers.huaweioptions import Options, accountOf, tokenOf, urlOf
from pushsvc.providers.huaweiverdict import Answer, answerOf, verdictOn
from pushsvc.providers.payload import ENCRYPTED_FEATURES
from pushsvc.providers.tokens import readToken

moduleProvides(IProviderKind)

# Seconds for one answer.
DEADLINE = 12.0
# No device has it.
NOBODY = "nobody"


@implementer(IProvider, IPayloads, IForms)
class Huawei:
    """
    One app's devices, and who we are to Huawei.
    """

    features = ENCRYPTED_FEATURES

    def __init__(
        self,
        name: str,
        options: Options,
        url: str,
        bearer: AccountToken | ClientToken,
        http: IHTTP,
        clock: IReactorTime,
        deadline: float,
    ) -> None:
        self._name = name
        self._options = options
        self._url = url
        self._bearer = bearer
        self._http = http
        self._clock = clock
        self._deadline = deadline
        self.payloadSize = options.payloadSize()

    def speaksFor(self, fields: Fields) -> bool:
        return False

    def readTarget(self, fields: Fields) -> tuple[str, Mapping[str, str]]:
        token = readToken(fields, "token")
        if token is None:
            raise BadForm("token is missing")
        return token, {}

    def form(self) -> Sequence[CommandField]:
        return [CommandField("token", "Token", required=True)]

    def facts(self) -> Mapping[str, str]:
        return {}

    def lane(self, target: Target) -> str:
        return self._name

    async def send(self, target: Target, notification: Notification, pushId: str, expires: float) -> bool:
        with deliveryErrorsOnly(self._name):
            answer = await self._deliver(target.token, notification, pushId, expires)
            untold = _untold(notification)
            if answer.isWithheld and untold is not None:
                # Huawei did not like what somebody wrote. That something was written it may know.
                answer = await self._deliver(target.token, untold, pushId, expires)
            return not answer.isWithheld

    async def check(self) -> None:
        expires = self._clock.seconds() + 60
        # That nobody is there is said only to whom may send.
        with deliveryErrorsOnly(self._name), suppress(DeviceGone, Refused):
            await self._deliver(NOBODY, Notification(priority=Priority.LOW), str(uuid4()), expires, onlyLook=True)

    async def _deliver(
        self, token: str, notification: Notification, pushId: str, expires: float, onlyLook: bool = False
    ) -> Answer:
        ttl = expires - self._clock.seconds()
        headers = {"Content-Type": "application/json"}
        if self._options.version == "v3":
            pushType = BACKGROUND if onlyLook else self._options.pushType(notification)
            headers["push-type"] = pushType
            body = self._options.scenario(pushType, token, notification, pushId, ttl)
        else:
            body = self._options.dataMessage(token, notification, pushId, ttl, onlyLook)
        response, answer = await self._ask(headers, body, token)
        if answer.isSuccess or answer.isWithheld:
            return answer
        raise verdictOn(answer, response, self._clock.seconds())

    async def _ask(self, headers: Mapping[str, str], body: bytes, token: str) -> tuple[Response, Answer]:
        async def ask(bearer: str) -> tuple[Response, Answer]:
            response = await self._post(headers, body, bearer)
            return response, answerOf(response, token)

        return await renewing(self._bearer, ask, lambda said: said[1].wantsNewToken)

    async def _post(self, headers: Mapping[str, str], body: bytes, bearer: str) -> Response:
        request = Request("POST", self._url, {**headers, "Authorization": f"Bearer {bearer}"}, body, self._deadline)
        try:
            return await self._http.request(request)
        except ExchangeFailed as failed:
            raise asDeliveryError(failed, "Huawei") from None


def _untold(notification: Notification) -> Notification | None:
    """
    The same without what people said; None: they said nothing.
    """
    summary = notification.summary
    if summary is None or summary == summary.counts():
        return None
    return replace(notification, summary=summary.counts())


def makeProvider(
    name: str, options: Options, http: IHTTP, clock: IReactorTime, deadline: float = DEADLINE
) -> Huawei:
    options.checkShape()
    account = accountOf(options)
    bearer = tokenOf(options, account, http, clock, deadline)
    return Huawei(name, options, urlOf(options, account), bearer, http, clock, deadline)
