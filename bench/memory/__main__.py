"""
``python -m bench.memory``: publishes to many devices while their push network is down.

Of each device no more than one notification of a kind waits, on disk; so it is promised that memory does not grow by
more than a tenth once every device was published to. In the end the network is there again, and every device has to
get what was published last.
"""

import argparse
import asyncio
import os
import tempfile
import time
from dataclasses import dataclass, fields
from pathlib import Path

from bench.fairness.house import APPS, House
from bench.fairness.network import Network
from bench.processes import memoryOf

ALLOWED = 1.10
# Seconds.
DRAINED_WITHIN = 300.0


@dataclass(frozen=True)
class Plan:
    """
    What is done.

    :ivar window: publishes without an answer.
    :ivar silent: the network is there and says nothing; else connections are refused.
    """

    devices: int = 20_000
    publishes: int = 200_000
    window: int = 500
    silent: bool = False


class Trial:
    """
    One run.

    :ivar memory: after each pass over all devices, in megabytes.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.memory: list[float] = []
        self.began = 0.0
        self.rate = 0.0
        self.delivered: dict[int, int] = {}
        self.errors = 0

    async def run(self, folder: Path) -> None:
        """
        Publish, and then let the network be there again.
        """
        plan, each = self._plan, self._plan.devices // 2
        networks = [Network(self._came) for _ in APPS]
        urls = [await network.start() for network in networks]
        for network in networks:
            network.hangs = plan.silent
            if not plan.silent:
                network.stop()
        house = await asyncio.get_running_loop().run_in_executor(None, House, folder, urls, each)
        try:
            await house.connect()
            self.began = memoryOf(house.pid)
            begin = time.perf_counter()
            for number in range(plan.publishes):
                await house.until(number - plan.window)
                # The apps by turns, and of each the devices by turns.
                await house.publish(APPS[number % 2], number // 2)
                if (number + 1) % plan.devices == 0:
                    await house.allAnswered()
                    self.memory.append(memoryOf(house.pid))
                    print(f"{number + 1} publishes: {self.memory[-1]:.1f} MB", flush=True)
            self.rate = plan.publishes / (time.perf_counter() - begin)
            for network, url in zip(networks, urls, strict=True):
                network.recover()
                if not plan.silent:
                    await network.start(int(url.rpartition(":")[2].strip("/")))
            await self._drained(sum(1 for _ in networks) * each)
            self.errors = house.errors
        finally:
            house.stop()
            for network in networks:
                network.stop()

    @property
    def growth(self) -> float:
        """
        The most there was, to what there was after the first pass.
        """
        return max(self.memory) / self.memory[0]

    @property
    def stale(self) -> int:
        """
        How many devices did not get what was published last.
        """
        last = self._plan.publishes // 2 - self._plan.devices // 2
        return self._plan.devices - sum(count for number, count in self.delivered.items() if number >= last)

    def _came(self, number: int) -> None:
        self.delivered[number] = self.delivered.get(number, 0) + 1

    async def _drained(self, count: int) -> None:
        end = time.monotonic() + DRAINED_WITHIN
        while self.stale > 0 and time.monotonic() < end:
            await asyncio.sleep(0.2)


def report(plan: Plan, trial: Trial) -> str:
    """
    What came of it, for people.
    """
    passes = ", ".join(f"{memory:.1f}" for memory in trial.memory)
    return (
        f"{plan.publishes} publishes to {plan.devices} devices of two apps whose networks "
        f"{'say nothing' if plan.silent else 'refuse connections'}; {trial.rate:.0f} a second, "
        f"load {os.getloadavg()[0]:.1f}\n"
        f"MB after registering: {trial.began:.1f}; after each pass over all devices: {passes}\n"
        f"Most to first pass: {trial.growth:.3f}; {ALLOWED:.2f} is allowed\n"
        f"Publishes not accepted: {trial.errors}; devices that did not get the newest when the networks were back: "
        f"{trial.stale}"
    )


def main() -> int:
    """
    Measure, and say.
    """
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__)
    for option in fields(Plan):
        if option.type is bool or option.type == "bool":
            parser.add_argument(f"--{option.name}", action="store_true")
        else:
            parser.add_argument(f"--{option.name}", type=int, default=option.default)
    plan = Plan(**vars(parser.parse_args()))
    trial = Trial(plan)
    with tempfile.TemporaryDirectory(prefix="pushsvc-memory-") as folder:
        asyncio.run(trial.run(Path(folder)))
    print("\n" + report(plan, trial))
    return int(trial.growth > ALLOWED or trial.errors > 0 or trial.stale > 0)


if __name__ == "__main__":
    raise SystemExit(main())
