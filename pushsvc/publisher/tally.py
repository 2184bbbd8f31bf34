"""
How much waits for accounts: what is reported counts, until it was fetched or read.

Of messages it is kept how many came from each chat, so that whoever reads one chat has not read the others. Whose chats
they are is not kept: only digests are.
"""

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Sequence

from pushsvc.enablement import Account, Enablement
from pushsvc.event import Event, Occasion
from pushsvc.ipushsvc import IEnablements
from pushsvc.jids import bareOf
from pushsvc.publisher.default import isMissing
from pushsvc.publisher.importance import isImportant, isSubscription
from pushsvc.publisher.told import Told

# Of these it matters how much there is. What is overdue may be acknowledged yet.
_COUNTED = (Occasion.OFFLINE, Occasion.HIBERNATED, Occasion.QUEUED, Occasion.ARCHIVED, Occasion.GROUPCHAT)

HandedOn = Callable[[Sequence[Enablement]], Awaitable[Collection[str]]]


async def toNobody(enablements: Sequence[Enablement]) -> Collection[str]:
    """
    Nothing is handed on to devices that are registered here.
    """
    return ()


class Tally:
    """
    Counts.
    """

    def __init__(self, enablements: IEnablements, told: Told, handedOn: HandedOn = toNobody) -> None:
        """
        :param told: knows what was counted before.
        :param handedOn: under which other keys pushes for enablements wait in the outbox.
        """
        self._enablements = enablements
        self._told = told
        self._handedOn = handedOn

    async def count(self, event: Event, account: Account) -> Account:
        """
        Add what was not counted before.

        :returns: everything of the account from now on.
        :raises TryLater: storage trouble: it is not counted.
        """
        if event.occasion not in _COUNTED:
            return account
        if event.occasion is Occasion.ARCHIVED and not any(isMissing(each, event) for each in account.enablements):
            # It waits for nobody.
            return account
        new = self._told.count(event.account, event.stanzas)
        messages = [stanza for stanza in new if isImportant(stanza)]
        subscriptions = sum(map(isSubscription, new))
        known = account.pending.sessions
        sessions = [event.session] if event.session is not None and event.session not in known else []
        if not (messages or subscriptions or sessions):
            return account
        senders = [stanza.sender for stanza in messages if stanza.sender is not None]
        chats = Counter(_chatOf(event.account, sender) for sender in senders)
        try:
            return await self._enablements.pend(event.account, len(messages), subscriptions, sessions, chats)
        except BaseException:
            self._told.uncount(event.account, new)
            raise

    async def settle(self, name: str, account: Account, session: str | None, before: float | None) -> None:
        """
        Nothing waits any more for a session, or for all of the account.

        :param before: as `pushsvc.ipushsvc.IEnablements.settle`.
        :raises TryLater: storage trouble.
        """
        theirs = [each for each in account.enablements if session in (None, each.session)]
        others = await self._handedOn(theirs) if before is not None else ()
        await self._enablements.settle(name, session, before=before, others=others)

    async def read(self, name: str, chats: Collection[str]) -> None:
        """
        Nothing waits any more of some chats.

        :raises TryLater: storage trouble.
        """
        await self._enablements.read(name, chats)


def chatsRead(event: Event) -> Collection[str]:
    """
    Of which chats an event says that they were read; none: it does not say.
    """
    recipients = [stanza.recipient for stanza in event.stanzas if stanza.recipient is not None]
    return {_chatOf(event.account, recipient) for recipient in recipients}


def isAllThatWaits(account: Account, chats: Collection[str]) -> bool:
    """
    Whether no message waits that is of another chat.
    """
    pending = account.pending
    return pending.messages <= sum(count for chat, count in pending.chats.items() if chat in chats)


def _chatOf(account: str, other: str) -> str:
    names = f"{account}\0{bareOf(other)}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(names).hexdigest()[:16]
