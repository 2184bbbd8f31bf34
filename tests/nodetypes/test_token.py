"""
Nodes that are devices: fpush's way, with a real delivery behind it.
"""

import pytest

from pushsvc import unregistered
from pushsvc.delivery.limits import Limits
from pushsvc.errors import DeviceForgotten, DeviceGone, NoSuchNode, PreconditionNotMet, TryLater
from pushsvc.hosts import ServedHost
from pushsvc.model import Publish, Target
from pushsvc.nodetrees import tree, virtual
from pushsvc.nodetypes import token
from pushsvc.storage.memory import MemoryStorage
from pushsvc.unregistered import Unregistered
from tests.delivery.conftest import House
from tests.delivery.network import Network, app, says
from tests.support import resultOf

HOST = "push.example.net"
DAY = 86_400
TOKEN = "f25b3a46d7c1e08f"


class TokenHouse(House):
    """
    A house in which it is remembered which devices are gone.
    """

    def another(self, process):
        registrar, self.registrar = self.registrar, Unregistered(self.storage.departures, self.registrar)
        try:
            return super().another(process)
        finally:
            self.registrar = registrar


@pytest.fixture
def makeHouse(clock):
    def make(network=None, **more):
        storage = MemoryStorage(clock)
        storage.open()
        network = network or Network()
        return TokenHouse(clock, storage, network, {"app": app(network)}, **more)

    return make


def hostOf(house, name=HOST):
    types = {"token": token.makeNodeType(house.storage, house.delivery, house.apps)}
    return ServedHost(name, virtual.makeNodeTree(types), types)


@pytest.fixture
def host(house):
    return hostOf(house)


def publish(node=TOKEN, body="hello", **options):
    said = {name: value if isinstance(value, tuple) else (value,) for name, value in options.items()}
    return Publish(HOST, node, "example.org", (says(body),), said)


def test_R9_theNodeIsTheToken(house, host):
    """
    R-9: A publish goes to the device whose token is the node's name; nobody has registered it.
    """
    resultOf(host.publish(publish()))

    (sent,) = house.network.sent
    assert (TOKEN, "app") == (sent.target.token, sent.target.app)


def test_R9_pushModule(house, host):
    """
    R-9: The option ``pushModule`` names the app; without it, it is the default. There has to be one of the two.
    """
    house.apps["other"] = app(house.network, "other")
    with pytest.raises(PreconditionNotMet):
        resultOf(host.publish(publish()))

    resultOf(host.publish(publish(pushModule="other")))
    house.apps["app"] = app(house.network, default=True)
    resultOf(host.publish(publish()))

    assert ["other", "app"] == [sent.target.app for sent in house.network.sent]


@pytest.mark.parametrize("named", ["nobodys", "elsewhere", ("app", "app"), ("app", "other")])
def test_R9_noSuchModule(house, host, named):
    """
    R-9: An app that is not there, or is another host's, or is said twice, is a precondition that is not met.
    """
    house.apps["elsewhere"] = app(house.network, "elsewhere", pubsubHost="other.example.net")

    with pytest.raises(PreconditionNotMet):
        resultOf(host.publish(publish(pushModule=named)))
    assert [] == house.network.sent


def test_R12_unknownOptions(house, host):
    """
    R-12: Options that nobody here knows are passed over, also a secret, and empty ones.
    """
    resultOf(host.publish(publish(secret="s", endpoint="https://example.org", sandbox=("1", "2"), pushModule="")))

    assert [TOKEN] == house.network.tokens


def test_R9_appsThatComeLater(house, host):
    """
    R-9: Apps are those of now: what a reload changes counts at once.
    """
    other = Network()
    house.apps["app"] = app(other)

    resultOf(host.publish(publish()))

    assert [TOKEN] == other.tokens


def test_impossibleTokens(house, host):
    """
    What cannot be a token of the app's network is no node.
    """
    with pytest.raises(NoSuchNode):
        resultOf(host.publish(publish("impossible")))


def test_aDeviceThatIsGone(house, host, clock):
    """
    A device of which its network says that it is gone is no node any more: that is the answer to the next publish, and
    the network is not asked again; for a day.
    """
    house.network.answers.append(DeviceGone())
    resultOf(host.publish(publish()))

    with pytest.raises(DeviceForgotten) as refused:
        resultOf(host.publish(publish()))

    assert isinstance(refused.value, NoSuchNode)
    assert TOKEN not in str(refused.value)
    assert 1 == len(house.network.sent)
    assert house.waiting is None
    resultOf(host.publish(publish("another")))
    clock.advance(DAY)
    resultOf(host.publish(publish()))
    assert [TOKEN, "another", TOKEN] == house.network.tokens


def test_aDeviceThatIsGoneAgain(house, host, clock):
    """
    When the network says so again, it is believed for longer.
    """
    for wait in (DAY, 5 * DAY):
        house.network.answers.append(DeviceGone())
        resultOf(host.publish(publish()))
        clock.advance(wait - 1)
        with pytest.raises(DeviceForgotten):
            resultOf(host.publish(publish()))
        clock.advance(1)

    assert 2 == len(house.network.sent)


def test_goneForOneApp(house, host):
    """
    A token that one app's network does not know another's may.
    """
    house.apps["other"] = app(house.network, "other")
    house.network.answers.append(DeviceGone())
    resultOf(host.publish(publish(pushModule="app")))

    resultOf(host.publish(publish(pushModule="other")))

    assert ["app", "other"] == [sent.target.app for sent in house.network.sent]


def test_storageTroubleIsTemporary(house, host):
    """
    When the storage fails nobody is told that the device is gone.
    """
    resultOf(house.storage.close())

    with pytest.raises(TryLater):
        resultOf(host.publish(publish()))


def test_tooMuchForOneDevice(makeHouse, clock):
    """
    What is published to one device too fast is accepted, and merged: the device gets the newest when its turn comes.
    """
    house = makeHouse(limits=Limits((1.0, 2), None, None))
    host = hostOf(house)

    for number in range(10):
        resultOf(host.publish(publish(body=str(number))))

    assert ["0", "1"] == house.network.bodies
    clock.advance(2)
    assert ["0", "1", "9"] == house.network.bodies


def test_noTokensOnATree(house):
    """
    Devices are not created: the type is refused where nodes have to be.
    """
    types = {"token": token.makeNodeType(house.storage, house.delivery, house.apps)}

    with pytest.raises(ValueError, match="virtual"):
        tree.makeNodeTree(types, house.storage, lambda creator: 1)


def test_departuresAreBounded(house):
    """
    However many devices are gone, so many are remembered.
    """
    departs = Unregistered(house.storage.departures, house.registrar)
    for number in range(unregistered.HANDFUL + 1):
        resultOf(departs.gone(Target(f"token-{number}", "app", "t"), None))

    assert unregistered.HANDFUL + 1 == resultOf(house.storage.departures.trim(0))


def test_strangersDoNotKeepRegisteredDevices(house, host):
    """
    However many tokens somebody makes up that no network knows, what is registered is forgotten when it is gone; and
    when most of them are, those that he made up are not remembered: it may be our configuration that is wrong.
    """
    for number in range(30):
        house.network.answers.append(DeviceGone())
        resultOf(host.publish(publish(f"made-up-{number}")))
    registration = house.registered()
    house.network.answers.append(DeviceGone())

    house.accept(says("x"), registration.target)

    assert resultOf(house.storage.registrations.byNode("node")) is None
    resultOf(host.publish(publish("made-up-29")))


def test_registrationsAreForgottenAsEver(house):
    """
    What is registered is no concern of this: it is forgotten by whoever keeps it.
    """
    registration = house.registered()
    departs = Unregistered(house.storage.departures, house.registrar)

    assert resultOf(departs.gone(registration.target, None)) is None

    assert resultOf(house.storage.registrations.byNode("node")) is None
    assert not resultOf(house.storage.departures.isGone("node"))
