"""
Rounds with and without a network that hangs, by turns.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.disturbed.good import percentile
from bench.fairness.house import APPS, House
from bench.fairness.network import Network

# Seconds.
WARMING_UP = 4.0
DRAINED_WITHIN = 120.0


@dataclass(frozen=True)
class Plan:
    """
    What is done.

    :ivar rate: publishes a second, to each of the two lanes.
    :ivar seconds: that each round takes. A request is given up after 15.
    :ivar devices: of each lane.
    """

    rounds: int = 3
    seconds: float = 25.0
    rate: float = 100.0
    devices: int = 2000


@dataclass
class Figures:
    """
    What came of it.

    :ivar calm: of each undisturbed round, the times from publish to network on the living lane, in milliseconds.
    :ivar hanging: those of each round in which the other lane's network hangs.
    :ivar alone: those of each round in which nothing is published to the other lane.
    :ivar late: how many pushes of the other lane came only when its network answered again.
    :ivar missing: pushes of the living lane that did not come.
    :ivar errors: publishes that were not accepted.
    """

    calm: list[list[float]] = field(default_factory=list)
    hanging: list[list[float]] = field(default_factory=list)
    alone: list[list[float]] = field(default_factory=list)
    late: int = 0
    missing: int = 0
    errors: int = 0

    def ratio(self, share: float, rounds: Sequence[list[float]] | None = None) -> float:
        """
        This percentile of the rounds with a hanging network to that of the undisturbed, or of others: medians over the
        rounds.
        """
        hanging = median(percentile(times, share) for times in self.hanging)
        return hanging / median(percentile(times, share) for times in rounds or self.calm)

    def unrest(self, share: float) -> float:
        """
        How much it differs between undisturbed rounds: no ratio below that says anything.
        """
        calm = [percentile(times, share) for times in self.calm]
        return max(calm) / min(calm)


class Rounds:
    """
    Publishes at a steady rate, and hears what arrives.
    """

    def __init__(self, folder: Path, plan: Plan) -> None:
        self._folder = folder
        self._plan = plan
        self._number = 0
        self._due: dict[int, float] = {}
        self._times: list[float] = []
        self._living = Network(self._came)
        self._other = Network()
        self.figures = Figures()

    async def run(self, tell: Callable[[str], object]) -> None:
        """
        All of them.
        """
        plan = self._plan
        urls = [await self._living.start(), await self._other.start()]
        self._house = await asyncio.get_running_loop().run_in_executor(None, House, self._folder, urls, plan.devices)
        try:
            await self._house.connect()
            await self._round(min(WARMING_UP, plan.seconds))
            for number in range(plan.rounds):
                # Which of them is the first changes: what drifts, or comes back every so often, hits all.
                for turn in (self._alone, self._calmly, self._hanging)[:: 1 if number % 2 == 0 else -1]:
                    await turn()
                tell(f"round {number + 1} of {plan.rounds} is over")
            self.figures.errors = self._house.errors
        finally:
            self._house.stop()
            self._living.stop()
            self._other.stop()

    async def _alone(self) -> None:
        self.figures.alone.append(await self._round(self._plan.seconds, ("living",)))

    async def _calmly(self) -> None:
        self.figures.calm.append(await self._round(self._plan.seconds))

    async def _hanging(self) -> None:
        before = self._other.arrived
        self._other.hangs = True
        self.figures.hanging.append(await self._round(self._plan.seconds))
        self._other.recover()
        await self._quiet()
        self.figures.late += self._other.arrived - before

    async def _round(self, seconds: float, apps: Sequence[str] = APPS) -> list[float]:
        self._times = []
        count = int(self._plan.rate * seconds)
        start = time.perf_counter() + 0.05
        for n in range(count):
            when = start + n / self._plan.rate
            await asyncio.sleep(max(0.0, when - time.perf_counter()))
            self._number += 1
            self._due[self._number] = when
            for app in apps:
                await self._house.publish(app, self._number)
        await self._house.allAnswered()
        end = time.monotonic() + 10
        while len(self._times) < count and time.monotonic() < end:
            await asyncio.sleep(0.01)
        self.figures.missing += count - len(self._times)
        return self._times

    async def _quiet(self) -> None:
        """
        Wait until the other lane has nothing more to send.
        """
        end = time.monotonic() + DRAINED_WITHIN
        before = -1
        while before < self._other.arrived and time.monotonic() < end:
            before = self._other.arrived
            await asyncio.sleep(5)

    def _came(self, number: int) -> None:
        due = self._due.pop(number, None)
        if due is not None:
            self._times.append((time.perf_counter() - due) * 1000)


async def measure(folder: Path, plan: Plan, tell: Callable[[str], object] = print) -> Figures:
    """
    Start a service and measure.
    """
    rounds = Rounds(folder, plan)
    await rounds.run(tell)
    return rounds.figures
