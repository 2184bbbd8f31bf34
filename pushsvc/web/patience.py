"""
Whoever asks for a page does not wait for ever.
"""

from collections.abc import Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.interfaces import IReactorTime

from pushsvc.errors import TryLater

T = TypeVar("T")

# Seconds.
PATIENCE = 5.0


async def inTime(asked: Coroutine[Any, Any, T], clock: IReactorTime) -> T:
    """
    What a storage answers.

    :raises TryLater: it has trouble, or takes too long.
    """
    try:
        return await Deferred.fromCoroutine(asked).addTimeout(PATIENCE, clock)
    except (DeferredTimeout, CancelledError):
        raise TryLater("no answer in time") from None
