"""
How Python runs a process that does nothing but push.
"""

import gc

from twisted.application.service import Service

# Objects made since the last look for what is not used any more, after which the next one is due: those of a hundred
# stanzas. Python's own 700 are those of a few, and most of what it would look at then is still in use; with many more
# each look takes milliseconds, and who waits for an answer waits for that, too.
MADE = 2_000

# Such looks before one at what is a little older, and those before one at everything, which takes longest by far.
YOUNG, OLDER = 5, 200


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
        gc.set_threshold(MADE, YOUNG, OLDER)

    def stopService(self) -> None:
        super().stopService()  # type: ignore[no-untyped-call]
        gc.set_threshold(*self._before)
