"""
A push network without a network: writes to the log that a device was woken, and remembers what with.

The log says how much is waiting, never what. For trying things out, tokens say what is to go wrong:

=========================  ===========================================================================
``fail:gone``              the device is gone
``fail:throttled``         too fast; wait ten seconds
``fail:down``              no answer
``fail:maybe-sent``        no answer, and nobody knows whether the push was taken
``fail:provider-refused``  our credentials are wrong
``fail:refused``           a lasting no that concerns this device
``fail:too-large``         too large as long as anything can be left out
``fail:bad-request``       not understood
``fail:discarded``         taken, and thrown away
``fail:slow``              taken after five seconds
=========================  ===========================================================================

``fail:down:3`` is down three times in a row, and then works. Whatever follows the next colon makes tokens different:
``fail:gone::phone``, ``fail:down:3:tablet``.
"""

import json
from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger
from zope.interface import implementer, moduleProvides

from pushsvc.config import AppOptions
from pushsvc.errors import (
    BadForm,
    BadRequest,
    DeliveryError,
    DeviceGone,
    PayloadTooLarge,
    ProviderDown,
    ProviderRefused,
    Refused,
    Throttled,
)
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IHTTP, IProvider, IProviderKind
from pushsvc.model import Notification, Target
from pushsvc.providers.failures import deliveryErrorsOnly
from pushsvc.providers.payload import fieldsOf
from pushsvc.providers.tokens import readToken

moduleProvides(IProviderKind)

Options = AppOptions

# Deliveries remembered.
REMEMBERED = 1000
# Seconds.
SLOW = 5.0

_ERRORS: Mapping[str, Callable[[], DeliveryError]] = {
    "gone": lambda: DeviceGone("demo: gone"),
    "throttled": lambda: Throttled("demo: throttled", retryAfter=10.0),
    "down": lambda: ProviderDown("demo: down"),
    "maybe-sent": lambda: ProviderDown("demo: maybe sent", maybeSent=True),
    "provider-refused": lambda: ProviderRefused("demo: provider refused"),
    "refused": lambda: Refused("demo: refused"),
    "too-large": lambda: PayloadTooLarge("demo: too large"),
    "bad-request": lambda: BadRequest("demo: bad request"),
}


class Delivered(NamedTuple):
    """
    What a device was woken with.
    """

    target: Target
    notification: Notification
    pushId: str


@implementer(IProvider)
class DemoProvider:
    """
    The network.

    :ivar delivered: the latest deliveries, oldest first.
    :ivar onDelivery: called with each.
    """

    log = Logger()

    def __init__(self, name: str, clock: IReactorTime) -> None:
        self.delivered: deque[Delivered] = deque(maxlen=REMEMBERED)
        self.onDelivery: Callable[[Delivered], None] | None = None
        self._name = name
        self._clock = clock
        self._failed: Counter[str] = Counter()
        self._awaiting: list[Deferred[Delivered]] = []

    def awaitDelivery(self) -> Deferred[Delivered]:
        """
        Fires with the next delivery.
        """
        awaited: Deferred[Delivered] = Deferred()
        self._awaiting.append(awaited)
        return awaited

    def shown(self, target: Target, notification: Notification) -> str:
        """
        What the phone gets, for people.
        """
        return json.dumps(fieldsOf(notification), indent=2, ensure_ascii=False)

    def speaksFor(self, fields: Fields) -> bool:
        return False

    def readTarget(self, fields: Fields) -> tuple[str, Mapping[str, str]]:
        token = readToken(fields, "token")
        if token is None:
            raise BadForm("token is missing")
        return token, {}

    def lane(self, target: Target) -> str:
        return self._name

    async def send(self, target: Target, notification: Notification, pushId: str, expires: float) -> bool:
        with deliveryErrorsOnly(self._name):
            wish = self._wish(target.token)
            if wish == "slow":
                await deferLater(self._clock, SLOW)
            if wish in _ERRORS and (wish != "too-large" or notification.smaller() is not None):
                raise _ERRORS[wish]()
            if wish == "discarded":
                return False
            self._deliver(Delivered(target, notification, pushId))
            return True

    async def check(self) -> None:
        """
        There is nobody to ask.
        """

    def _wish(self, token: str) -> str:
        prefix, _, rest = token.partition(":")
        if prefix != "fail":
            return ""
        wish, _, times = rest.partition(":")
        times = times.partition(":")[0]
        if not times:
            return wish
        if not times.isascii() or not times.isdigit() or self._failed[token] >= int(times):
            self._failed.pop(token, None)
            return ""
        self._failed[token] += 1
        return wish

    def _deliver(self, delivered: Delivered) -> None:
        self.delivered.append(delivered)
        numbers = {name: value for name, value in fieldsOf(delivered.notification).items() if isinstance(value, int)}
        self.log.info(
            "{app}: push {pushId}: {kind}, priority {priority}, {numbers}",
            app=self._name,
            pushId=delivered.pushId,
            kind=delivered.notification.kind.value,
            priority=delivered.notification.priority.name.lower(),
            numbers=", ".join(f"{name} {value}" for name, value in numbers.items()) or "no counts",
        )
        if self.onDelivery is not None:
            self.onDelivery(delivered)
        awaiting, self._awaiting = self._awaiting, []
        for awaited in awaiting:
            awaited.callback(delivered)


def makeProvider(name: str, options: AppOptions, http: IHTTP, clock: IReactorTime) -> DemoProvider:
    return DemoProvider(name, clock)
