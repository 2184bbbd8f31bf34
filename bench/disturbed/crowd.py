"""
All hostile peers, in a process of their own: ``python -m bench.disturbed.crowd ASSIGNMENT.json``.

Prints a line when it is in place, and on SIGTERM what came of its attacks, as JSON.
"""

import asyncio
import contextlib
import itertools
import json
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from bench.disturbed.attacks import ALL, CHEAP, DEAR, Arms
from bench.disturbed.peer import Peer
from bench.disturbed.stanzas import header

READY = "in place"


class Crowd:
    """
    Keeps streams half open, and attacks at a fixed rate.

    :ivar told: by attack, what came of it.
    """

    def __init__(self, assignment: dict[str, Any]) -> None:
        self._port: int = assignment["port"]
        self._to: str = assignment["to"]
        self._evil: str = assignment["evil"]
        self._halfOpen: int = assignment["halfOpen"]
        self._only: str = assignment["only"]
        self._rates: dict[str, float] = assignment["rates"]
        paths = [Path(each) for each in assignment["certificates"]]
        self._arms = Arms((paths[0], paths[1]), (paths[2], paths[3]), assignment["victim"])
        # Nobody attacks from one address only.
        self._sources = itertools.cycle(f"127.0.1.{number}" for number in range(1, 31))
        self._tasks: set[asyncio.Task[None]] = set()
        self.told: dict[str, Counter[str]] = {name: Counter() for name in ALL}
        self.held = 0
        self.reopened = 0

    async def run(self, until: asyncio.Event) -> None:
        """
        Attack.
        """
        for _ in range(self._halfOpen):
            self._start(self._hold())
            await asyncio.sleep(0.002)
        print(READY, flush=True)
        for attacks, rate in ((CHEAP, self._rates["cheap"]), (DEAR, self._rates["dear"])):
            names = [name for name in attacks if self._only in ("", name)]
            if names and rate:
                self._start(self._attackWith(names, rate))
        await until.wait()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hold(self) -> None:
        """
        One stream that never gets any further; when it is closed there is another one.
        """
        while True:
            with contextlib.suppress(OSError):
                peer = await self._dial()
                self.held += 1
                try:
                    if self.held % 2:
                        peer.say(header(self._evil, self._to))
                    while await peer.reader.read(4096):
                        pass
                finally:
                    self.held -= 1
                    peer.hangUp()
            self.reopened += 1
            await asyncio.sleep(1 / self._rates["reopening"] * self._halfOpen)

    async def _attackWith(self, names: list[str], rate: float) -> None:
        for name in itertools.cycle(names):
            self._start(self._attack(name))
            await asyncio.sleep(1 / rate)

    async def _attack(self, name: str) -> None:
        try:
            peer = await self._dial()
        except OSError as e:
            self.told[name][repr(e)] += 1
            return
        try:
            outcome = await ALL[name].run(peer, self._arms)
        except (OSError, EOFError, TimeoutError) as e:
            outcome = f"{type(e).__name__} {e}"
        finally:
            peer.hangUp()
        self.told[name][outcome] += 1

    async def _dial(self) -> Peer:
        return await Peer.dial(self._port, self._evil, self._to, next(self._sources))


async def main(assignment: dict[str, Any]) -> None:
    """
    Attack until told to stop.
    """
    crowd, until = Crowd(assignment), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, until.set)
    await crowd.run(until)
    print(json.dumps({"told": crowd.told, "reopened": crowd.reopened}), flush=True)


if __name__ == "__main__":
    # Hostile peers are elsewhere: the processors that they take are not ours.
    os.nice(19)
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
