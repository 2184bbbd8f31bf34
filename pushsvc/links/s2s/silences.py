"""
Domains that could not be asked: for a while they are not asked again, whoever says to be them.
"""

from collections import OrderedDict
from typing import Any, NamedTuple

# Anybody can make us ask, about a domain that is not there at this moment: it is not to wait for long when it is back.
FIRST = 1.0
LONGEST = 30.0

DOMAINS_MAX = 1_000


class _Silence(NamedTuple):
    times: int
    until: float
    condition: str


class Silences:
    """
    Remembers them; the most recent, when there are too many.
    """

    def __init__(self, clock: Any, maxDomains: int = DOMAINS_MAX) -> None:
        self._clock = clock
        self._maxDomains = maxDomains
        self._all: OrderedDict[str, _Silence] = OrderedDict()

    def __len__(self) -> int:
        return len(self._all)

    def condition(self, domain: str) -> str | None:
        """
        What came of asking, while it is not worth another try.
        """
        silence = self._all.get(domain)
        # None is longer than the longest, but for what times are rounded by, unless the clock was set back.
        isSilent = silence is not None and 0 < silence.until - self._clock.seconds() < LONGEST + 1
        return silence.condition if silence is not None and isSilent else None

    def failed(self, domain: str, condition: str) -> None:
        """
        It could not be asked.
        """
        now = self._clock.seconds()
        last = self._all.pop(domain, None)
        times = 1 if last is None or now > last.until + LONGEST else last.times + 1
        delay = min(FIRST * 2.0 ** min(times - 1, 10), LONGEST)
        self._all[domain] = _Silence(times, now + delay, condition)
        if len(self._all) > self._maxDomains:
            self._all.popitem(last=False)

    def answered(self, domain: str) -> None:
        """
        It is there.
        """
        self._all.pop(domain, None)
