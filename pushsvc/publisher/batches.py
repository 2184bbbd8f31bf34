"""
Bursts: what comes for one session within a second is one reason to wake its phone, not ten.
"""

from collections.abc import Callable
from dataclasses import replace

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from pushsvc.event import Event

# Seconds.
COLLECTED = 1.0
# Stanzas of a batch that are kept: for what is told the first and the last of a kind are enough.
MOST = 256
# The same, where there is no room.
FEW = 8
# Batches: further ones are not collected, but told as they come.
MOST_BATCHES = 10_000
# Stanzas of all batches together: likewise.
MOST_STANZAS = 50_000

_Batch = tuple[Event, IDelayedCall]


class Batches:
    """
    What is being collected, by account and session.

    :param ready: handed a batch when its time has come, as one event.
    """

    def __init__(self, ready: Callable[[Event], object], clock: IReactorTime) -> None:
        self._ready = ready
        self._clock = clock
        self._collected: dict[str, dict[str | None, _Batch]] = {}
        self._count = 0
        self._stanzas = 0
        self._isStopping = False

    def collect(self, event: Event, seconds: float = COLLECTED) -> None:
        """
        Add to the batch of the event's session, or begin one.

        :param seconds: after which one that is begun has to end.
        """
        known = self._at(event)
        if known is not None:
            begun, call = known
            self._put(_joined(begun, event), call)
            if self._stanzas > MOST_STANZAS:
                self.end(event.account, event.session)
        elif self._isStopping or not self._hasRoom(event):
            self._ready(event)
        else:
            self._put(event, self._clock.callLater(seconds, self.end, event.account, event.session))

    def postpone(self, event: Event, seconds: float) -> bool:
        """
        A batch could not be told: keep it for so long, with what was collected meanwhile.

        :returns: whether there was room for it.
        """
        known = self._at(event)
        if known is not None:
            newer, call = known
            isRoom = self._stanzas + len(event.stanzas) <= MOST_STANZAS
            self._put(_joined(event, newer, MOST if isRoom else FEW), call)
        elif self._hasRoom(event):
            self.collect(event, seconds)
        else:
            return False
        return True

    def drop(self, account: str, session: str | None) -> None:
        """
        The session is back: nothing of what was collected for it is of interest any more.
        """
        self._take(account, session)

    def dropAll(self, account: str) -> None:
        """
        The account is gone, or has read everything.
        """
        for session in list(self._collected.get(account, ())):
            self._take(account, session)

    def end(self, account: str, session: str | None) -> None:
        """
        What was collected is told now.
        """
        event = self._take(account, session)
        if event is not None:
            self._ready(event)

    def flush(self) -> None:
        """
        We stop: everything is told now, and so is what comes later.
        """
        self._isStopping = True
        for account, batches in list(self._collected.items()):
            for session in list(batches):
                self.end(account, session)

    def _at(self, event: Event) -> _Batch | None:
        return self._collected.get(event.account, {}).get(event.session)

    def _hasRoom(self, event: Event) -> bool:
        return self._count < MOST_BATCHES and self._stanzas + len(event.stanzas) <= MOST_STANZAS

    def _put(self, event: Event, call: IDelayedCall) -> None:
        batches = self._collected.setdefault(event.account, {})
        before = batches.get(event.session)
        self._count += before is None
        self._stanzas += len(event.stanzas) - (len(before[0].stanzas) if before is not None else 0)
        batches[event.session] = event, call

    def _take(self, account: str, session: str | None) -> Event | None:
        batches = self._collected.get(account, {})
        batch = batches.pop(session, None)
        if batch is None:
            return None
        self._count -= 1
        if not batches:
            del self._collected[account]
        event, call = batch
        self._stanzas -= len(event.stanzas)
        if call.active():
            call.cancel()
        return event


def _joined(begun: Event, more: Event, most: int = MOST) -> Event:
    stanzas = (*begun.stanzas, *more.stanzas)
    if len(stanzas) > most:
        stanzas = (*stanzas[: most // 2], *stanzas[-most // 2 :])
    return replace(more, stanzas=stanzas)
