"""
A good peer: an authenticated server that publishes at a fixed rate, however long the answers take. It has a process of
its own, for nothing else may keep it from looking at its clock: ``python -m bench.disturbed.good ASSIGNMENT.json``.

Says when it is there; for each line that it is told, it publishes for a round and says how long each answer took.
"""

import asyncio
import gc
import json
import math
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.disturbed.beside import assigned
from bench.disturbed.peer import Peer
from bench.disturbed.stanzas import PUBLISH, REGISTER

_ANSWER = re.compile(rb"<iq [^>]*?type=['\"](result|error)['\"][^>]*>")
_ID = re.compile(rb" id=['\"]p(\d+)['\"]")

# Seconds.
WARMING_UP = 4.0

# A node has one waiting row: with more of them each publish costs what it costs.
DEVICES = 200


class Refused(Exception):
    """
    A publish was not accepted, or not answered.
    """


class GoodPeer:
    """
    Publishes, and remembers how long each answer took.
    """

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._devices: list[tuple[str, str]] = []
        self._number = 0

    async def register(self) -> None:
        """
        Register devices to publish for.
        """
        user = f"juliet@{self._peer.domain}/balcony"
        for number in range(DEVICES):
            self._peer.say(REGISTER.format(id=f"r{number}", user=user, to=self._peer.to, token=f"device{number}"))
            answer = (await self._peer.hears("<iq .*?</iq>"))[0]
            node, secret = (re.search(f"{name}.*?<value>([^<]+)", answer) for name in ("var=.node", "var=.secret"))
            assert node and secret, answer
            self._devices.append((node[1], secret[1]))

    async def publish(self, rate: float, seconds: float) -> list[float]:
        """
        Publish so many times a second.

        :returns: how long each answer took since its publish was due, in milliseconds.
        :raises Refused: one is missing.
        """
        count = int(rate * seconds)
        due: dict[int, float] = {}
        taken: list[float] = []
        hearing = asyncio.ensure_future(self._hear(due, taken, count))
        start = time.perf_counter() + 0.05
        for n in range(count):
            when = start + n / rate
            await asyncio.sleep(max(0.0, when - time.perf_counter()))
            self._number += 1
            due[self._number] = when
            node, secret = self._devices[self._number % len(self._devices)]
            domain, to = self._peer.domain, self._peer.to
            self._peer.say(PUBLISH.format(id=f"p{self._number}", domain=domain, to=to, node=node, secret=secret))
        try:
            await asyncio.wait_for(hearing, 10)
        except TimeoutError:
            raise Refused(f"{len(due)} of {count} publishes have no answer") from None
        return taken

    async def _hear(self, due: dict[int, float], taken: list[float], count: int) -> None:
        heard = b""
        while len(taken) < count:
            data = await self._peer.reader.read(65536)
            now = time.perf_counter()
            if not data:
                raise Refused("the stream was closed")
            heard += data
            end = 0
            for answer in _ANSWER.finditer(heard):
                end = answer.end()
                number = _ID.search(answer[0])
                if answer[1] != b"result" or number is None:
                    raise Refused(answer[0].decode())
                taken.append((now - due.pop(int(number[1]))) * 1000)
            heard = heard[end:]


def percentile(values: list[float], share: float) -> float:
    """
    What this share of the values does not exceed.
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


async def main(assignment: Mapping[str, Any]) -> None:
    """
    Publish when told to.
    """
    domain, to, (rate, seconds) = assignment["good"], assignment["to"], assignment["publishing"]
    certificate, key = (Path(each) for each in assignment["certificates"][:2])
    peer = await Peer.dial(assignment["port"], domain, to)
    await peer.prove((certificate, key))
    good = GoodPeer(peer)
    await good.register()
    await good.publish(rate, min(WARMING_UP, seconds))
    # What looks for garbage looks away from the clock.
    gc.collect()
    gc.freeze()
    print(json.dumps("there"), flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        gc.disable()
        taken = await good.publish(rate, seconds)
        gc.enable()
        print(json.dumps(taken), flush=True)


if __name__ == "__main__":
    asyncio.run(main(assigned(sys.argv[1])))
