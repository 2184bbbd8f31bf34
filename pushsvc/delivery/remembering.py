"""
What became of pushes is remembered for each device: gathered, and written once in a while, what is no news not at all.
"""

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from pushsvc.concealed import concealed
from pushsvc.errors import TryLater
from pushsvc.ipushsvc import IVerdictBook
from pushsvc.model import Remembered

# Seconds in which what is new is gathered.
GATHERED = 1.0
# Seconds for which the same word of the same device is no news.
PRECISION = 900.0
# Devices whose last word is known, at most twice as many; and of which something is gathered.
MOST = 20_000

# What is well, and what says nothing.
_WELL = "delivered"
_NOTHING = frozenset({"gone", "moved"})


class Remembering:
    """
    Hears of each attempt; a word that was written down a moment ago costs a look into a table.
    """

    log = Logger()

    def __init__(self, book: IVerdictBook, clock: IReactorTime) -> None:
        self._book = book
        self._clock = clock
        self._young: dict[str, tuple[str, float]] = {}
        self._old: dict[str, tuple[str, float]] = {}
        self._news: dict[str, Remembered] = {}
        self._writing: IDelayedCall | None = None
        self._written: Deferred[None] | None = None

    def hear(self, node: str, word: str) -> None:
        """
        This became of a push to a device.
        """
        now = self._clock.seconds()
        known = self._young.get(node) or self._old.get(node)
        if known is not None and known[0] == word and 0 <= now - known[1] < PRECISION:
            return
        if word in _NOTHING or len(self._news) >= MOST:
            return
        if len(self._young) >= MOST:
            self._old, self._young = self._young, {}
        self._young[node] = (word, now)
        before = self._news.get(node) or Remembered()
        if word == _WELL:
            self._news[node] = Remembered(now, before.failed, before.word)
        else:
            self._news[node] = Remembered(before.succeeded, now, word)
        if self._writing is None:
            self._writing = self._clock.callLater(GATHERED, self._write)

    async def finish(self) -> None:
        """
        Write down what was gathered.
        """
        if self._writing is not None:
            self._writing.cancel()
            self._write()
        if self._written is not None:
            await self._written

    def _write(self) -> None:
        self._writing = None
        self._written = ensureDeferred(self._note())
        self._written.addErrback(lambda failure: self.log.failure("remembering failed", concealed(failure)))

    async def _note(self) -> None:
        news, self._news = self._news, {}
        try:
            await self._book.note(news)
        except TryLater:
            # It is told again when it happens again.
            for node in news:
                self._young.pop(node, None)
                self._old.pop(node, None)
