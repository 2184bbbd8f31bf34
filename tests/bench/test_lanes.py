"""
The benchmarks of networks that hang, or are down, measure what they say.
"""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from bench.fairness import __main__ as fairness
from bench.fairness.measuring import Figures
from bench.fairness.measuring import Plan as FairnessPlan
from bench.fairness.network import Network
from bench.memory import __main__ as memory

ROOT = Path(__file__).parents[2]


async def _ask(url, number, patience=60):
    port = int(url.rpartition(":")[2].strip("/"))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = b"%d" % number
    writer.write(b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    try:
        return await asyncio.wait_for(reader.readline(), patience)
    finally:
        writer.transport.abort()


def test_theNetworkAnswersOrDoesNot():
    """
    The network answers and tells what came, or takes it and says nothing, or is not there at all.
    """
    told = []

    async def trying():
        network = Network(told.append)
        url = await network.start()
        assert await _ask(url, 7) == b"HTTP/1.1 200 OK\r\n"
        network.hangs = True
        with pytest.raises(TimeoutError):
            await _ask(url, 8, 0.2)
        network.stop()
        with pytest.raises(OSError, match=r"[Cc]onnect"):
            await _ask(url, 9)

    asyncio.run(trying())

    assert [7] == told


def test_fairnessIsReported():
    """
    The table holds the medians over the rounds, and says when the machine was too restless to tell.
    """
    hanging = [[1.1, 2.2], [1.2, 2.2], [9.0, 9.0]]
    quiet = Figures(calm=[[1.0, 2.0]] * 3, hanging=hanging, alone=[[0.6, 1.0]] * 3, late=5)
    restless = Figures(calm=[[1.0], [3.0]], hanging=[[1.0], [1.0]], alone=[[1.0], [1.0]], missing=1)

    assert "p50 1.20, p99 1.10 times" in fairness.report(FairnessPlan(), quiet)
    assert "less work: p50 2.00, p99 2.20" in fairness.report(FairnessPlan(), quiet)
    assert "network answered again: 5" in fairness.report(FairnessPlan(), quiet)
    assert "let it be idle" in fairness.report(FairnessPlan(), restless)
    assert "Missing on the living lane: 1" in fairness.report(FairnessPlan(), restless)


def test_memoryIsReported():
    """
    Growth counts from the first pass on, and whoever did not get the newest is counted.
    """
    plan = memory.Plan(devices=4, publishes=12)
    trial = memory.Trial(plan)
    trial.memory, trial.began = [100.0, 120.0, 105.0], 90.0
    trial.delivered = {0: 2, 4: 2, 5: 1}

    assert 1.2 == trial.growth
    assert 1 == trial.stale
    assert "1.200; 1.10 is allowed" in memory.report(plan, trial)


@pytest.mark.parametrize("bench", ["fairness", "memory"])
def test_theySayHowTheyAreUsed(bench):
    """
    Whoever asks is told what there is to choose.
    """
    argv = [sys.executable, "-m", f"bench.{bench}", "--help"]

    said = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120)

    assert 0 == said.returncode
    assert "--devices" in said.stdout
