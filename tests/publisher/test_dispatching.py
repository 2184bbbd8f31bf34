"""
Where what a service is to be told goes.
"""

from dataclasses import dataclass, field, replace

import pytest
from zope.interface import implementer
from zope.interface.verify import verifyObject

from pushsvc.enablement import Enablement
from pushsvc.event import Occasion
from pushsvc.ipushsvc import IDelivery, IVerdicts
from pushsvc.model import SECRETS_KEPT, Device, Notification, Priority, Target, Waiting
from pushsvc.publisher.dispatching import APP, Dispatching
from pushsvc.publisher.verdicts import Verdicts
from pushsvc.publisher.virtual import VirtualHosts
from pushsvc.registrar import Registrar
from tests.delivery.conftest import Withdrawn
from tests.delivery.network import Network, app
from tests.publisher.conftest import JULIET, SERVICE, House
from tests.support import resultOf

VIRTUAL = "virtual.example.org"
HIGH = Notification(priority=Priority.HIGH)


@implementer(IDelivery)
@dataclass
class Accepting:
    """
    A delivery that remembers what it accepted.
    """

    accepted: list[tuple[Target, Notification]] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)

    async def accept(self, target, notification, publisher="", account=""):
        self.accepted.append((target, notification))
        self.accounts.append(account)


@pytest.fixture
def apps():
    return {
        "google": app(Network(), "google", kind="fcm"),
        "apple": app(Network(), "apple", kind="apns"),
    }


@pytest.fixture
def delivery():
    return Accepting()


@pytest.fixture
def registrar(house, apps, clock):
    return Registrar(house.storage.registrations, apps, Withdrawn(), clock)


@pytest.fixture
def refused():
    return []


@pytest.fixture
def dispatching(house, delivery, apps, refused):
    async def isRefused(enablement):
        refused.append(enablement)

    return Dispatching(delivery, house.storage.registrations, apps, VirtualHosts(["virtual.@HOST@"]), isRefused)


def enablement(service=SERVICE, node="n", **more):
    return Enablement(JULIET, service, node, 1.0, 1.0, **more)


def dispatch(dispatching, service, notification=HIGH):
    resultOf(dispatching.dispatch(service, notification))


def test_elsewhere(dispatching, delivery):
    """
    A service elsewhere is a target whose network is XMPP. Its options, and the secret among them, stay where they are.
    """
    service = enablement(form='{"type":"submit","fields":[]}')

    dispatch(dispatching, service)

    ((target, notification),) = delivery.accepted
    assert (APP, service.key) == (target.app, target.key)
    assert service.form not in target.details.values()
    assert (JULIET, SERVICE, "n") == tuple(
        target.details[f"enabled-{name}"] for name in ("account", "service", "node")
    )
    assert Priority.NORMAL is notification.priority
    assert JULIET not in repr(target)


def test_PR32_priorityWhereItIsAskedFor(dispatching, delivery):
    """
    PR-32: how urgent it is, services are told where their clients ask for it.
    """
    dispatch(dispatching, enablement(extras={"priority": ""}))

    assert HIGH == delivery.accepted[0][1]


def register(registrar, owner=JULIET, device="phone", token="t"):
    from pushsvc.fields import Fields

    return resultOf(
        registrar.register("push.example.net", owner, Device(device), "fcm", Fields({"token": (token,)}))
    )


def test_MP42_ownRegistrations(dispatching, delivery, registrar):
    """
    MP-42, MIM-31: what is enabled at a virtual host is served in process: a registration of ours as any publish.
    """
    given = register(registrar)

    dispatch(dispatching, enablement(VIRTUAL, given.node, options={"secret": (given.secret,)}))

    ((target, notification),) = delivery.accepted
    assert ("google", given.node, "t") == (target.app, target.key, target.token)
    assert HIGH == notification
    # As any publish, it counts against what the account may.
    assert [JULIET] == delivery.accounts


@pytest.mark.parametrize("wrong", [{"secret": ("guessed",)}, {}])
def test_MP62_theSecretIsLookedAt(dispatching, delivery, registrar, logEvents, wrong, refused):
    """
    MP-62: who does not know the secret is not served; that counts, as refusals elsewhere do. The log does not say who,
    nor does it each time.
    """
    given = register(registrar)

    for _ in range(100):
        dispatch(dispatching, enablement(VIRTUAL, given.node, options=wrong))

    assert [] == delivery.accepted
    assert 100 == len(refused)
    assert len(logEvents) < 10
    assert JULIET not in repr(logEvents) and given.node not in repr(logEvents)


def test_MP62_severalSecrets(dispatching, delivery, registrar):
    """
    MP-62, R6: several secrets are as good as none.
    """
    given = register(registrar)

    dispatch(dispatching, enablement(VIRTUAL, given.node, options={"secret": (given.secret, "x")}))

    assert [] == delivery.accepted


def test_MP42_theSecretInUseIsKept(dispatching, delivery, registrar):
    """
    MP-42: a secret that is in use stays good, however often the device registers without enabling again.
    """
    register(registrar)
    used = register(registrar)
    service = enablement(VIRTUAL, used.node, options={"secret": (used.secret,)})

    for _ in range(2 * SECRETS_KEPT):
        dispatch(dispatching, service)
        register(registrar)

    assert 2 * SECRETS_KEPT == len(delivery.accepted)


def test_MP62_othersRegistrations(dispatching, delivery, registrar):
    """
    MP-62: nor is whose registration it is not.
    """
    given = register(registrar, "romeo@example.org")

    dispatch(dispatching, enablement(VIRTUAL, given.node, options={"secret": (given.secret,)}))

    assert [] == delivery.accepted


def test_MIM31_devicesInOptions(dispatching, delivery):
    """
    MIM-31, R15: at a virtual host the options may name the device.
    """
    service = enablement(VIRTUAL, options={"service": ("apns",), "device_id": ("t",)})

    dispatch(dispatching, service)

    ((target, _),) = delivery.accepted
    assert ("apple", "t", service.key) == (target.app, target.token, target.key)


def test_MIM33_virtualForItsOwnAccountsOnly(dispatching, delivery):
    """
    MIM-33: the same name is a service like any other for accounts of other domains.
    """
    service = replace(enablement(VIRTUAL), account="juliet@example.com")

    dispatch(dispatching, service)

    assert APP == delivery.accepted[0][0].app


def test_MIM31_gone(dispatching, delivery, house, registrar):
    """
    MIM-31: of a device that is gone the enablement goes, unless it was enabled again since.
    """
    verdicts = Verdicts(house.enablements, registrar)
    assert verifyObject(IVerdicts, verdicts)
    service = enablement(VIRTUAL, options={"service": ("apns",), "device_id": ("t",)})
    resultOf(house.enablements.enable(service, 5))
    dispatch(dispatching, service)
    ((target, _),) = delivery.accepted

    assert target == resultOf(verdicts.gone(target, 0.5))
    assert [service] == list(resultOf(house.enablements.ofAccount(JULIET)))
    assert resultOf(verdicts.gone(target, None)) is None
    assert [] == list(resultOf(house.enablements.ofAccount(JULIET)))


def test_MIM31_anotherDeviceSince(dispatching, delivery, house, registrar):
    """
    MIM-31: the end of one device is not that of another one that was enabled in its place meanwhile, though the network
    does not say since when it is gone.
    """
    verdicts = Verdicts(house.enablements, registrar)
    old = enablement(VIRTUAL, options={"service": ("apns",), "device_id": ("t",)})
    new = replace(old, enabled=2.0, options={"service": ("apns",), "device_id": ("new",)})
    resultOf(house.enablements.enable(old, 5))
    dispatch(dispatching, old)
    ((target, _),) = delivery.accepted
    resultOf(house.enablements.enable(new, 5))

    assert resultOf(verdicts.gone(target, None)) is not None

    assert [new] == list(resultOf(house.enablements.ofAccount(JULIET)))


def test_TG4_handedOn(dispatching, registrar):
    """
    TG-4: what was handed on to a device that is registered here waits under that device's key: it is known which, of
    the account's own devices, wherever the service is said to be.
    """
    given, others = register(registrar), register(registrar, "romeo@example.org")
    nodes = (given.node, others.node, "unknown", "")

    handedOn = resultOf(dispatching.handedOn([enablement(VIRTUAL, node) for node in nodes]))

    assert [given.node] == handedOn
    assert handedOn == resultOf(dispatching.handedOn([enablement(node=given.node)]))


@pytest.mark.parametrize("occasion", [Occasion.RESUMED, Occasion.READ, None])
def test_TG4_whoIsBackIsNotWokenByHisDevice(clock, dispatching, delivery, registrar, says, occasion):
    """
    TG-4, MP-43: a push that a virtual host has handed on to a registration of ours wakes nobody any more who is back,
    has read it elsewhere, or enables the service again.
    """
    given = register(registrar)
    theirs = House(clock, handedOn=dispatching.handedOn)
    theirs.publisher._informing._dispatch = dispatching.dispatch
    secret = {"secret": (given.secret,)}

    def enable(session):
        now = clock.seconds()
        resultOf(
            theirs.publisher.enable(Enablement(JULIET, VIRTUAL, given.node, now, now, options=secret, session=session))
        )

    enable("phone")
    theirs.happens(Occasion.OFFLINE, says.message())
    ((target, notification),) = delivery.accepted
    now = clock.seconds()
    waiting = Waiting(target, notification, "push", "lane", expires=now + 60.0, due=now)
    resultOf(theirs.storage.outbox.put(waiting, 0.0))
    clock.advance(1)

    if occasion is None:
        enable("phone anew")
    else:
        theirs.happens(occasion, session="phone")

    assert [] == list(resultOf(theirs.storage.outbox.claim("me", clock.seconds(), 0.0, 99)))


def test_TG4_otherDevicesSleepOn(clock, dispatching, delivery, registrar, says):
    """
    TG-4: whoever is back on one device is not back on the others: what was handed on to those goes on to wait.
    """
    theirs = House(clock, handedOn=dispatching.handedOn)
    theirs.publisher._informing._dispatch = dispatching.dispatch
    for device in ("phone", "tablet"):
        given, now = register(registrar, device=device, token=device), clock.seconds()
        secret = {"secret": (given.secret,)}
        enabled = Enablement(JULIET, VIRTUAL, given.node, now, now, options=secret, session=device)
        resultOf(theirs.publisher.enable(enabled))
    theirs.happens(Occasion.OFFLINE, says.message())
    for target, notification in delivery.accepted:
        now = clock.seconds()
        waiting = Waiting(target, notification, f"push {target.token}", "lane", expires=now + 60.0, due=now)
        resultOf(theirs.storage.outbox.put(waiting, 0.0))
    clock.advance(1)

    theirs.happens(Occasion.RESUMED, session="phone")

    left = resultOf(theirs.storage.outbox.claim("me", clock.seconds(), 0.0, 99))
    assert ["tablet"] == [each.target.token for each in left]


def test_goneRegistrations(house, registrar):
    """
    Of registrations it is the registrar that learns.
    """
    given = register(registrar)
    (kept,) = resultOf(registrar.registrations(JULIET))

    assert resultOf(Verdicts(house.enablements, registrar).gone(kept.target, None)) is None
    assert [] == list(resultOf(registrar.registrations(JULIET)))
    assert given.node == kept.node
