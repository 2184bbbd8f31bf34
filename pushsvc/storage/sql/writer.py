"""
The thread in which the database is talked to.
"""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

from twisted.logger import Logger

from pushsvc.concealed import concealed


class Writer:
    """
    Does one thing after the other. Twisted's pool of threads could do so too, at thrice the cost for each.
    """

    log = Logger()

    def __init__(self) -> None:
        self._tasks: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        # A process that ends without closing does not wait for it: what was not committed was not promised either.
        self._thread = Thread(target=self._run, name="storage", daemon=True)

    def start(self) -> None:
        """
        Begin.
        """
        self._thread.start()

    def do(self, task: Callable[[], None]) -> None:
        """
        Do this when everything before is done.
        """
        self._tasks.put(task)

    def end(self) -> None:
        """
        End when everything is done, and wait for that.
        """
        self._tasks.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                task()
            except BaseException:
                # Nobody is told but the operator, and the next one gets its turn.
                self.log.failure("storage: a task failed", concealed())
