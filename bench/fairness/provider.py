"""
A push network for measuring, as a third party would write it: each push is a POST of its number.
"""

from collections.abc import Mapping

from pydantic.dataclasses import dataclass
from zope.interface import implementer, moduleProvides

from pushsvc.config import AppOptions
from pushsvc.config import options as config
from pushsvc.errors import ProviderDown
from pushsvc.exchange import ExchangeFailed, Request
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IHTTP, IProvider, IProviderKind
from pushsvc.model import Notification, Target
from pushsvc.providers.failures import asDeliveryError, deliveryErrorsOnly

moduleProvides(IProviderKind)


@dataclass(frozen=True, config=config)
class Options(AppOptions):
    """
    Those that every app has.
    """


@implementer(IProvider)
class Numbers:
    """
    Posts the message-count, which says which publish it was.
    """

    def __init__(self, name: str, endpoint: str, http: IHTTP) -> None:
        self._name = name
        self._endpoint = endpoint
        self._http = http

    def speaksFor(self, fields: Fields) -> bool:
        return False

    def readTarget(self, fields: Fields) -> tuple[str, Mapping[str, str]]:
        return fields.required("token"), {}

    def lane(self, target: Target) -> str:
        return self._name

    async def send(self, target: Target, notification: Notification, pushId: str, expires: float) -> bool:
        with deliveryErrorsOnly(self._name):
            number = notification.summary.messageCount if notification.summary is not None else None
            try:
                response = await self._http.request(Request("POST", self._endpoint, {}, b"%d" % (number or 0)))
            except ExchangeFailed as e:
                raise asDeliveryError(e, "the network") from None
            if response.status != 200:
                raise ProviderDown(f"the network: {response.status}")
        return True

    async def check(self) -> None:
        """
        There are no credentials.
        """


def makeProvider(name: str, options: Options, http: IHTTP, clock: object) -> Numbers:
    if options.endpoint is None:
        raise ValueError("endpoint: is missing")
    return Numbers(name, options.endpoint, http)
