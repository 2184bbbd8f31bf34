"""
What becomes of what an account has enabled when something new comes: the same in every kind of storage.

Nothing here stores anything: each function takes what there is, and returns what there is from then on.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Generic, TypeVar

from pushsvc.enablement import Account, ContentOptions, Enablement, Pending
from pushsvc.model import Kind

# What a count can be told as; beyond that nobody counts.
COUNT_MAX = 2**31 - 1
# Sessions of an account that may wait to be resumed.
SESSIONS_MAX = 64
# Chats of an account of which it is kept how much of them waits.
CHATS_MAX = 64

# What need not be told any more. Reading answers no call: the phone goes on ringing.
_WHO_IS_BACK, _WHO_HAS_READ = (Kind.MESSAGE, Kind.CALL), (Kind.MESSAGE,)

R = TypeVar("R")

@dataclass(frozen=True)
class Changed(Generic[R]):
    """
    What came of a change.

    :ivar gone: keys of enablements of which nothing is to wait in the outbox any more.
    :ivar known: likewise, of which nothing of a kind is that was put there until a time, in seconds since 1970:
        whoever was to be told knows it.
    """

    account: Account
    answer: R
    gone: tuple[str, ...] = ()
    known: tuple[tuple[str, Kind, float], ...] = ()


Change = Callable[[Account], Changed[R]]
Choose = Callable[[ContentOptions, bool], ContentOptions]


def enabling(
    enablement: Enablement, most: int, choose: Choose | None = None, others: Collection[str] = ()
) -> Change[Sequence[Enablement]]:
    """
    As `pushsvc.ipushsvc.IEnablements.enable`.
    """

    def change(account: Account) -> Changed[Sequence[Enablement]]:
        rest = [each for each in account.enablements if each.key != enablement.key]
        # What the network or the service was last told is of no interest to who begins anew; what is used least goes.
        leaving = sorted(rest, key=attrgetter("used", "enabled"))[: max(0, len(rest) + 1 - most)]
        staying = (*(each for each in rest if each not in leaving), enablement)
        options = account.options if choose is None else choose(account.options, not account.enablements)
        # Whoever can enable something is there, and is given what was waiting.
        pending = Pending(sessions=account.pending.sessions - {enablement.session})
        isAgain = len(rest) < len(account.enablements) and account.pending.isSomething
        known = _known((enablement.key, *others) if isAgain else (), _WHO_IS_BACK, enablement.enabled)
        return Changed(Account(staying, options, pending), leaving, _keys(leaving), known)

    return change


def disabling(service: str, node: str | None) -> Change[Sequence[Enablement]]:
    """
    As `pushsvc.ipushsvc.IEnablements.disable`.
    """

    def change(account: Account) -> Changed[Sequence[Enablement]]:
        gone = [each for each in account.enablements if each.service == service and node in (None, each.node)]
        staying = tuple(each for each in account.enablements if each not in gone)
        return Changed(replace(account, enablements=staying) if staying else Account(), gone, _keys(gone))

    return change


def revising(
    enablement: Enablement, revise: Callable[[Enablement], Enablement | None]
) -> Change[Enablement | None]:
    """
    As `pushsvc.ipushsvc.IEnablements.revise`.
    """

    def change(account: Account) -> Changed[Enablement | None]:
        kept: list[Enablement] = []
        revised, gone = None, []
        for each in account.enablements:
            if (each.key, each.enabled) != (enablement.key, enablement.enabled):
                kept.append(each)
                continue
            revised = revise(each)
            if revised is not None:
                kept.append(revised)
            else:
                gone.append(each)
        left = replace(account, enablements=tuple(kept)) if kept else Account()
        return Changed(left, revised, _keys(gone))

    return change


def adding(
    messages: int, subscriptions: int, sessions: Collection[str], chats: Mapping[str, int]
) -> Change[Account]:
    """
    As `pushsvc.ipushsvc.IEnablements.pend`.
    """

    def change(account: Account) -> Changed[Account]:
        if not account.enablements:
            return Changed(account, account)
        before = account.pending
        waiting = before.sessions | frozenset(sessions)
        now = Pending(
            min(before.messages + messages, COUNT_MAX),
            min(before.subscriptions + subscriptions, COUNT_MAX),
            waiting if len(waiting) <= SESSIONS_MAX else frozenset(sessions),
            _together(before.chats, chats),
        )
        changed = replace(account, pending=now)
        return Changed(changed, changed)

    return change


def settling(
    session: str | None, counts: bool = True, until: float | None = None, others: Collection[str] = ()
) -> Change[Pending]:
    """
    As `pushsvc.ipushsvc.IEnablements.settle`.
    """

    def change(account: Account) -> Changed[Pending]:
        before = account.pending
        left = before.sessions - {session} if session is not None else frozenset()
        now = Pending(sessions=left) if counts else replace(before, sessions=left)
        theirs = [each for each in account.enablements if session is None or each.session == session]
        kinds = _WHO_HAS_READ if session is None else _WHO_IS_BACK
        known = () if until is None else _known((*_keys(theirs), *others), kinds, until)
        return Changed(replace(account, pending=now), before, known=known)

    return change


def reading(chats: Collection[str]) -> Change[Pending]:
    """
    As `pushsvc.ipushsvc.IEnablements.read`.
    """

    def change(account: Account) -> Changed[Pending]:
        before = account.pending
        read = sum(count for chat, count in before.chats.items() if chat in chats)
        left = {chat: count for chat, count in before.chats.items() if chat not in chats}
        now = replace(before, messages=max(0, before.messages - read), chats=left)
        return Changed(replace(account, pending=now), now)

    return change


def expiring(before: float, suspendedBefore: float) -> Change[int]:
    """
    As `pushsvc.ipushsvc.IEnablements.expire`, of one account.
    """

    def change(account: Account) -> Changed[int]:
        gone = [
            each
            for each in account.enablements
            if each.enabled < before or (each.suspended is not None and each.suspended < suspendedBefore)
        ]
        staying = tuple(each for each in account.enablements if each not in gone)
        left = replace(account, enablements=staying) if staying else Account()
        return Changed(left, len(gone), _keys(gone))

    return change


def forgetting(account: Account) -> Changed[None]:
    """
    As `pushsvc.ipushsvc.IEnablements.forget`.
    """
    return Changed(Account(), None, _keys(account.enablements))


def _together(before: Mapping[str, int], more: Mapping[str, int]) -> Mapping[str, int]:
    if not more:
        return before
    # The latest last: of the others it is forgotten how many they are, and not that they wait.
    now = {chat: count for chat, count in before.items() if chat not in more}
    now |= {chat: min(before.get(chat, 0) + count, COUNT_MAX) for chat, count in more.items()}
    return dict(list(now.items())[-CHATS_MAX:])


def _known(keys: Sequence[str], kinds: Sequence[Kind], until: float) -> tuple[tuple[str, Kind, float], ...]:
    return tuple((key, kind, until) for key in keys for kind in kinds)


def _keys(enablements: Sequence[Enablement]) -> tuple[str, ...]:
    return tuple(enablement.key for enablement in enablements)
