"""
Limits against abuse: who publishes more than they allow is not refused, but has to wait, and what waits is merged.

A bucket is one number for each of those it knows: the time until which what was let through would last at the rate
that is allowed (GCRA). There are no timers, and only so many numbers.
"""

from pushsvc.model import Kind

# Buckets of one sort that are remembered, at most twice as many.
MOST = 20_000
# Seconds that a publish is put off at most, because of what others published.
LONGEST = 60.0
# Seconds that are none: what times are told apart by is not finer.
NOTHING = 1e-5


class Bucket:
    """
    So many a second, and so many at once.

    :param longest: seconds; whoever comes once it takes longer than that does not make it even longer.
    """

    def __init__(self, rate: float, burst: int, longest: float = LONGEST) -> None:
        self._interval = 1.0 / rate
        self._tolerance = (burst - 1) * self._interval
        self._longest = longest
        self._young: dict[str, float] = {}
        self._old: dict[str, float] = {}

    def take(self, key: str, now: float) -> float:
        """
        One more.

        :returns: how many seconds it has to wait.
        """
        until = self._young.get(key)
        if until is None:
            if len(self._young) >= MOST:
                self._old, self._young = self._young, {}
            until = self._old.get(key, now)
        if until < now:
            until = now
        wait = until - now - self._tolerance
        if wait <= NOTHING:
            self._young[key] = until + self._interval
            return 0.0
        if wait <= self._longest + NOTHING:
            self._young[key] = until + self._interval
            return wait
        # The clock may have been set back.
        wait = min(wait, self._longest + self._interval)
        self._young[key] = now + self._tolerance + wait
        return wait

    def wait(self, key: str, now: float) -> float:
        """
        How many seconds the last that came has to wait from now on.
        """
        until = self._young.get(key) or self._old.get(key, 0.0)
        wait = until - self._interval - now - self._tolerance
        return 0.0 if wait <= NOTHING else min(wait, self._longest)


class Limits:
    """
    The limits on publishes, of nodes, accounts and publishing domains, and the pauses that networks ask for devices.

    :ivar merged: how often a publish had to wait, by which limit it was.
    """

    def __init__(
        self, node: tuple[float, int] | None, account: tuple[float, int] | None, domain: tuple[float, int] | None
    ) -> None:
        """
        :param node: rate and burst; None: as many as they like.
        """
        self.merged = {"node": 0, "account": 0, "domain": 0}
        # One waits in the node's place, and takes up what comes meanwhile: it need not be counted.
        self._node = None if node is None else Bucket(*node, longest=1 / node[0])
        self._account = None if account is None else Bucket(*account)
        self._domain = None if domain is None else Bucket(*domain)
        self._paused: dict[str, float] = {}

    def publish(self, publisher: str, account: str, key: str, kind: Kind, now: float) -> float:
        """
        Somebody publishes.

        :returns: how many seconds what was published has to wait.
        """
        if self._node is not None and (wait := self._node.take(key, now)):
            self.merged["node"] += 1
            return max(wait, self._pause(key, kind, now))
        ofAccount = self._account.take(account, now) if self._account is not None and account else 0.0
        ofDomain = self._domain.take(publisher, now) if self._domain is not None and publisher else 0.0
        if ofAccount or ofDomain:
            self.merged["account" if ofAccount >= ofDomain else "domain"] += 1
        pause = self._pause(key, kind, now) if self._paused else 0.0
        return max(ofAccount, ofDomain, pause)

    def again(self, key: str, now: float) -> float:
        """
        How many seconds what came while something was being sent has to wait.
        """
        return 0.0 if self._node is None else self._node.wait(key, now)

    def pause(self, key: str, until: float) -> None:
        """
        The network wants to hear nothing of this device until then.
        """
        if len(self._paused) >= MOST:
            self._paused.clear()
        self._paused[key] = until

    def unpause(self) -> None:
        """
        Nobody knows any longer until when that is.
        """
        self._paused.clear()

    def _pause(self, key: str, kind: Kind, now: float) -> float:
        until = self._paused.get(key)
        if until is None or kind is Kind.CALL:
            # A call does not ring later: it may as well be tried.
            return 0.0
        if until <= now:
            del self._paused[key]
            return 0.0
        return until - now


def unlimited() -> Limits:
    """
    None at all.
    """
    return Limits(None, None, None)
