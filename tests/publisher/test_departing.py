"""
Accounts that are gone.
"""

import pytest
from twisted.internet.defer import Deferred, ensureDeferred

from pushsvc.enablement import Enablement
from pushsvc.errors import RequestError, TryLater
from pushsvc.event import Event, Occasion
from pushsvc.fields import Fields
from pushsvc.model import Device
from pushsvc.publisher.departing import HEED, Departing
from pushsvc.registrar import Registrar
from tests.delivery.conftest import Withdrawn
from tests.delivery.network import Network, app
from tests.publisher.conftest import JULIET, SERVICE
from tests.support import resultOf

ENABLED = [Enablement(JULIET, SERVICE, node, 1.0, 1.0, form="{}") for node in ("a", "")]


class PushService:
    """
    Services elsewhere, of which the first says what it is told to.
    """

    def __init__(self):
        self.told = []
        self.says = None
        self.waits = None

    async def farewell(self, account, service, node, form):
        if self.waits is not None:
            await self.waits
        self.told.append((account, service, node, form))
        if self.says is not None and len(self.told) == 1:
            raise self.says


@pytest.fixture
def service():
    return PushService()


@pytest.fixture
def registrar(house, clock):
    return Registrar(house.storage.registrations, {"google": app(Network(), "google", kind="fcm")}, Withdrawn(), clock)


@pytest.fixture
def registered(registrar):
    def register(owner):
        fields = Fields({"token": ("t",)})
        return resultOf(registrar.register("push.example.net", owner, Device("phone"), "fcm", fields))

    return register


@pytest.mark.parametrize("says", [None, TryLater(), RequestError(), ZeroDivisionError("juliet")])
def test_TG4_servicesAreTold(service, registrar, clock, says, loggedFailures):
    """
    TG-4: all services of the account are told, once, whatever one of them answers.
    """
    service.says = says

    resultOf(Departing(service, registrar, True, clock).farewell(JULIET, ENABLED))

    assert [(JULIET, SERVICE, "a", "{}"), (JULIET, SERVICE, None, "{}")] == service.told
    assert "juliet" not in "".join(failure.getTraceback() for failure in loggedFailures)
    loggedFailures.clear()


def test_TG4_orNot(service, registrar, clock):
    """
    TG-4: the operator may not want that.
    """
    resultOf(Departing(service, registrar, False, clock).farewell(JULIET, ENABLED))

    assert [] == service.told


def test_MP50_registrationsToo(service, registrar, registered, clock):
    """
    MP-50: what the account has registered with us is forgotten as well, and nobody else's.
    """
    registered(JULIET)
    registered("romeo@example.org")

    resultOf(Departing(service, registrar, True, clock).farewell(JULIET, []))

    assert [] == list(resultOf(registrar.registrations(JULIET)))
    assert 1 == len(resultOf(registrar.registrations("romeo@example.org")))


def test_MP50_whoHasTheNameThen(service, registrar, registered, house, clock):
    """
    MP-50: whoever is given the name of an account that is gone, while its services are still being told, keeps what he
    has enabled and registered by then.
    """
    house.enable("former")
    registered(JULIET)
    service.waits = Deferred()
    departing = Departing(service, registrar, True, clock)
    house.publisher._farewell = departing.farewell
    done = ensureDeferred(house.publisher.happened(Event(Occasion.REMOVED, JULIET)))
    clock.advance(1)

    house.enable("newcomer")
    registered(JULIET)
    service.waits.callback(None)

    assert done.called
    assert ["newcomer"] == [each.node for each in resultOf(house.enablements.ofAccount(JULIET))]
    assert 1 == len(resultOf(registrar.registrations(JULIET)))


def test_TG4_servicesThatDoNotAnswer(service, registrar, registered, house, clock):
    """
    TG-4, MP-50: whoever reported it waits for services that do not answer for a moment only; what is here goes then,
    and they may hear of it all the same.
    """
    house.enable("former")
    registered(JULIET)
    service.waits = Deferred()
    house.publisher._farewell = Departing(service, registrar, True, clock).farewell
    done = ensureDeferred(house.publisher.happened(Event(Occasion.REMOVED, JULIET)))
    assert 1 == len(resultOf(registrar.registrations(JULIET)))

    clock.advance(HEED)

    assert done.called
    assert [] == list(resultOf(registrar.registrations(JULIET)))
    assert [] == list(resultOf(house.enablements.ofAccount(JULIET)))
    service.waits.callback(None)
    assert ["former"] == [node for _, _, node, _ in service.told]
