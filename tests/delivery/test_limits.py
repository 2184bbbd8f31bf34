"""
Whoever publishes more than is good.
"""

import pytest
from twisted.internet.defer import Deferred

from pushsvc.delivery import limits as module
from pushsvc.delivery.limits import LONGEST, Bucket, Limits
from pushsvc.model import Kind, Notification, Priority, Target
from tests.delivery.conftest import House
from tests.delivery.network import Network, app, says
from tests.support import resultOf


@pytest.fixture
def limited(clock):
    """
    A house with limits: three at once for a node, and one a second; ten for an account; thirty for a domain.
    """
    from pushsvc.storage.memory import MemoryStorage

    network, storage = Network(), MemoryStorage(clock)
    storage.open()
    return House(clock, storage, network, {"app": app(network)}, limits=Limits((1, 3), (2, 10), (5, 30)))


def publish(house, node, body="x", account="juliet@example.net", domain="example.net", kind=Kind.MESSAGE):
    notification = says(body) if kind is Kind.MESSAGE else Notification(kind, Priority.HIGH)
    resultOf(house.delivery.accept(Target(node, "app", f"token-{node}"), notification, domain, account))


def test_tooMuchForOneDeviceIsMerged(limited, clock):
    """
    What is published to a node beyond its limit is accepted, merged into one, and sent when the limit allows it.
    """
    for number in range(100):
        publish(limited, "node", str(number))
    assert ["0", "1", "2"] == limited.network.bodies

    clock.advance(0.9)
    assert ["0", "1", "2"] == limited.network.bodies
    clock.advance(0.1)

    assert ["0", "1", "2", "99"] == limited.network.bodies
    assert limited.waiting is None
    assert {"node": 97, "account": 0, "domain": 0} == limited.delivery.merged


def test_inTheLongRunADeviceGetsWhatItsLimitAllows(limited, clock):
    """
    Whoever publishes to a node without end wakes the phone as often as the limit allows, and always with the newest.
    """
    for number in range(1000):
        publish(limited, "node", str(number))
        clock.advance(0.1)

    assert 95 <= len(limited.network.sent) <= 105
    assert 999 - int(limited.network.bodies[-1]) <= 20


def test_aSlowNetworkIsNoWayAroundTheLimit(limited, clock):
    """
    What is published while a push is under way is merged too, and waits for the limit when that push is done.
    """
    answer = Deferred()
    limited.network.answers = [answer]
    for number in range(100):
        publish(limited, "node", str(number))
    assert ["0"] == limited.network.bodies

    answer.callback(True)
    assert ["0"] == limited.network.bodies
    clock.advance(2)

    assert ["0", "99"] == limited.network.bodies
    assert limited.waiting is None


def test_oneDeviceIsNotHeldUpByAnother(limited):
    """
    Too much for one node takes nothing from the others of its account and its server.
    """
    for number in range(1000):
        publish(limited, "node", str(number))

    publish(limited, "other", "for another")

    assert "for another" == limited.network.bodies[-1]


def test_tooMuchForAnAccount(limited, clock):
    """
    An account's devices share a limit. What is beyond it is sent little by little, all of it within a minute.
    """
    for number in range(15):
        publish(limited, f"node{number}", str(number))
    publish(limited, "romeo's", "romeo's", account="romeo@example.net")
    assert 11 == len(limited.network.sent)
    assert "romeo's" == limited.network.bodies[-1]

    clock.advance(1)
    assert 13 == len(limited.network.sent)
    for _ in range(3):
        clock.advance(1)

    assert 16 == len(limited.network.sent)
    assert 5 == limited.delivery.merged["account"]


def test_tooMuchFromAServer(limited, clock):
    """
    A publishing domain has a limit: others publish as before, and nothing of it is lost.
    """
    for number in range(200):
        publish(limited, f"node{number}", str(number), account=f"user{number}@example.net")
    assert 30 == len(limited.network.sent)
    publish(limited, "other", "other", "romeo@example.org", "example.org")
    assert "other" == limited.network.bodies[-1]

    for _ in range(int(LONGEST) + 1):
        clock.advance(1)

    assert 201 == len(limited.network.sent)
    assert limited.waiting is None


def test_whoeverGoesOnWaitsNoLongerThanAMinute(limited, clock):
    """
    However much a server publishes, each device is told the newest within a minute.
    """
    for number in range(3_000):
        publish(limited, f"node{number % 500}", str(number), account=f"user{number % 500}@example.net")

    for _ in range(int(LONGEST) + 1):
        clock.advance(1)

    assert limited.waiting is None
    newest = {sent.target.token: sent.notification.summary.lastMessageBody for sent in limited.network.sent}
    assert all(2_500 <= int(body) for body in newest.values())


def test_otherProcessesAreNotAsked(house):
    """
    Without limits, and where nobody says who publishes, everything is sent at once.
    """
    for number in range(1000):
        house.accept(says(str(number)))

    assert 1000 == len(house.network.sent)
    assert {"node": 0, "account": 0, "domain": 0} == house.delivery.merged


def test_memoryIsBounded(clock, monkeypatch):
    """
    However many there are who publish, no more than so many are remembered.
    """
    bucket = Bucket(1, 1)
    monkeypatch.setattr(module, "MOST", 100)

    for number in range(10_000):
        bucket.take(str(number), clock.seconds())

    assert 200 >= len(bucket._young) + len(bucket._old)


def test_aClockThatIsSetBack(clock):
    """
    After the clock was set back nobody waits longer than ever.
    """
    bucket = Bucket(1, 3)
    for _ in range(5):
        bucket.take("x", clock.seconds())

    assert LONGEST + 1 == bucket.take("x", clock.seconds() - 1_000_000)
    assert LONGEST >= bucket.take("x", clock.seconds() - 1_000_000 + 1)
    assert 0 == bucket.take("x", clock.seconds() - 1_000_000 + 2 * LONGEST)
