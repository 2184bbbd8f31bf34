"""
Defects of other push services, as far as they concern an app server: we have them not.

X-2, X-12 to X-14, X-18 and X-19 are of publishers.
"""

import pytest
from twisted.internet.defer import Deferred

from pushsvc.errors import DeviceGone, ProviderDown, ProviderRefused, Throttled
from pushsvc.storage.memory import MemoryStorage
from tests.badinput.test_registering import BALCONY, GARDEN, ROMEO, field, listed, register
from tests.delivery.conftest import House
from tests.delivery.network import Network, app, says
from tests.support import resultOf
from tests.xmpp.test_house import command, condition, fieldsOf, iq, publish, summary


def credentials(player, **kwargs):
    fields = fieldsOf(register(player, **kwargs))
    return fields["node"][0], fields["secret"][0]


def test_X1_lateNewsOfADeviceThatIsBack(player, house, clock):
    """
    X-1: A network's word that a device is gone, from before it registered again, removes nothing, whichever way the
    registration is found.
    """
    node, secret = credentials(player)
    answer: Deferred[object] = Deferred()
    house.network.answers = [answer]
    player.ask(publish(node, secret))
    clock.advance(5)
    register(player)

    answer.callback(DeviceGone(since=clock.seconds() - 3))
    clock.advance(10)

    assert [node] == listed(player)
    assert [] == house.withdrawals.told
    assert 2 == len(house.network.sent)


@pytest.mark.parametrize("failure", [ProviderRefused("key"), Throttled(retryAfter=5.0), ZeroDivisionError("bug")])
def test_X3_onlyTheDeviceCanBeGone(player, house, clock, logEvents, loggedFailures, failure):
    """
    X-3: Nobody loses a registration because a network refuses our credentials, is busy, or is misunderstood.
    """
    node, secret = credentials(player)
    house.network.answers = [failure]

    assert "result" == player.ask(publish(node, secret))["type"]
    clock.advance(60)

    assert [node] == listed(player)
    loggedFailures.clear()


def test_X4_devicesDoNotOverwriteOneAnother(player, house):
    """
    X-4: What waits is kept for each device: both of a user's devices wake, also when all waits for the network.
    """
    nodes = [credentials(player, sender=sender, token=token) for sender, token in ((BALCONY, "one"), (GARDEN, "two"))]
    answers = [Deferred(), Deferred()]
    house.network.answers = list(answers)

    for node, secret in nodes:
        player.ask(publish(node, secret, summary(message_count="1")))
    for answer in answers:
        answer.callback(True)

    assert {"one", "two"} == {sent.target.token for sent in house.network.sent}


@pytest.mark.parametrize("counted", ["1", "0", "17", ""])
def test_X5_countsAreWhatIsSaid(player, house, counted):
    """
    X-5: A count is what the server says, and not what we make of it; an empty body is none, and no crash.
    """
    said = summary(pending_subscription_count=counted, message_count="1", last_message_body="")

    assert "result" == player.ask(publish(*credentials(player), said))["type"]

    (sent,) = house.network.sent
    assert (int(counted) if counted else None) == sent.notification.summary.pendingSubscriptionCount
    assert sent.notification.summary.lastMessageBody is None


def test_X7_oneForeignNodeAmongOnesOwn(player):
    """
    X-7: A list of nodes in which one is foreign is done as far as it is one's own, all of it and in one go.
    """
    first, second = credentials(player)[0], credentials(player, sender=GARDEN)[0]
    foreign = credentials(player, sender=ROMEO)[0]

    reply = player.ask(iq(command(field("nodes", first, foreign, second), node="unregister-push")))

    assert [first, second] == fieldsOf(reply)["nodes"]
    assert ([], [foreign]) == (listed(player), listed(player, ROMEO))


def test_X9_whatNobodyCanSendIsNotAccepted(player, house):
    """
    X-9: A publish for an app that this process does not have is not answered with success: it is tried again later,
    perhaps by another process.
    """
    node, secret = credentials(player)
    del house.apps["any"]

    assert "wait internal-server-error" == condition(player.ask(publish(node, secret)))


def test_X10_othersDoNotShowInTheList(player):
    """
    X-10: The list has no traces of others: no empty items, no item more than there are devices.
    """
    for sender in (ROMEO, "romeo@example.net/tower", BALCONY):
        register(player, sender=sender)

    form = player.ask(iq(command(None, node="list-push-registrations"))).command.x
    items = list(form.elements("jabber:x:data", "item"))

    assert 1 == len(items) and items[0].children


def test_X10_nothingWaitsForACleanStop(player, house):
    """
    X-10: A registration is stored when its answer leaves. (What a kill leaves of that: tests/crash.)
    """
    node, _ = credentials(player)

    assert resultOf(house.storage.registrations.byNode(node)).node == node


def test_X11_everyCommandIsServed(player):
    """
    X-11: Every command that is listed is run, by name, and gets one answer: an error is the end of it.
    """
    commands = "<query xmlns='http://jabber.org/protocol/disco#items' node='http://jabber.org/protocol/commands'/>"

    nodes = [item["node"] for item in player.ask(iq(commands, type="get")).query.elements()]
    for node in nodes:
        assert node == player.ask(iq(command(node=node))).command["node"]
        answer = player.ask(iq(command(field("token", "a", "b"), node=node)))
        assert player.silent
        assert ("error" if node.startswith("register") else "result") == answer["type"]


def test_X11_unregisteringNeedsNoToken(player):
    """
    X-11: To unregister one needs to know nothing of the token.
    """
    register(player)

    assert "completed" == player.ask(iq(command(None, node="unregister-push"))).command["status"]
    assert [] == listed(player)


def test_X11_X15_expiryIsCountedFromThePublish(player, house, clock):
    """
    X-11, X-15: How long a network may keep a push is counted from its publish, not from our start, and reaches every
    network.
    """
    node, secret = credentials(player)
    for _ in range(2):
        clock.advance(100_000)
        player.ask(publish(node, secret))

    first, second = house.network.sent
    assert clock.seconds() + house.apps["any"].ttl == second.expires
    assert 100_000 == second.expires - first.expires


@pytest.mark.parametrize("option", ["pushModule", "sandbox", "mode", "\u00e4", "x" * 3000])
def test_X16_unknownOptionsDoNoHarm(player, house, option):
    """
    X-16: An option that we do not know is neither refused nor in the way.
    """
    node, secret = credentials(player)
    request = publish(node, secret).replace("<field var='secret'>", f"{field(option, 'a')}<field var='secret'>")

    assert "result" == player.ask(request)["type"]
    assert 1 == len(house.network.sent)


def test_X16_aPushServiceSaysThatItIsOne(player):
    """
    X-16: Service discovery shows a push service.
    """
    shown = player.ask(iq("<query xmlns='http://jabber.org/protocol/disco#info'/>", type="get")).query

    assert ("pubsub", "push") == (shown.identity["category"], shown.identity["type"])


def test_X17_theAnswerDoesNotWaitForTheNetwork(player, house):
    """
    X-17: However long a network takes, the publish is answered at once, and so is the next, by whomever.
    """
    node, secret = credentials(player)
    house.network.answers = [Deferred()]

    assert "result" == player.ask(publish(node, secret))["type"]
    assert "completed" == register(player, sender=ROMEO).command["status"]


def test_X17_tokensAreNotLogged(player, house, logEvents, clock):
    """
    X-17: Whatever goes wrong, neither token nor secret, nor node, nor who it was, gets into the log.
    """
    node, secret = credentials(player, token="t0ken")
    house.network.answers = [ProviderRefused("no"), Throttled(), DeviceGone()]
    player.ask(publish(node, secret, summary(last_message_body="wherefore")))
    player.ask(publish(node, "guess"))
    clock.advance(100)

    logged = repr(logEvents)
    assert not [word for word in ("t0ken", secret, node, "juliet", "wherefore") if word in logged]


def test_X17_networksFailuresNeverReachTheServer(player, house, clock):
    """
    X-17: What a network says is no answer to a publish: Tigase would take its type for final.
    """
    node, secret = credentials(player)
    for failure in (Throttled(), ProviderRefused("no"), Throttled()):
        house.network.answers = [failure]
        assert "result" == player.ask(publish(node, secret))["type"]
        clock.advance(1)


def test_X20_aNetworkThatWasStuckIsUsedAgain(clock):
    """
    X-20: After any number of failures a network is tried again, and what waits goes out when it works.
    """
    network = Network()
    storage = MemoryStorage(clock)
    storage.open()
    house = House(clock, storage, network, {"app": app(network)})

    network.answers = [ProviderDown() for _ in range(40)]
    house.accept(says("hello"), house.registered().target)
    for _ in range(60):
        clock.advance(900)
        network.answers = network.answers[:3]

    assert [] == network.answers
    assert house.waiting is None
