"""
A storage that takes its time.
"""

from twisted.internet.defer import Deferred

from pushsvc.errors import TryLater


class Slow:
    """
    Enablements that take their time: until they are told to go on. They may also rest.

    :ivar asked: what they were asked.
    """

    def __init__(self, enablements):
        self._enablements = enablements
        self._waiting = []
        self.isSlow = False
        self.rests = False
        self.asked = []

    def __getattr__(self, name):
        method = getattr(self._enablements, name)

        async def ask(*arguments, **more):
            self.asked.append(name)
            if self.isSlow:
                waiting = Deferred()
                self._waiting.append(waiting)
                await waiting
            if self.rests:
                raise TryLater("disk")
            return await method(*arguments, **more)

        return ask

    def goOn(self):
        """
        Answer, in the order of the questions, until nobody asks any more.
        """
        while self._waiting:
            self._waiting.pop(0).callback(None)
