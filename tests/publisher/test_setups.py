"""
The five ways to set the publisher up, each with a server in the process (docs/howto/publisher.md).
"""

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.words.protocols.jabber.component import Router
from wokkel.component import InternalComponent
from wokkel.subprotocols import XMPPHandler

from pushsvc.config import read
from pushsvc.enablement import Enablement
from pushsvc.event import Event, Occasion, Stanza
from pushsvc.links.embedded import EmbeddedLink
from pushsvc.tap import compose
from pushsvc.wire.replies import resultReply

JULIET = "juliet@example.net"
MINE, THEIRS, OLD, VIRTUAL = "push.example.net", "push.example.org", "pubsub.example.net", "virtual.example.net"
CONFIGURATION = """
[storage]
url = "memory:"

[hosts."push.example.net"]

[apps.chatninja]
provider = "demo"

[publisher]
domains = ["example.net"]
publish-from = "component"
"""
DEVICE = {"service": ("demo",), "device_id": ("t",)}


class Elsewhere(XMPPHandler):
    """
    A push service that is nobody's affair here: it takes what is published.
    """

    def __init__(self):
        super().__init__()
        self.published = []
        self.awaited = None

    def connectionInitialized(self):
        self.xmlstream.addObserver("/iq[@type='set']", self.onPublish)

    def onPublish(self, iq):
        self.published.append(iq)
        self.send(resultReply(iq))
        if self.awaited is not None:
            awaited, self.awaited = self.awaited, None
            awaited.callback(iq)


class Setup:
    """
    A server with accounts at example.net, and push services elsewhere.
    """

    def __init__(self, virtual):
        from twisted.internet import reactor

        router = Router()
        lines = f"virtual-pubsub-hosts = {virtual}\n"
        link = EmbeddedLink(router, ["example.net", MINE])
        self.composition = compose(read(CONFIGURATION + lines), reactor, embedded=[link])
        self.demo = self.composition.apps["chatninja"].provider
        self.elsewhere = {}
        for domain in (THEIRS, OLD):
            component = InternalComponent(router, domain)
            self.elsewhere[domain] = Elsewhere()
            self.elsewhere[domain].setHandlerParent(component)
            component.setServiceParent(self.composition.service)
        self.composition.service.startService()

    async def enable(self, service, node="n", options=None):
        enablement = Enablement(JULIET, service, node, 1.0, 1.0, options=options or {})
        await self.composition.publisher.enable(enablement)

    async def told(self):
        """
        A message comes; which of demo and the services elsewhere are told of it first.
        """
        where = Deferred()
        demo = self.demo.awaitDelivery()
        demo.addCallback(lambda _: where.called or where.callback("demo"))
        for domain, service in self.elsewhere.items():
            service.awaited = Deferred()
            service.awaited.addCallback(lambda _, domain=domain: where.called or where.callback(domain))
        stanza = Stanza("message", "chat", "romeo@example.org/orchard", body="Hi")
        await self.composition.publisher.happened(Event(Occasion.OFFLINE, JULIET, stanzas=(stanza,)))
        return await where


@pytest.fixture
def setUp():
    made = []

    def make(*virtual):
        made.append(Setup([*virtual]))
        return made[-1]

    yield make
    for each in made:
        pytest_twisted.blockon(each.composition.service.stopService())


@pytest_twisted.ensureDeferred
async def test_onePushsvcForBothHalves(setUp):
    """
    Local pubsub: what is enabled at our own push service comes by way of the server, and wakes the device.
    """
    from pushsvc.fields import Fields
    from pushsvc.model import Device

    setup = setUp()
    dialect = setup.composition.hosts[MINE].dialects[0]
    given = await dialect._registrar.register(MINE, JULIET, Device("phone"), "demo", Fields({"token": ("t",)}))
    form = (
        '{"type":"submit","fields":[["FORM_TYPE","hidden",null,'
        f'["http://jabber.org/protocol/pubsub#publish-options"]],["secret",null,null,["{given.secret}"]]]}}'
    )
    await setup.composition.publisher.enable(Enablement(JULIET, MINE, given.node, 1.0, 1.0, form=form))

    assert "demo" == await setup.told()
    assert "t" == setup.demo.delivered[-1].target.token


@pytest_twisted.ensureDeferred
async def test_MP35_unregisteredHere(setUp):
    """
    MP-35, MP-36: what is unregistered at our own push service is not enabled any more: the service says so to the
    account, and the publisher hears it.
    """
    from pushsvc.fields import Fields
    from pushsvc.model import Device

    setup = setUp()
    registrar = setup.composition.hosts[MINE].dialects[0]._registrar
    given = await registrar.register(MINE, JULIET, Device("phone"), "demo", Fields({"token": ("t",)}))
    await setup.enable(MINE, given.node)
    await setup.enable(THEIRS)

    await registrar.unregister(JULIET, "phone")

    assert [THEIRS] == [each.service for each in await setup.composition.storage.enablements.ofAccount(JULIET)]


@pytest_twisted.ensureDeferred
async def test_pushServicesElsewhere(setUp):
    """
    Remote pubsub: what is enabled elsewhere is published there, and nowhere else.
    """
    setup = setUp()
    await setup.enable(THEIRS, "theirs")

    assert THEIRS == await setup.told()
    (iq,) = setup.elsewhere[THEIRS].published
    assert ("theirs", MINE) == (iq.pubsub.publish["node"], iq["from"])
    assert not setup.demo.delivered


@pytest_twisted.ensureDeferred
async def test_MIM31_privateOnly(setUp):
    """
    MIM-31: virtual hosts only: no stanza leaves.
    """
    setup = setUp("virtual.@HOST@")
    await setup.enable(VIRTUAL, options=DEVICE)

    assert "demo" == await setup.told()
    assert not any(service.published for service in setup.elsewhere.values())


@pytest_twisted.ensureDeferred
async def test_both(setUp):
    """
    Virtual and real ones side by side: each is told in its own way.
    """
    setup = setUp("virtual.@HOST@")
    await setup.enable(VIRTUAL, options=DEVICE)
    assert "demo" == await setup.told()

    await setup.composition.publisher.disable(JULIET, VIRTUAL)
    await setup.enable(THEIRS)
    assert THEIRS == await setup.told()


@pytest_twisted.ensureDeferred
async def test_MIM32_migration(setUp):
    """
    MIM-32: the name of a pubsub service that is there becomes virtual: for pushes it comes first.
    """
    before, after = setUp(), setUp("virtual.@HOST@", OLD)
    for setup in (before, after):
        await setup.enable(OLD, options=DEVICE)

    assert OLD == await before.told()
    assert "demo" == await after.told()
    assert not after.elsewhere[OLD].published
