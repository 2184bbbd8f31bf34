"""
Telling push services of an event: whom, of what, and nobody twice.
"""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from operator import is_
from typing import Any, TypeVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from pushsvc.concealed import concealed
from pushsvc.concurrently import atOnce
from pushsvc.enablement import Account, Enablement
from pushsvc.errors import TryLater
from pushsvc.event import Event, Stanza
from pushsvc.ipushsvc import IPushPolicy
from pushsvc.model import Notification
from pushsvc.publisher.probation import isResting
from pushsvc.publisher.told import Told

# Seconds that policies may think about an event; and for which they may publish: the storage takes its time as well.
THINKS = 10.0
PUBLISHES = 60.0

R = TypeVar("R")

Dispatch = Callable[[Enablement, Notification], Awaitable[None]]
_Group = tuple[Sequence[Stanza], list[Enablement]]


class Informing:
    """
    Asks the policies, and remembers who was told of what.

    :ivar told: what was told, and counted, already.
    """

    log = Logger()

    def __init__(self, policy: IPushPolicy, dispatch: Dispatch, clock: IReactorTime) -> None:
        self.told = Told()
        self._policy = policy
        self._dispatch = dispatch
        self._clock = clock
        self._failed = 0

    async def tell(self, account: Account, event: Event) -> None:
        """
        Tell those services of an account that are to be told.

        :raises TryLater: storage trouble; who was told all the same is not told again.
        """
        event = replace(event, pending=account.pending, options=account.options)
        services = _meant(event, account.enablements, self._clock.seconds())
        groups = await self._grouped(event, services)
        # The trouble of one group is not the others'.
        await atOnce(self._tellGroup(withStanzas(event, stanzas), group) for stanzas, group in groups)

    async def _grouped(self, event: Event, services: Sequence[Enablement]) -> Sequence[_Group]:
        # Services differ in what they want to know, and in what they know already: mostly they do not.
        if not event.stanzas:
            return [((), list(services))] if services else []
        groups: dict[tuple[int, ...], _Group] = {}
        for service in services:
            wanted = await self._unlessItFails(self._policy.concerning(event, service), THINKS) or ()
            news = _distinct([stanza for stanza in wanted if self.told.isNews(service, stanza)])
            if news:
                groups.setdefault(tuple(map(id, news)), (news, []))[1].append(service)
        return list(groups.values())

    async def _tellGroup(self, event: Event, services: Sequence[Enablement]) -> None:
        decided = await self._unlessItFails(self._decide(event, services), THINKS)
        if decided is None:
            return
        services, notification = decided
        # What a policy withholds from a service now may yet be told to it when it is reported another time; and what
        # was told to it while policies thought is not told again.
        marked = {_which(service): (service, self.told.tell(service, event.stanzas)) for service in services}
        services = [service for service, news in marked.values() if news or not event.stanzas]

        isLate = False

        async def publish(notification: Notification, service: Enablement) -> None:
            nonlocal isLate
            try:
                await self._dispatch(service, notification)
            except CancelledError:
                # It is not policies that take so long.
                isLate = True
                raise
            marked.pop(_which(service), None)

        try:
            if services:
                publishing = self._policy.publishNotification(event, notification, services, publish)
                await self._unlessItFails(publishing, PUBLISHES, lambda: isLate)
        finally:
            for service, news in marked.values():
                self.told.untell(service, news)

    async def _decide(
        self, event: Event, services: Sequence[Enablement]
    ) -> tuple[Sequence[Enablement], Notification] | None:
        services = await self._policy.shouldPublish(event, services)
        notification = await self._policy.prepareNotification(event, None) if services else None
        if notification is None:
            return None
        if not isinstance(notification, Notification):
            raise TypeError("what a policy would have told is no Notification")
        return services, notification

    async def _unlessItFails(
        self, asked: Coroutine[Any, Any, R], seconds: float, isTrouble: Callable[[], bool] = lambda: False
    ) -> R | None:
        """
        What policies say; None when they fail, or do not come to an end: it may be that they would have forbidden it,
        and another time they would do no better.

        :param isTrouble: whether it is no failure of theirs.
        """
        asking = Deferred.fromCoroutine(asked)
        waiting = asking if asking.called else _within(asking, seconds, self._clock)
        try:
            return await waiting
        except (TryLater, _GivenUp):
            raise
        except Exception:
            if isTrouble():
                raise TryLater("what was to be told was not taken in time") from None
            # Once in a while: it may be so with every stanza.
            self._failed += 1
            if self._failed & (self._failed - 1) == 0:
                self.log.failure(
                    "nobody is told of something, because a policy fails ({failed} by now)",
                    concealed(),
                    failed=self._failed,
                )
            return None


class _GivenUp(CancelledError):
    """
    Whoever waited for us does not any more. What policies cancel themselves, as HTTP clients do that run out of time,
    they fail at.
    """


def _within(asking: Deferred[R], seconds: float, clock: IReactorTime) -> Deferred[R]:
    isGivenUp = False

    def giveUp(_: object) -> None:
        nonlocal isGivenUp
        isGivenUp = True
        asking.cancel()
        # Whoever does not heed that is left behind.
        waiting.errback(_GivenUp())

    def end(result: Any) -> None:
        if not isGivenUp:
            waiting.callback(result)

    waiting: Deferred[R] = Deferred(giveUp)
    asking.addBoth(end)
    return waiting.addTimeout(seconds, clock)


def withStanzas(event: Event, stanzas: Sequence[Stanza]) -> Event:
    """
    The same event, with some of its stanzas, or with others in their place.
    """
    isSame = len(stanzas) == len(event.stanzas) and all(map(is_, stanzas, event.stanzas))
    return event if isSame else replace(event, stanzas=tuple(stanzas))


def _distinct(stanzas: Sequence[Stanza]) -> Sequence[Stanza]:
    # Within one batch, too, a stanza may be reported by several ways.
    ids = [stanza.id for stanza in stanzas]
    if len(stanzas) < 2 or len({*ids}) == len(ids):
        return stanzas
    first: dict[str | int, Stanza] = {}
    for stanza in stanzas:
        first.setdefault(id(stanza) if stanza.id is None else stanza.id, stanza)
    return list(first.values())


def _which(service: Enablement) -> tuple[str, str]:
    return service.service, service.node


def _meant(event: Event, services: Sequence[Enablement], now: float) -> Sequence[Enablement]:
    return [
        service
        for service in services
        if not isResting(service, now) and (not event.services or _which(service) in event.services)
    ]
