"""
Killed at random instants, in front of a network that fails: what was acknowledged arrives all the same.
"""

import os
import random
import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from tests.crash.publisher import Device, Publisher
from tests.crash.service import Victim
from tests.servers.apple import Apple
from tests.servers.rig.authority import Authority

PATIENCE = 120


async def _until(reactor, satisfied) -> bool:
    for _ in range(PATIENCE * 2):
        if satisfied():
            return True
        await deferLater(reactor, 0.5)
    return False


def _newest(pushes) -> dict[str, int]:
    newest: dict[str, int] = defaultdict(int)
    for push in pushes:
        newest[push["token"]] = max(newest[push["token"]], int(push["body"]["last-message-body"]))
    return newest


@pytest.mark.parametrize(
    ("devices", "publishes", "kills"),
    [
        pytest.param(60, 600, 2, id="small"),
        pytest.param(1000, 10_000, 5, id="large", marks=pytest.mark.long),
    ],
)
@pytest_twisted.ensureDeferred
async def test_whatWasAcknowledgedArrives(tmp_path: Path, devices: int, publishes: int, kills: int) -> None:
    """
    Killed with SIGKILL at random instants, in front of an APNs that fails one request in ten and cuts connections:
    every device gets its last acknowledged notification or a newer one, and no push that APNs has answered comes again
    more than once for each kill, then under the same apns-id.
    """
    from twisted.internet import reactor

    seed = int(os.environ.get("CRASH_SEED", random.randrange(10**6)))
    print(f"CRASH_SEED={seed}")
    chance = random.Random(seed)
    apple = Apple(tmp_path, Authority(tmp_path / "ca"))
    apple.start()
    publisher = Publisher([Device(f"{number:064x}") for number in range(1, devices + 1)], 50, chance)
    port = publisher.listen(reactor)
    victim = Victim(tmp_path, port.getHost().port, apple)
    try:
        victim.start()
        await publisher.attached.get()
        await publisher.register()
        apple.fail(status=10, cut=50)

        for instant in sorted(chance.sample(range(publishes // 10, publishes * 9 // 10), kills)):
            await publisher.publish(instant)
            victim.kill()
            victim.start()
            await publisher.attached.get()
        await publisher.publish(publishes)

        def allArrived() -> bool:
            newest = _newest(apple.taken())
            return all(newest[device.token] >= device.promised for device in publisher.devices)

        arrived = await _until(reactor, allArrived)
        newest = _newest(apple.taken())
        late = [device for device in publisher.devices if newest[device.token] < device.promised]
        assert arrived, f"{len(late)} of {devices} devices did not get what was promised\n{victim.log.since()[-3000:]}"
        _noneDoubled(apple.taken(), kills)
        assert {*publisher.refused} <= {"wait"}
    finally:
        victim.stop()
        apple.stop()
        await port.stopListening()


def _noneDoubled(pushes, kills: int) -> None:
    byNotification = defaultdict(list)
    for push in pushes:
        byNotification[push["token"], push["body"]["last-message-body"]].append(push)
    again: dict[str, int] = defaultdict(int)
    for (token, _), several in byNotification.items():
        assert len({push["headers"]["apns-id"] for push in several}) == 1
        # An answer that was cut off leaves nobody the wiser: only those after an answer count.
        answered = [push for push in several if push["status"] == 200]
        again[token] += max(0, len(answered) - 1)
    assert max(again.values()) <= kills


@pytest_twisted.ensureDeferred
async def test_aStopUnderLoadAnswersWhatItAccepted(tmp_path: Path) -> None:
    """
    Stopped with SIGTERM while publishes arrive: whatever was accepted was answered, and nothing else is in the outbox
    or with the network.
    """
    from twisted.internet import reactor

    apple = Apple(tmp_path, Authority(tmp_path / "ca"))
    apple.start()
    devices = [Device(f"{number:064x}") for number in range(1, 1001)]
    publisher = Publisher(devices, 50, random.Random(1))
    publisher.chance.choice = lambda several: next(device for device in several if not device.sent)
    port = publisher.listen(reactor)
    victim = Victim(tmp_path, port.getHost().port, apple)
    try:
        victim.start()
        await publisher.attached.get()
        await publisher.register()

        # It stops as soon as it learns of it; meanwhile it takes no more than what is on the way.
        publisher.publish(1000)
        await publisher.acknowledgement(300)
        victim.terminate()
        await publisher.gone.get()
        await deferToThread(victim.wait)
    finally:
        victim.kill()
        apple.stop()
        await port.stopListening()

    answered = {device.token for device in devices if device.promised}
    with closing(sqlite3.connect(tmp_path / "pushsvc.db")) as database:
        waiting = {token for (token,) in database.execute("SELECT token FROM outbox")}
    assert 300 <= len(answered) < 1000
    assert answered == waiting | {push["token"] for push in apple.taken()}
