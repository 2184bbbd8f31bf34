"""
How Python runs a process that does nothing but push.
"""

import gc

from twisted.application.service import Service

# Objects made since the last look for what is not used any more, after which the next one is due: those of hundreds of
# stanzas. Python's own 700 are those of a few, and most of what it would look at then is still in use.
MADE = 20_000


class Interpreter(Service):
    """
    Settings of the interpreter. They concern everything in it, so whoever embeds us has to want them.
    """

    name = "interpreter"

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]
        self._before = gc.get_threshold()
        gc.collect()
        # Never looked at again: modules, configuration, the mappings of the database.
        gc.freeze()
        gc.set_threshold(MADE, *self._before[1:])

    def stopService(self) -> None:
        super().stopService()  # type: ignore[no-untyped-call]
        gc.set_threshold(*self._before)
