"""
The publisher as a configuration describes it, with a link that does as it is told.
"""

import sys
from types import ModuleType

import pytest
from twisted.internet.defer import ensureDeferred
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock
from wokkel.generic import parseXml
from zope.interface import implementer

from pushsvc.config import ConfigurationError, read
from pushsvc.enablement import Account, Enablement
from pushsvc.event import Event, Occasion, Stanza
from pushsvc.ipushsvc import ILink
from pushsvc.tap import compose
from pushsvc.wire.replies import resultReply
from pushsvc.xmpp.voices import GRACE
from tests.support import resultOf

JULIET, SERVICE, HOST = "juliet@example.net", "push.example.org", "push.example.net"
FORM = '{"type":"submit","fields":[["secret",null,null,["%s"]]]}'


@implementer(ILink)
class Link:
    """
    Keeps what leaves.
    """

    def __init__(self):
        self.sent = []
        self.isUp = True
        self.handlers = []

    def setServiceParent(self, parent):
        pass

    def startService(self):
        pass

    def stopService(self):
        pass

    def serves(self, host):
        return host == HOST

    def send(self, stanza):
        self.sent.append(stanza)

    async def reload(self):
        pass

    def trouble(self):
        return None if self.isUp else "it is down"

    def addHandlers(self, handlers):
        self.handlers = handlers

    def answer(self, iq, error=None):
        """
        Let the service answer.
        """
        reply = resultReply(iq)
        if error is not None:
            reply["type"] = "error"
            reply.addRawXml(
                f"<error type='{error[0]}'><{error[1]} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
            )
        reply = parseXml(reply.toXml().encode())
        assert any(handler.take(reply) for handler in self.handlers if hasattr(handler, "take"))


class House:
    """
    Its service, with delivery and publisher started.
    """

    def __init__(self, more="", publishFrom="component"):
        self.clock: Clock = MemoryReactorClock()
        self.link = Link()
        configuration = read(
            f'[storage]\nurl = "memory:"\n[hosts."{HOST}"]\n[apps.trial]\nprovider = "demo"\n'
            f'[publisher]\ndomains = ["example.net"]\npublish-from = "{publishFrom}"\n{more}'
        )
        self.composition = compose(configuration, self.clock, embedded=[self.link])
        self.storage, self.publisher = self.composition.storage, self.composition.publisher
        self.storage.open()
        self.composition.service.getServiceNamed("delivery").startService()

    def enable(self, node="n", secret="s", **more):
        now = self.clock.seconds()
        enablement = Enablement(JULIET, SERVICE, node, now, now, form=FORM % secret, **more)
        resultOf(self.publisher.enable(enablement))

    def happens(self, occasion=Occasion.OFFLINE, **more):
        stanza = Stanza("message", "chat", "romeo@example.org/x", body="Hi")
        stanzas = (stanza,) if occasion is Occasion.OFFLINE else ()
        resultOf(self.publisher.happened(Event(occasion, JULIET, stanzas=stanzas, **more)))

    @property
    def known(self):
        return resultOf(self.storage.enablements.ofAccount(JULIET))


@pytest.fixture
def house():
    return House()


def test_MIM29_MP63_whatIsPublished(house):
    """
    MIM-29, MP-63, PR-12: one IQ with an id of its own, a summary as a form, and the options as the client wrote them.
    """
    house.enable()

    house.happens()

    (iq,) = house.link.sent
    assert ("set", HOST, SERVICE, "n") == (iq["type"], iq["from"], iq["to"], iq.pubsub.publish["node"])
    assert iq["id"] and "urn:xmpp:push:summary" in iq.pubsub.publish.toXml()
    options = iq.pubsub.toXml()
    assert "publish-options" in options and "<value>s</value>" in options


def test_0357_16_disabledWhileInFlight(house):
    """
    0357-16: what is disabled while the service is slow is told nothing more, whatever waits.
    """
    house.enable()
    house.happens()
    house.happens()
    (iq,) = house.link.sent
    resultOf(house.publisher.disable(JULIET, SERVICE))

    house.link.answer(iq, ("wait", "internal-server-error"))
    house.clock.pump([10] * 30)

    assert [iq] == house.link.sent


def test_0357_14_enabledAnewWhileInFlight(house):
    """
    0357-14: what was enabled anew while something waited is told it with the new options; refusals of what was before
    do not count.
    """
    house = House("max-errors = 1\n")
    house.enable(secret="old")
    house.happens()
    house.happens()
    (old,) = house.link.sent
    house.clock.advance(1)
    house.enable(secret="new")
    house.happens()

    house.link.answer(old, ("auth", "forbidden"))
    house.clock.pump([10] * 3)

    assert (0, None) == (house.known[0].failures, house.known[0].suspended)
    assert "<value>new</value>" in house.link.sent[-1].toXml()


@pytest.mark.parametrize(
    "error, counts",
    [
        (("cancel", "item-not-found"), 1),
        (("auth", "forbidden"), 1),
        (("modify", "bad-request"), 1),
        (("wait", "internal-server-error"), 0),
        (("wait", "recipient-unavailable"), 0),
        (("cancel", "remote-server-not-found"), 0),
    ],
)
def test_EJ7_whatCounts(house, error, counts):
    """
    EJ-7, PR-27, TG-3, MIM-30: no single answer ends an enablement; what asks to wait, and where there is no way, does
    not even count.
    """
    house.enable()
    house.happens()

    house.link.answer(house.link.sent[0], error)

    assert [counts] == [each.failures for each in house.known]


def test_EJ7_noAnswer(house):
    """
    EJ-7: who does not answer is asked again, and nothing counts.
    """
    house.enable()
    house.happens()

    house.clock.pump([1] * 60)

    assert 1 < len(house.link.sent)
    assert [0] == [each.failures for each in house.known]


def test_onProbationWhatWaitsIsNotTold():
    """
    A service on probation is tried once, whatever else waits for it; and once a day from then on.
    """
    house = House("max-errors = 1\n")
    house.enable()
    house.happens()
    house.happens()
    house.link.answer(house.link.sent[0], ("auth", "forbidden"))
    house.happens()
    house.clock.pump([10] * 10)
    assert 1 == len(house.link.sent)

    for day in (2, 3):
        house.clock.advance(86_400)
        house.happens()
        house.happens()
        assert day == len(house.link.sent)
        house.link.answer(house.link.sent[-1], ("auth", "forbidden"))
        house.clock.pump([10] * 10)
        assert day == len(house.link.sent)


def test_nothingAsTheWrongOne():
    """
    0356-1: after a start nothing is published before the server has had time to say in whose name that may be.
    """
    house = House(publishFrom="privileged")
    house.enable()
    house.happens()
    assert [] == house.link.sent

    house.clock.pump([1] * int(GRACE + 5))

    (iq,) = house.link.sent
    assert HOST == iq["from"]
    assert [0] == [each.failures for each in house.known]


@pytest.mark.parametrize("tells", [True, False])
def test_TG4_removed(tells):
    """
    TG-4, MP-50: the services of an account that is gone are told, unless the operator does not want that; and nothing
    of it stays.
    """
    house = House(f"tell-removed = {str(tells).lower()}\n")
    house.enable()
    done = ensureDeferred(house.publisher.happened(Event(Occasion.REMOVED, JULIET)))
    for iq in list(house.link.sent):
        assert "account-removed" in iq.toXml()
        house.link.answer(iq)

    assert tells == bool(house.link.sent)
    assert resultOf(done) is None
    assert Account() == resultOf(house.storage.enablements.account(JULIET))


def test_MP64_wokenOnceLinksAreUp():
    """
    MP-64: after a start everybody for whom something waits is told once, when the link is up; unless that is switched
    off.
    """
    for wakes in (True, False):
        house = House(f"wake-on-start = {str(wakes).lower()}\n")
        house.enable()
        house.happens()
        house.link.answer(house.link.sent.pop())
        house.link.isUp = False
        service = house.composition.service
        part = next(each for each in service if type(each).__name__ == "PublisherService")

        part.startService()
        house.clock.pump([1] * 30)
        assert [] == house.link.sent
        house.link.isUp = True
        house.clock.pump([1] * 10)

        assert wakes == bool(house.link.sent)
        for iq in house.link.sent:
            house.link.answer(iq)
        resultOf(part.stopService())


def test_stoppedBeforeAnybodyIsWoken():
    """
    Who stops before links are up wakes nobody, and waits for nothing.
    """
    house = House()
    house.link.isUp = False
    part = next(each for each in house.composition.service if type(each).__name__ == "PublisherService")
    part.startService()

    assert resultOf(part.stopService()) is None


def test_MIM35_noSuchPolicy():
    """
    MIM-35: a policy that there is not is an error at the start.
    """
    with pytest.raises(ConfigurationError, match=r"publisher.policies: there is no 'defualt'.*'default'"):
        House('policies = ["defualt"]\n')
    with pytest.raises(ConfigurationError, match=r"publisher\.policies"):
        House('policies = ["no.such.module"]\n')


@pytest.fixture
def module(monkeypatch):
    made = ModuleType("tests_policy")
    monkeypatch.setitem(sys.modules, "tests_policy", made)
    package = ModuleType("tests_policies")
    package.__path__ = []
    monkeypatch.setitem(sys.modules, "tests_policies", package)
    monkeypatch.setitem(sys.modules, "tests_policies.mine", made)
    return made


def test_MIM34_byDottedName(module):
    """
    MIM-34: a policy is found by a dotted name, be it of the older shape.
    """
    asked = []
    module.should_publish = lambda sender, account, packet: asked.append(packet.body)
    house = House('policies = ["tests_policies.mine", "default"]\n')
    house.enable()

    house.happens()

    assert ["Hi"] == asked
    assert [] == house.link.sent
