"""
Credentials when the service starts.
"""

from dataclasses import dataclass, field

import pytest
from twisted.internet.defer import Deferred

from pushsvc.credentials import Credentials
from pushsvc.errors import ProviderDown, ProviderRefused
from tests.delivery.conftest import makeHouse
from tests.delivery.network import Network, app, says
from tests.support import resultOf

__all__ = ["makeHouse"]


@dataclass
class Asked(Network):
    """
    A network that answers the question about credentials as the test says.
    """

    said: object = None

    async def check(self):
        if isinstance(self.said, Deferred):
            await self.said
        if isinstance(self.said, Exception):
            raise self.said


@dataclass
class House:
    """
    Two apps, and whoever is told that one of them is refused.
    """

    networks: dict[str, Asked] = field(default_factory=lambda: {"one": Asked(), "two": Asked()})
    refused: list[tuple[str, str]] = field(default_factory=list)

    def start(self) -> Credentials:
        self.apps = {name: app(network, name) for name, network in self.networks.items()}
        credentials = Credentials(self.apps, lambda name, error: self.refused.append((name, str(error))))
        credentials.startService()
        return credentials


def test_refusedCredentialsAreTold():
    """
    Credentials that a network does not take are told when the service starts, not when the first push fails.
    """
    house = House()
    house.networks["two"].said = ProviderRefused("expired")

    house.start()

    assert [("two", "expired")] == house.refused


@pytest.mark.parametrize("trouble", [ProviderDown("no answer"), Deferred()])
def test_aNetworkThatIsDownKeepsNobody(trouble, logEvents):
    """
    A network that is down, or silent, keeps neither the service from starting nor other apps from being asked about.
    """
    house = House()
    house.networks["one"].said = trouble
    house.networks["two"].said = ProviderRefused("expired")

    house.start()

    assert [("two", "expired")] == house.refused
    told = [event for event in logEvents if event.get("app") == "one"]
    assert len(told) == isinstance(trouble, Exception)


def test_aBugInAProviderIsNoOthers(loggedFailures):
    """
    A provider that fails as none may keeps no other app from being asked about, and its text is not repeated.
    """
    house = House()
    house.networks["one"].said = ZeroDivisionError("secret")
    house.networks["two"].said = ProviderRefused("expired")

    house.start()

    assert [("two", "expired")] == house.refused
    assert ["ZeroDivisionError"] == [str(failure.value) for failure in loggedFailures]
    loggedFailures.clear()


def test_whoStopsWaitsForNobody(logEvents):
    """
    A service that stops does not wait for answers, nor tell of them.
    """
    house = House()
    house.networks["one"].said = Deferred(lambda _: house.networks["one"].said.errback(ProviderDown("given up")))
    credentials = house.start()

    credentials.stopService()

    assert [] == house.refused
    assert [] == [event for event in logEvents if event.get("app") == "one"]


def test_anAppThatWasRenewedMeanwhile():
    """
    What is said of credentials that were renewed meanwhile concerns nobody any more.
    """
    house = House()
    answer = Deferred()
    house.networks["one"].said = answer
    house.start()

    house.apps["one"] = app(Asked(), "one")
    answer.errback(ProviderRefused("expired"))

    assert [] == house.refused


def test_pushesTellTheRest(makeHouse, clock):
    """
    An alarm that was raised at the start ends when the network takes a push.
    """
    house = makeHouse()
    house.attempts.refused("app", ProviderRefused("expired"))
    assert [("app", "refused")] == list(house.attempts.alarms)

    house.accept(says("hello"))

    assert [] == list(house.attempts.alarms)
    resultOf(house.delivery.stopService())
