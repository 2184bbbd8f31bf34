"""
Calls that are under way.
"""

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime


class Timers:
    """
    One call of each name at a time.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._calls: dict[str, IDelayedCall] = {}

    def after(self, name: str, seconds: float, call: Callable[[], None]) -> None:
        """
        Call it then, unless one of this name is under way.
        """
        if name not in self._calls:

            def called() -> None:
                del self._calls[name]
                call()

            self._calls[name] = self._clock.callLater(seconds, called)

    def cancel(self) -> None:
        """
        None of them.
        """
        for call in self._calls.values():
            call.cancel()
        self._calls.clear()
