"""
All hostile peers, in a process of their own: ``python -m bench.disturbed.crowd ASSIGNMENT.json``.

Says when it is in place and, once it is told anything, what it has done and what came of its attacks.
"""

import asyncio
import contextlib
import itertools
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.disturbed.attacks import ALL, CHEAP, DEAR, Arms
from bench.disturbed.beside import assigned, standBack
from bench.disturbed.peer import Peer
from bench.disturbed.stanzas import header


class Crowd:
    """
    Keeps streams half open, and attacks at a fixed rate.

    :ivar told: by attack, what came of it.
    :ivar begun: how many attacks, with and without TLS.
    :ivar late: how much later than it should have the latest of them began, in seconds.
    :ivar seconds: that they went on.
    """

    def __init__(self, assignment: Mapping[str, Any]) -> None:
        self._port: int = assignment["port"]
        self._to: str = assignment["to"]
        self._evil: str = assignment["evil"]
        self._halfOpen: int = assignment["halfOpen"]
        self._only: str = assignment["only"]
        self._rates: dict[str, float] = assignment["rates"]
        paths = [Path(each) for each in assignment["certificates"][2:]]
        self._arms = Arms((paths[0], paths[1]), (paths[2], paths[3]), assignment["victim"])
        # Nobody attacks from one address only.
        self._sources = itertools.cycle(f"127.0.1.{number}" for number in range(1, 31))
        self._tasks: set[asyncio.Task[None]] = set()
        self.told: dict[str, Counter[str]] = {name: Counter() for name in ALL}
        self.begun = {"cheap": 0, "dear": 0}
        self.late = 0.0
        self.seconds = 0.0
        self.held = 0
        self.reopened = 0

    async def run(self, until: asyncio.Event) -> None:
        """
        Attack.
        """
        for _ in range(self._halfOpen):
            self._start(self._hold())
            await asyncio.sleep(0.002)
        print(json.dumps("in place"), flush=True)
        for kind, attacks in (("cheap", CHEAP), ("dear", DEAR)):
            names = [name for name in attacks if self._only in ("", name)]
            if names and self._rates[kind]:
                self._start(self._attackWith(names, kind))
        start = time.perf_counter()
        await until.wait()
        self.seconds = time.perf_counter() - start
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

    async def _attackWith(self, names: list[str], kind: str) -> None:
        start = time.perf_counter()
        for number, name in enumerate(itertools.cycle(names)):
            due = start + number / self._rates[kind]
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self.late = max(self.late, time.perf_counter() - due)
            self.begun[kind] += 1
            self._start(self._attack(name))

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


async def main(assignment: Mapping[str, Any]) -> None:
    """
    Attack until told to stop.
    """
    crowd, until = Crowd(assignment), asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin, until.set)
    await crowd.run(until)
    done = {"begun": crowd.begun, "seconds": crowd.seconds, "late": crowd.late}
    print(json.dumps({"told": crowd.told, "reopened": crowd.reopened, **done}), flush=True)


if __name__ == "__main__":
    given = assigned(sys.argv[1])
    if given["polite"]:
        # Hostile peers are elsewhere: the processors that they take are not ours.
        standBack()
    asyncio.run(main(given))
