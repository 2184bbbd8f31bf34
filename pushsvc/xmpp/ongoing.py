"""
Requests that are being answered: a clean stop lets them get their answers.
"""

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from pushsvc.concealed import concealed


class Ongoing:
    """
    The requests of all links.

    Nobody waits for what comes of each, and there are many. So they are not Deferreds of their own, but go on whenever
    what they wait for has come.

    :ivar closing: from now on, who asks is told to try later.
    """

    log = Logger()

    def __init__(self, clock: IReactorTime) -> None:
        self.closing = False
        self._clock = clock
        self._answers: set[Coroutine[Any, Any, None]] = set()
        self._finished: Deferred[None] | None = None

    def __len__(self) -> int:
        return len(self._answers)

    def run(self, answering: Coroutine[Any, Any, None]) -> None:
        """
        Answer a request.

        :param answering: awaits nothing but Deferreds, and ends when the answer has been sent.
        """
        self._goOn(None, answering)

    async def finish(self, seconds: float) -> None:
        """
        Take no more, and wait until those that were taken have their answers, or for so long.
        """
        self.closing = True
        if self._answers:
            self._finished = Deferred()
            await self._finished.addTimeout(seconds, self._clock, onTimeoutCancel=lambda late, _: None)

    def _goOn(self, result: object, answering: Coroutine[Any, Any, None]) -> None:
        try:
            if isinstance(result, Failure):
                awaited = result.throwExceptionIntoGenerator(answering)  # type: ignore[no-untyped-call]
            else:
                # It is in the Deferred, where the coroutine finds it.
                awaited = answering.send(None)
        except StopIteration:
            self._ended(answering)
        except Exception:
            self.log.failure("a request could not be answered: this is a bug", concealed())
            self._ended(answering)
        else:
            self._answers.add(answering)
            awaited.addBoth(self._goOn, answering)

    def _ended(self, answering: Coroutine[Any, Any, None]) -> None:
        self._answers.discard(answering)
        if not self._answers and self._finished is not None:
            finished, self._finished = self._finished, None
            finished.callback(None)
