"""
What operators were told and what has not passed yet.

It is told once for each lane: an operator needs to be told, not to be drowned. And where clients name servers, whoever
likes may have one that complains: so of the lanes of one app a few are told, and what is on none but such lanes is
forgotten when nothing was heard of it for a while.
"""

from collections.abc import Collection

from twisted.internet.interfaces import IReactorTime

# Lanes of one app with the same trouble, of which an operator is told.
MANY = 10
# Seconds after which a lane's trouble is forgotten when nothing was heard of it; what waits is tried more often.
LASTS = 3600.0


class Alarms:
    """
    By app, and what it is about.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        # Lanes, and when they were heard of. The app itself is a lane, too, and it lasts.
        self._lanes: dict[tuple[str, str], dict[str, float]] = {}

    @property
    def on(self) -> Collection[tuple[str, str]]:
        """
        App, and what has not passed.
        """
        for about in list(self._lanes):
            self._forget(about)
        return list(self._lanes)

    @property
    def areNone(self) -> bool:
        """
        Whether there is nothing that could pass.
        """
        return not self._lanes

    def raised(self, app: str, lane: str, what: str) -> bool:
        """
        There is trouble.

        :returns: whether to tell it.
        """
        self._forget((app, what))
        lanes = self._lanes.setdefault((app, what), {})
        isNew = lane not in lanes
        if isNew and len(lanes) >= MANY:
            return False
        lanes[lane] = self._clock.seconds()
        return isNew

    def isRaised(self, app: str, lane: str, what: str) -> bool:
        """
        Whether there was trouble on this lane.
        """
        lanes = self._lanes.get((app, what))
        return lanes is not None and lane in lanes

    def passed(self, app: str, lane: str, what: str) -> bool:
        """
        There is none on this lane any more.

        :returns: whether that is news.
        """
        if not self.isRaised(app, lane, what):
            return False
        del self._lanes[app, what][lane]
        self._forget((app, what))
        return True

    def ended(self, app: str, what: str) -> bool:
        """
        There is none on any lane.

        :returns: whether that is news.
        """
        return self._lanes.pop((app, what), None) is not None

    def _forget(self, about: tuple[str, str]) -> None:
        lanes = self._lanes.get(about, {})
        before = self._clock.seconds() - LASTS
        for lane in [lane for lane, heard in lanes.items() if heard < before and lane != about[0]]:
            del lanes[lane]
        if not lanes:
            self._lanes.pop(about, None)
