"""
The publisher: hears what happens to accounts, and has the push services told that they enabled.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence

from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from pushsvc.concealed import concealed
from pushsvc.concurrently import atOnce
from pushsvc.enablement import Account, ContentOptions, Enablement, Pending
from pushsvc.errors import NotAllowed, TryLater
from pushsvc.event import Event, Occasion
from pushsvc.ipushsvc import IEnablements, IPublisher, IPushPolicy
from pushsvc.jids import domainOf
from pushsvc.publisher.batches import Batches
from pushsvc.publisher.enabling import Enabling
from pushsvc.publisher.importance import isUrgent, isWorthless, withoutMissedCalls
from pushsvc.publisher.informing import Dispatch, Informing, withStanzas
from pushsvc.publisher.tally import HandedOn, Tally, chatsRead, isAllThatWaits, toNobody

# Of a session that hibernates each stanza is reported by itself, and so are acknowledgements that are overdue.
_COLLECTED = (Occasion.QUEUED, Occasion.OVERDUE)
# Seconds between attempts to tell a batch while the storage does not answer.
AGAIN = 5.0

Farewell = Callable[[str, Sequence[Enablement]], Awaitable[None]]


@implementer(IPublisher)
class Publisher:
    """
    One for all domains.
    """

    log = Logger()

    def __init__(
        self,
        domains: Collection[str],
        enablements: IEnablements,
        enabling: Enabling,
        policy: IPushPolicy,
        dispatch: Dispatch,
        clock: IReactorTime,
        farewell: Farewell | None = None,
        handedOn: HandedOn = toNobody,
    ) -> None:
        """
        :param dispatch: sees to it that a service is told; returns when that is promised.
        :param farewell: told of accounts that are gone, and what they had enabled, before that is forgotten.
        :param handedOn: under which other keys pushes for enablements wait in the outbox.
        """
        self._domains = frozenset(domains)
        self._enablements = enablements
        self._enabling = enabling
        self._clock = clock
        self._farewell = farewell
        self._informing = Informing(policy, dispatch, clock)
        self._handedOn = handedOn
        self._tally = Tally(enablements, self._informing.told, handedOn)
        self._batches = Batches(self._batchEnds, clock)
        self._ending: set[Deferred[None]] = set()
        # How many events are being heard, by account.
        self._under: Counter[str] = Counter()
        self._idle: Deferred[None] | None = None
        self._isStopping = False
        self._lost = 0

    def serves(self, account: str) -> bool:
        return domainOf(account) in self._domains

    async def enable(self, enablement: Enablement, options: ContentOptions | None = None) -> ContentOptions:
        if not self.serves(enablement.account):
            raise NotAllowed("this is no account of ours")
        return await self._enabling.enable(enablement, options, await self._handedOn([enablement]))

    async def disable(self, account: str, service: str, node: str | None = None) -> bool:
        return bool(await self._enabling.disable(account, service, node))

    async def options(self, account: str) -> ContentOptions:
        return await self._enabling.holding(account)

    async def withdrawn(self, service: str, account: str, node: str | None) -> bool:
        return await self.disable(account, service, node or "")

    async def happened(self, event: Event) -> None:
        account = event.account
        if not self.serves(account):
            return
        self._under[account] += 1
        try:
            await self._heard(event)
        finally:
            self._under[account] -= 1
            if not self._under[account]:
                del self._under[account]
            if self._idle is not None and not self._under:
                self._idle.callback(None)
                self._idle = None

    def finish(self) -> Sequence[Deferred[None]]:
        """
        We stop: what was being collected is told now.

        :returns: what to wait for.
        """
        self._isStopping = True
        self._batches.flush()
        last = list(self._ending)
        if self._under and self._idle is None:
            self._idle = Deferred()
            last.append(self._idle)
        return last

    async def _heard(self, event: Event) -> None:
        now = self._clock.seconds()
        # Batches at once, before anything is waited for: what happens later may be known sooner.
        if event.occasion is Occasion.REMOVED:
            self._batches.dropAll(event.account)
            await self._removed(event.account)
        elif event.occasion is Occasion.RESUMED:
            self._batches.drop(event.account, event.session)
            account = await self._enablements.account(event.account)
            if self._isWorthSettling(event.account, account):
                # Whoever is back need not be woken; where nobody says who that is, it may be another.
                known = None if event.session is None else now
                await self._tally.settle(event.account, account, event.session, known)
        elif event.occasion is Occasion.ENDED:
            # Nobody will come for it any more: its device had better know.
            self._batches.end(event.account, event.session)
            account = await self._enablements.account(event.account)
            if event.session in account.pending.sessions:
                await self._enablements.settle(event.account, event.session, counts=False)
        elif event.occasion is Occasion.READ:
            # One who marks a message as read has not read what others wrote: the phone is woken for that.
            chats = chatsRead(event)
            isEverything = not event.stanzas
            event = withStanzas(event, ())
            if chats:
                await self._readSome(event, chats)
            else:
                if isEverything:
                    self._batches.dropAll(event.account)
                await self._read(event, now if isEverything else None)
        else:
            await self._more(event)

    async def _removed(self, name: str) -> None:
        account = await self._enablements.account(name)
        if self._farewell is not None:
            await self._farewell(name, account.enablements)
        # And nothing else: somebody may have been given the name meanwhile.
        await atOnce(self._enablements.revise(each, _forgotten) for each in account.enablements)

    async def _read(self, event: Event, until: float | None) -> None:
        account = await self._enabling.valid(event.account)
        if account.pending.isSomething:
            # In this order: whoever reports it again because of trouble in between does so for something.
            await self._informing.tell(account, event)
        if self._isWorthSettling(event.account, account):
            # Nor is anybody woken for what was read since.
            await self._tally.settle(event.account, account, None, until)

    async def _readSome(self, event: Event, chats: Collection[str]) -> None:
        account = await self._enabling.valid(event.account)
        isKnown = any(chat in account.pending.chats for chat in chats)
        if isKnown and isAllThatWaits(account, chats):
            await self._informing.tell(account, event)
        # What is being heard of at this moment may be counted yet.
        if isKnown or (account.enablements and self._under[event.account] > 1):
            await self._tally.read(event.account, chats)

    def _isWorthSettling(self, name: str, account: Account) -> bool:
        # What is being heard of at this moment may be counted yet.
        return account.pending != Pending() or (bool(account.enablements) and self._under[name] > 1)

    async def _more(self, event: Event) -> None:
        stanzas = [stanza for stanza in event.stanzas if not isWorthless(stanza, event.account)]
        if event.stanzas and not stanzas:
            return
        event = withStanzas(event, withoutMissedCalls(stanzas, self._clock.seconds()))
        urgent = [stanza for stanza in event.stanzas if isUrgent(stanza)]
        rest = [stanza for stanza in event.stanzas if not isUrgent(stanza)]
        isCollected = bool(rest) and event.occasion in _COLLECTED
        if isCollected:
            self._batches.collect(withStanzas(event, rest))
        account = await self._enabling.valid(event.account)
        if not account.enablements:
            return
        account = self._enabling.withoutEnded(await self._tally.count(event, account))
        if urgent:
            # Nobody waits a second for a phone to ring.
            await self._informing.tell(account, withStanzas(event, urgent))
        if not isCollected and (rest or event.occasion is Occasion.PING):
            await self._informing.tell(account, withStanzas(event, rest))

    def _batchEnds(self, event: Event) -> None:
        ending = ensureDeferred(self._tellBatch(event))
        self._ending.add(ending)
        ending.addBoth(lambda _: self._ending.discard(ending))

    async def _tellBatch(self, event: Event) -> None:
        try:
            await self._informing.tell(await self._enabling.valid(event.account), event)
        except (TryLater, CancelledError):
            if self._isStopping or not self._batches.postpone(event, AGAIN):
                self._lose()
        except Exception:
            self.log.failure("a batch could not be told: this is a bug", concealed())

    def _lose(self) -> None:
        # Once in a while: whoever reads the log needs to know, not to count lines.
        self._lost += 1
        if self._lost & (self._lost - 1) == 0:
            self.log.error("pushes are lost ({lost} by now): the storage does not answer", lost=self._lost)


def _forgotten(known: Enablement) -> None:
    return None
