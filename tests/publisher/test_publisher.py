"""
What happens to accounts, and what push services are told of it.
"""

from dataclasses import replace

from twisted.internet.defer import Deferred
from zope.interface.verify import verifyObject

from pushsvc.enablement import ContentOptions, Enablement
from pushsvc.event import Occasion
from pushsvc.ipushsvc import IPublisher
from pushsvc.model import Kind, Notification, Priority, Summary
from pushsvc.publisher.batches import COLLECTED
from tests.publisher.conftest import JULIET, SERVICE, House
from tests.support import resultOf

EVERYTHING = ContentOptions(True, True, True, True)


def test_interface(house):
    """
    It is an IPublisher.
    """
    assert verifyObject(IPublisher, house.publisher)


def test_0357_16_nobodyEnabledAnything(house, says):
    """
    0357-16: who has enabled nothing has nobody told, and so have accounts of other domains.
    """
    house.happens(Occasion.OFFLINE, says.message())
    house.enable()
    house.happens(Occasion.OFFLINE, says.message(), account="juliet@example.com")

    assert [] == house.told


def test_PR17_offline(house, says):
    """
    PR-17: what is put aside for an account is told to all its services, and to those only that are enabled.
    """
    house.enable("phone")
    house.enable("tablet", "tablet")
    house.enable("old", "old")
    resultOf(house.publisher.disable(JULIET, SERVICE, "old"))

    house.happens(Occasion.OFFLINE, says.message())

    assert ["phone", "tablet"] == house.nodes
    expected = Notification(Kind.MESSAGE, Priority.HIGH, Summary(messageCount=1, lastMessageBody="New message"))
    assert expected == house.latest


def test_PR18_groupchat(house, says):
    """
    PR-18: what a room sends to the account is told to all its services.
    """
    house.enable("phone")
    house.enable("tablet", "tablet")

    house.happens(Occasion.GROUPCHAT, says.message(type="groupchat"))

    assert ["phone", "tablet"] == house.nodes


def test_EJ9_expiry(clock, says):
    """
    EJ-9: what was not enabled again for so long is told nothing, even before it is forgotten.
    """
    house = House(clock)
    house.enabling._lasts = 100.0
    house.enable("old", "old")
    clock.advance(60)
    house.enable("young", "young")
    clock.advance(60)

    house.happens(Occasion.OFFLINE, says.message())

    assert ["young"] == house.nodes


def test_MIM20_removed(house, says):
    """
    MIM-20: of a removed user nothing stays; others keep what they have.
    """
    house.enable()
    other = Enablement("romeo@example.org", SERVICE, "other", 1.0, 1.0)
    resultOf(house.publisher.enable(other))

    house.happens(Occasion.REMOVED)

    assert [] == list(resultOf(house.enablements.ofAccount(JULIET)))
    assert [other] == list(resultOf(house.enablements.ofAccount("romeo@example.org")))


def test_EJ6_PR14_policiesMayDropOrRewrite(clock, says):
    """
    EJ-6, PR-14, MIM-39: a policy sees the event, the notification and the service, and may drop or rewrite what is
    told, before it is known where the service is: virtual hosts are no affair of policies.
    """

    class Rewriting:
        async def publishNotification(self, event, notification, services, publish):
            for service in services:
                if service.node != "dropped":
                    body = f"{event.stanzas[0].body} for {service.node}"
                    await publish(replace(notification, summary=Summary(lastMessageBody=body)), service)

    house = House(clock, policies=(lambda default: Rewriting(),))
    house.enable("phone", "phone")
    house.enable("dropped", "tablet")
    message = says.message("Hi")

    house.happens(Occasion.OFFLINE, message)
    assert [("phone", "Hi for phone")] == [(node, told.summary.lastMessageBody) for node, told in house.told]


def test_PR16_ping(house, says):
    """
    PR-16: devices can be asked to come and look; they are told how much waits. All of them, or those that are named.
    """
    house.enable("phone", "phone")
    house.enable("tablet", "tablet")
    house.happens(Occasion.OFFLINE, says.message())
    house.told.clear()

    house.happens(Occasion.PING)
    house.happens(Occasion.PING, services=((SERVICE, "tablet"),))

    assert ["phone", "tablet", "tablet"] == house.nodes
    assert Notification(Kind.MESSAGE, Priority.NORMAL, Summary(messageCount=1)) == house.latest


def test_MP50_removed(house, says):
    """
    MP-50: of an account that is gone nothing stays, nor does anything that was being collected for it.
    """
    house.enable()
    house.happens(Occasion.QUEUED, says.message(), session="phone")

    house.happens(Occasion.REMOVED)
    house.clock.advance(COLLECTED)

    assert [] == house.told
    assert [] == list(resultOf(house.enablements.ofAccount(JULIET)))


def test_0357_19_withdrawn(house, says):
    """
    0357-19, MP-37: a service that says so takes nothing any more: this one, for this node.
    """
    house.enable("phone")
    house.enable("tablet")

    assert not resultOf(house.publisher.withdrawn("evil.example", JULIET, "phone"))
    assert not resultOf(house.publisher.withdrawn(SERVICE, "romeo@example.org", "phone"))
    assert resultOf(house.publisher.withdrawn(SERVICE, JULIET, "phone"))

    house.happens(Occasion.OFFLINE, says.message())
    assert ["tablet"] == house.nodes


def test_stopping(house, says):
    """
    Who stops tells before what was being collected.
    """
    house.enable()
    house.happens(Occasion.QUEUED, says.message(), session="phone")

    ending = house.publisher.finish()

    assert ["phone"] == house.nodes
    assert all(isinstance(each, Deferred) for each in ending)
    assert not house.clock.getDelayedCalls()


def test_MP46_optionsThroughThePublisher(clock):
    """
    MP-44 to MP-49: options are free with the first service, later only towards less, and free again after the last.
    """
    house = House(clock)

    assert EVERYTHING == house.enable("a", options=EVERYTHING)
    assert EVERYTHING == resultOf(house.publisher.options(JULIET))
    assert ContentOptions(bodies=False) == house.enable("b", options=ContentOptions(bodies=False))
    assert ContentOptions() == house.enable("b", options=ContentOptions(bodies=True))
    assert replace(EVERYTHING, bodies=False) == resultOf(house.publisher.options(JULIET))

    resultOf(house.publisher.disable(JULIET, SERVICE))
    assert ContentOptions(False, True, True, False) == resultOf(house.publisher.options(JULIET))
    assert EVERYTHING == house.enable("a", options=EVERYTHING)
