"""
MongooseIM's push nodes, on a tree and virtual, with a real delivery behind them: reference 4.1 and 4.7.
"""

import json
from dataclasses import replace

import pytest
from twisted.internet.task import Clock

from pushsvc.config import build
from pushsvc.errors import BadForm, DeviceForgotten, DeviceGone, NoSuchNode, NotAllowed, PreconditionNotMet
from pushsvc.exchange import Response
from pushsvc.hosts import ServedHost
from pushsvc.leaf import Leaf
from pushsvc.model import Priority, Publish
from pushsvc.nodetrees import tree, virtual
from pushsvc.nodetypes import mongoose
from pushsvc.providers import mongoosepush
from tests.delivery.network import Network, app, says
from tests.nodetypes.test_token import makeHouse
from tests.support import resultOf

__all__ = ["makeHouse"]

HOST = "push.example.net"
JULIET = "juliet@example.org/phone"
DEVICE = {"service": "apns", "device_id": "t0ken"}


@pytest.fixture
def house(makeHouse):
    house = makeHouse()
    house.apps["app"] = app(house.network, kind="apns")
    return house


def hostOf(house, trees=tree):
    types = {"mongoose": mongoose.makeNodeType(house.storage, house.delivery, house.apps)}
    return ServedHost(HOST, trees.makeNodeTree(types, house.storage, lambda creator: 10), types)


@pytest.fixture
def host(house):
    host = hostOf(house)
    resultOf(host.owning.create(HOST, JULIET, "n", "push", {}))
    return host


@pytest.fixture
def anywhere(house):
    """
    Where nodes are virtual.
    """
    return hostOf(house, virtual)


def publish(options=DEVICE, sender="example.org", node="n", notifications=(says("hello"),)):
    said = {name: value if isinstance(value, tuple) else (value,) for name, value in options.items()}
    return Publish(HOST, node, sender, notifications, said)


def test_MIM1_typePush(house, host):
    """
    MIM-1: ``type='push'`` on creation is this type, where MongooseIM's clients speak; node names are free, on one
    level.
    """
    node = resultOf(host.owning.create(HOST, JULIET, "a/b c☃", "push", {}))

    leaf = resultOf(host.tree.getNode(HOST, node))
    assert isinstance(leaf, Leaf)
    assert ("a/b c☃", "mongoose") == (leaf.identifier, leaf.type)


def test_MIM2_defaults(host):
    """
    MIM-2: What its nodes are by default is what MongooseIM's are.
    """
    configuration = resultOf(host.owning.owned(HOST, JULIET, "n")).configuration

    assert {
        "access_model": "whitelist",
        "publish_model": "open",
        "persist_items": "0",
        "max_items": "1",
        "notification_type": "headline",
        "send_last_published_item": "on_sub_and_presence",
        "presence_based_delivery": "1",
        "notify_config": "0",
        "notify_delete": "0",
        "notify_retract": "0",
    }.items() <= {name.removeprefix("pubsub#"): value for name, value in configuration.items()}.items()


@pytest.mark.parametrize(
    ("affiliation", "sender", "may"),
    [
        ("publish-only", "example.org", True),
        ("publisher", "example.org", True),
        ("owner", "example.org", True),
        ("member", "example.com", False),
        ("outcast", "example.com", False),
        (None, "example.com", False),
        (None, "juliet@example.org", True),
    ],
)
def test_MIM3_MIM4_whoMayPublish(house, host, affiliation, sender, may):
    """
    MIM-3, MIM-4: Where the client let publishers only, they are the owner, and whom it named; and the server of both.
    """
    resultOf(host.owning.configure(HOST, JULIET, "n", {"pubsub#publish_model": ("publishers",)}))
    if affiliation is not None:
        resultOf(host.owning.affiliate(HOST, JULIET, "n", {sender: affiliation}))

    if may:
        resultOf(host.publish(publish(sender=sender)))
    else:
        with pytest.raises(NotAllowed):
            resultOf(host.publish(publish(sender=sender)))
    assert may == bool(house.network.sent)


def test_MIM4_anybody(house, host):
    """
    MIM-4: By default anybody may publish who knows the node and the device.
    """
    resultOf(host.publish(publish(sender="example.com")))

    assert ["t0ken"] == house.network.tokens


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"service": "apns"},
        {"device_id": "t0ken"},
        {**DEVICE, "device_id": ("t0ken", "t0ken")},
        {**DEVICE, "service": ("apns", "fcm")},
        {**DEVICE, "device_id": ""},
        {**DEVICE, "service": "fcm"},
    ],
)
def test_MIM5_MIM6_preconditions(house, host, options):
    """
    MIM-5, MIM-6: Both a service and a device are needed; what is said twice is not said. So is an app on that service.
    """
    with pytest.raises(PreconditionNotMet):
        resultOf(host.publish(publish(options)))
    assert [] == house.network.sent


def test_MIM6_otherOptionsSaidTwice(house, host):
    """
    MIM-6: Another option that is said twice is passed over.
    """
    resultOf(host.publish(publish({**DEVICE, "priority": ("high", "normal"), "topic": ("a", "b"), "what": "x"})))

    assert ["t0ken"] == house.network.tokens


def test_MIM8_severalNotifications(house, host):
    """
    MIM-8: All notifications of a publish are handed over: the device has the last.
    """
    resultOf(host.publish(publish(notifications=(says("one"), says("two")))))

    assert "two" == house.network.bodies[-1]
    assert ["t0ken"] == list(dict.fromkeys(house.network.tokens))


@pytest.mark.parametrize("which", ["host", "anywhere"])
def test_MIM9_deviceNotRegistered(house, which, request):
    """
    MIM-9: That the device is not registered is told to the next publish, in MongooseIM's words: the answer to the first
    has left by then.
    """
    host = request.getfixturevalue(which)
    house.network.answers.append(DeviceGone())
    assert resultOf(host.publish(publish())) is None

    with pytest.raises(DeviceForgotten) as refused:
        resultOf(host.publish(publish()))

    assert "mongooseim" == refused.value.words
    resultOf(host.publish(publish({**DEVICE, "device_id": "another"})))


def test_MIM9_whatNoNetworkTakes(house, host):
    """
    MIM-9: What cannot be a device is a push that could not be submitted, in MongooseIM's words.
    """
    with pytest.raises(BadForm) as refused:
        resultOf(host.publish(publish({**DEVICE, "device_id": "impossible"})))

    assert "mongooseim" == refused.value.words


def test_MIM9_nothingIsKept(house, host):
    """
    MIM-9: What is published is not kept.
    """
    resultOf(host.publish(publish()))

    assert resultOf(host.tree.getNode(HOST, "n")).item is None


def test_7_6_publishesCountForTheirServerAndAccount(house, host):
    """
    7-6: A publish counts for the server that it comes from, the account whose node it is, and the device; strangers'
    publishes, where they are let, take nothing from the account.
    """
    asked = []
    house.limits.publish = lambda *about: asked.append(about[:3]) or 0.0
    resultOf(host.owning.affiliate(HOST, JULIET, "n", {"example.org": "publish-only"}))

    for sender in ("example.org", "romeo@example.org", "example.com"):
        resultOf(host.publish(publish(sender=sender)))

    (device,) = {about[2] for about in asked}
    assert [
        ("example.org", "juliet@example.org", device),
        ("example.org", "", device),
        ("example.com", "", device),
    ] == asked


def test_MIM10_ownerRemoved(house, host):
    """
    MIM-10: With its owner, a node is gone.
    """
    assert 1 == resultOf(house.storage.nodes.removeOf("juliet@example.org"))

    with pytest.raises(NoSuchNode):
        resultOf(host.publish(publish()))


def test_R10_virtual(house, anywhere):
    """
    R-10: Where nodes are virtual every name will do; the options say which device.
    """
    resultOf(anywhere.publish(publish(node="whatever")))

    assert ["t0ken"] == house.network.tokens


@pytest.mark.parametrize(
    ("said", "priority"),
    [("high", Priority.HIGH), ("normal", Priority.NORMAL), ("what", Priority.HIGH), (None, Priority.HIGH)],
)
def test_R10_priority(house, anywhere, said, priority):
    """
    R-10: How urgent it is is as the options say, if they do.
    """
    notification = replace(says("x"), priority=Priority.HIGH)
    options = DEVICE if said is None else {**DEVICE, "priority": said}

    resultOf(anywhere.publish(publish(options, notifications=(notification,))))

    assert [priority] == [sent.notification.priority for sent in house.network.sent]


class Hurrying(Network):
    """
    A network that is told itself how urgent its pushes are.
    """

    def readTarget(self, fields):
        return fields.required("token"), {"priority": fields.required("priority")}


def test_R10_priorityIsNotWhatIsShown(makeHouse):
    """
    R-10: Where the network reads how urgent the options want it, a message matters as much as it did: so what is shown
    of it stays the same.
    """
    house = makeHouse(Hurrying())
    house.apps["app"] = app(house.network, kind="apns")
    notification = replace(says("x"), priority=Priority.HIGH)

    resultOf(hostOf(house, virtual).publish(publish({**DEVICE, "priority": "normal"}, notifications=(notification,))))

    (sent,) = house.network.sent
    assert (Priority.HIGH, "normal") == (sent.notification.priority, sent.target.details["priority"])


@pytest.mark.parametrize("service", ["apns", "APNS", "fcm", "gcm"])
def test_R10_services(house, anywhere, service):
    """
    R-10: The service names the network, in whatever spelling.
    """
    house.apps["android"] = app(house.network, "android", kind="fcm")

    resultOf(anywhere.publish(publish({**DEVICE, "service": service})))

    assert ["app" if service.lower() == "apns" else "android"] == [sent.target.app for sent in house.network.sent]


def test_R10_topic(house, anywhere):
    """
    R-10: Of several apps of one service it is that whose topic is said, else the default; else it is not known which.
    """
    other = Network(laneName="org.example.other")
    house.apps["other"] = app(other, "other", kind="apns")
    with pytest.raises(PreconditionNotMet):
        resultOf(anywhere.publish(publish()))

    resultOf(anywhere.publish(publish({**DEVICE, "topic": "org.example.other"})))
    house.apps["app"] = app(house.network, kind="apns", default=True)
    resultOf(anywhere.publish(publish()))

    assert (["t0ken"], ["t0ken"]) == (other.tokens, house.network.tokens)


# Through MongoosePush


class Asked:
    """
    HTTP that remembers what was asked.
    """

    def __init__(self):
        self.requests = []

    async def request(self, request):
        self.requests.append(request)
        return Response(200, {}, b"null", None)

    async def close(self):
        return None


@pytest.fixture
def gateway(house):
    http = Asked()
    table = {"provider": "mongoosepush", "endpoint": "https://push.example.org"}
    options = build(mongoosepush.Options, table, "apps.gateway")
    provider = mongoosepush.makeProvider("gateway", options, http, Clock())
    house.apps["gateway"] = app(provider, "gateway", kind="mongoosepush")
    del house.apps["app"]
    return http


def test_R10_throughAGateway(anywhere, gateway):
    """
    R-10, MIM-42, MIM-46: Where no app is on the service it goes to the gateway, which is told all that the options say,
    numbers and truths as such; but not pools of others.
    """
    options = {
        **DEVICE,
        "mode": "dev",
        "topic": "org.example.chat",
        "priority": "high",
        "sound": "ding.aiff",
        "click_action": "open",
        "mutable_content": "true",
        "time_to_live": "60",
        "tags": "others",
    }

    resultOf(anywhere.publish(publish(options)))

    (request,) = gateway.requests
    body = json.loads(request.body)
    assert "https://push.example.org/v3/notification/t0ken" == request.url
    assert ("apns", "dev", "org.example.chat", "high") == tuple(
        body[name] for name in ("service", "mode", "topic", "priority")
    )
    assert (True, 60) == (body["mutable_content"], body["time_to_live"])
    assert ("ding.aiff", "open", "hello") == tuple(body["alert"][name] for name in ("sound", "click_action", "body"))
    assert "tags" not in body


def test_R10_silent(anywhere, gateway):
    """
    R-10, MIM-43: A silent push shows nothing, and has all in its data.
    """
    resultOf(anywhere.publish(publish({**DEVICE, "silent": "true"})))

    body = json.loads(gateway.requests[0].body)
    assert "alert" not in body
    assert (1, "hello") == (body["data"]["message-count"], body["data"]["last-message-body"])


def test_R10_anAppOfOurOwn(house, anywhere, gateway):
    """
    R-10: An app of the service's own comes before a gateway.
    """
    house.apps["app"] = app(house.network, kind="apns")

    resultOf(anywhere.publish(publish()))

    assert (["t0ken"], []) == (house.network.tokens, gateway.requests)
