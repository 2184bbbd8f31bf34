"""
What storage knows of notifications: those that wait, and what became of others.
"""

from dataclasses import dataclass

from pushsvc.model.notification import Notification
from pushsvc.model.registration import Target


@dataclass(frozen=True)
class Waiting:
    """
    A notification in the outbox.

    :ivar slot: 0; end-to-end encrypted ones are not interchangeable and stand side by side, in slots 1 to 8.
    :ivar sequence: counts what this place has held; with ``pushId`` it says which content was sent.
    :ivar pushId: a UUID; apns-id, topic and log id, the same in every attempt.
    :ivar lane: what limits and pauses are kept by; the provider names it.
    :ivar expires: seconds since 1970 after which nobody wants it any more.
    :ivar due: seconds since 1970 before which it is not tried.
    :ivar attempts: how often it has been tried in vain.
    :ivar owner: the process that is sending it; None: any may take it.
    """

    target: Target
    notification: Notification
    pushId: str
    lane: str
    expires: float
    due: float
    slot: int = 0
    sequence: int = 1
    attempts: int = 0
    owner: str | None = None


@dataclass(frozen=True)
class Remembered:
    """
    What became of the pushes to one device, as far as it is remembered. `pushsvc.meanings` has words for people.

    :ivar succeeded: seconds since 1970 at which the network took one last, to a quarter of an hour.
    :ivar failed: seconds since 1970 of the last trouble, likewise; None: there was none.
    :ivar word: what the trouble was, as verdicts are called: ``throttled``, ``down``, ``refused``, ...
    """

    succeeded: float | None = None
    failed: float | None = None
    word: str | None = None


@dataclass(frozen=True)
class Standing:
    """
    How much of one app waits in the outbox, or is being sent.

    :ivar oldest: seconds since 1970 at which the oldest of it was accepted.
    """

    count: int
    oldest: float


@dataclass(frozen=True)
class Work:
    """
    What a storage has done for this process since it was opened. All zero where nothing has to be done.

    :ivar batches: how often it was asked; with `requests` it says how many go together.
    :ivar seconds: what these took.
    :ivar waiting: requests that wait for their batch now.
    :ivar trouble: why it could not do what it was asked for last, to read or to write; None: it could.
    """

    batches: int = 0
    requests: int = 0
    seconds: float = 0.0
    waiting: int = 0
    trouble: str | None = None
