"""
The policies that ship, and how several are one.
"""

import base64
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from zope.interface.verify import verifyObject

from pushsvc import kinds
from pushsvc.enablement import ContentOptions
from pushsvc.event import Occasion
from pushsvc.ipushsvc import IPushPolicyKind
from pushsvc.model import Kind, Priority
from pushsvc.publisher.older import Older, isOlder
from pushsvc.publisher.policies import default, encrypted, enhanced, filters, hints, priority
from tests.publisher.conftest import JULIET, ROMEO, House

SHIPPED = default, encrypted, enhanced, filters, hints, priority
KEY = bytes(range(16))
ENCRYPT = base64.b64encode(KEY).decode()


@pytest.mark.parametrize("module", SHIPPED)
def test_kinds(module):
    """
    Each is a policy by the name of its file.
    """
    assert verifyObject(IPushPolicyKind, module)
    assert module.__name__.rpartition(".")[2] in kinds.names("publisher.policies")


def with_(clock, *modules):
    return House(clock, policies=tuple(module.makePolicy for module in modules))


# Several


class No:
    """
    A policy that has a word on one thing only, and says no.
    """

    def __init__(self, what):
        self.asked = 0
        setattr(self, what, self._no)

    async def _no(self, event, value):
        self.asked += 1
        return [] if isinstance(value, (list, tuple)) else None


@pytest.mark.parametrize("what", ["shouldPublish", "prepareNotification"])
def test_MIM34_aVetoWins(clock, says, what):
    """
    MIM-34, MIM-24: the veto of one policy is the end of it, and the others are not even asked.
    """
    no = No(what)
    house = House(clock, policies=(default.makePolicy, lambda _: no, default.makePolicy))
    house.enable()

    house.happens(Occasion.OFFLINE, says.message())

    assert [] == house.told
    assert 1 == no.asked


def test_MIM34_whatAPolicyLacks(clock, says):
    """
    MIM-34: for what no policy has a word on, the default has.
    """
    house = House(clock, policies=(lambda _: SimpleNamespace(),))
    house.enable()

    house.happens(Occasion.OFFLINE, says.message())

    assert ["phone"] == house.nodes


def test_MIM36_noServices(clock, says):
    """
    MIM-36: where no service is left, nobody is asked what to tell.
    """
    no = No("prepareNotification")
    house = House(clock, policies=(lambda _: No("shouldPublish"), lambda _: no))
    house.enable()

    house.happens(Occasion.OFFLINE, says.message())

    assert 0 == no.asked


def test_policiesChangeWhatTheNextIsGiven(clock, says):
    """
    Policies that publish do so one by the other: what one changes the next one is given.
    """
    house = with_(clock, priority, encrypted)
    house.enable("phone", extras={"encrypt": ENCRYPT})

    house.happens(Occasion.OFFLINE, says.message())

    (service,) = house.services
    assert "priority" in service.extras
    assert house.latest.encrypted is not None


def test_vetoesCanBeTakenBack(clock, says):
    """
    X-12: what a policy withheld from a service is told when another report of it is not withheld.
    """
    house = with_(clock, enhanced)
    house.enable("phone", "phone")
    house.enable("tablet", "tablet")
    message = says.message()

    house.happens(Occasion.HIBERNATED, message, session="phone")
    house.happens(Occasion.HIBERNATED, message, session="tablet")

    assert ["phone", "tablet"] == house.nodes


# Those that ship


def test_MIM37_enhanced(clock, says):
    """
    MIM-37: what a session has not acknowledged is told to its own service, be it a call; all else as ever.
    """
    house = with_(clock, enhanced)
    house.enable("phone", "phone")
    house.enable("tablet", "tablet")

    house.happens(Occasion.HIBERNATED, says.call(), session="phone")
    assert ["phone"] == house.nodes

    house.happens(Occasion.OFFLINE, says.message())
    assert ["phone", "phone", "tablet"] == house.nodes


@pytest.mark.parametrize(
    ("hint", "body", "told"),
    [
        ("no-store", "Hi", False),
        ("no-store", None, False),
        ("store", None, True),
        ("store", "Hi", True),
        ("no-permanent-store", "Hi", True),
        (None, None, False),
        (None, "Hi", True),
    ],
)
def test_MIM38_hints(clock, says, hint, body, told):
    """
    MIM-38, MIM-25: what is not to be kept wakes nobody; what has no body does only when it is to be kept.
    """
    house = with_(clock, hints)
    house.enable()

    house.happens(Occasion.OFFLINE, says.message(body, hints=frozenset({hint} - {None})))

    assert told == bool(house.told)


def test_MIM38_inOneBatch(clock, says):
    """
    MIM-38: what is not to be kept is not told beside what is, to nobody.
    """
    house = with_(clock, default, hints, encrypted)
    house.enable(options=ContentOptions(bodies=True), extras={"encrypt": ENCRYPT})
    unkept = says.message("Psst", hints=frozenset({"no-store"}))

    house.happens(Occasion.HIBERNATED, says.message("Hi"), unkept, session="phone")

    assert "Hi" == read(house.latest)["message"]


def test_hintsAndCalls(clock, says):
    """
    A call rings, whatever its sender says of keeping it.
    """
    house = with_(clock, hints)
    house.enable()

    house.happens(Occasion.OFFLINE, says.call(hints=frozenset({"no-store"})))

    assert Kind.CALL is house.latest.kind


def test_PR31_unknownSenders(clock, says):
    """
    PR-31: who wants nothing from strangers is told nothing of theirs; where nobody says who is one, nobody is.
    """
    house = with_(clock, filters)
    house.enable("wary", extras={"ignore-unknown": ""})
    house.enable("open")

    for known in (False, True, None):
        house.happens(Occasion.OFFLINE, says.message(known=known))

    assert ["open", "wary", "open", "wary", "open"] == house.nodes


def test_PR31_muted(clock, says):
    """
    PR-31: who has muted somebody is told nothing of theirs, from whichever of their devices.
    """
    house = with_(clock, filters)
    house.enable("quiet", extras={"muted": json.dumps(["romeo@example.net"])})

    house.happens(Occasion.OFFLINE, says.message())
    assert [] == house.told

    house.happens(Occasion.OFFLINE, says.message(sender="paris@example.net/x"))
    assert ["quiet"] == house.nodes


@pytest.mark.parametrize("first", ["romeo@example.net/x", "paris@example.net/x"])
def test_PR31_inOneBatch(clock, says, first):
    """
    PR-31: of several stanzas those that a service does not want are not told to it, while others are told of all.
    """
    house = with_(clock, filters, encrypted)
    everything = ContentOptions(True, True, True, True)
    house.enable("quiet", options=everything, extras={"muted": json.dumps(["paris@example.net"]), "encrypt": ENCRYPT})
    house.enable("open")
    senders = [first, *{"romeo@example.net/x", "paris@example.net/x"} - {first}]
    stanzas = [says.message(f"from {sender}", sender=sender) for sender in senders]

    house.happens(Occasion.OFFLINE, *stanzas)

    told = dict(house.told)
    assert "from romeo@example.net/x" == read(told["quiet"])["message"]
    assert f"from {senders[-1]}" == told["open"].summary.lastMessageBody


def test_mutedAndUnmuted(clock, says):
    """
    X-12: what was not wanted was not told: when it is reported again, and wanted, it is.
    """
    house = with_(clock, filters)
    message = says.message()
    house.enable(extras={"muted": json.dumps(["romeo@example.net"])})
    house.happens(Occasion.OFFLINE, message)

    house.enable()
    house.happens(Occasion.OFFLINE, message)

    assert ["phone"] == house.nodes


ROOMS = {
    "never@muc": {"allow": "never"},
    "some@muc": {"allow": "mentioned", "nick": "Jul"},
    "all@muc": {"allow": "always"},
}


@pytest.mark.parametrize(
    ("room", "more", "told"),
    [
        ("never@muc", {"body": "Jul!"}, False),
        ("all@muc", {}, True),
        ("other@muc", {}, True),
        ("some@muc", {"body": "Hello"}, False),
        ("some@muc", {"body": "hello jul"}, True),
        ("some@muc", {"body": "x", "mentions": frozenset({JULIET})}, True),
        ("some@muc", {"body": "x", "mentions": frozenset({"some@muc/Jul"})}, True),
        ("some@muc", {"body": "x", "mentions": frozenset({ROMEO})}, False),
    ],
)
def test_PR31_rooms(clock, says, room, more, told):
    """
    PR-31: of a room everything is told, or nothing, or that in which one is mentioned.
    """
    house = with_(clock, filters)
    house.enable(extras={"groupchat": json.dumps(ROOMS)})

    house.happens(Occasion.GROUPCHAT, says.message(type="groupchat", sender=f"{room}/romeo", **more))

    assert told == bool(house.told)


def test_awayIsNotThere(clock, says):
    """
    F39: who wants to be told while away is told of what is archived, even while its session is there.
    """
    house = with_(clock, default, filters)
    house.enable("phone", "phone", extras={"away": ""})
    house.enable("tablet", "tablet")
    present = frozenset({"phone", "tablet"})

    house.happens(Occasion.ARCHIVED, says.message(), present=present, away=present)

    assert ["phone"] == house.nodes
    assert 1 == house.latest.summary.messageCount


def test_PR32_priority(clock, says):
    """
    PR-32: services are told how urgent it is, be the client silent about that.
    """
    house = with_(clock, priority)
    house.enable()

    house.happens(Occasion.OFFLINE, says.message())

    assert "priority" in house.services[0].extras
    assert Priority.HIGH is house.latest.priority


# Encrypted


def read(notification, key=KEY):
    """
    What the device reads: by another way than that by which it was written.
    """
    sealed = notification.encrypted
    data = base64.b64decode(sealed.payload, validate=True)
    iv = base64.b64decode(sealed.iv, validate=True)
    assert 12 == len(iv)
    reader = Cipher(algorithms.AES(key), modes.GCM(iv, data[-16:])).decryptor()
    return json.loads(reader.update(data[:-16]) + reader.finalize())


@pytest.fixture
def sealing(clock):
    house = with_(clock, encrypted)
    house.enable("phone", options=ContentOptions(False, True, False, False), extras={"encrypt": ENCRYPT})
    return house


def test_PR30_encrypted(sealing, says):
    """
    PR-30: what is told can be read by the device, with its key and no other, and with a tag that proves it whole. It
    is told all of it, and nothing of it stands beside.
    """
    sealing.happens(Occasion.OFFLINE, says.message("Wherefore?"))

    told = sealing.latest
    assert told.summary is None
    assert {"unread": 1, "sender": ROMEO, "type": "chat", "message": "Wherefore?"} == read(told)
    with pytest.raises(InvalidTag):
        read(told, bytes(16))
    assert told.encrypted.type is None


def test_PR30_neverTheSameTwice(sealing, says):
    """
    PR-30: an initialisation vector is used once.
    """
    for _ in range(3):
        sealing.happens(Occasion.OFFLINE, says.message())

    assert 3 == len({told.encrypted.iv for _, told in sealing.told})


def test_PR30_calls(sealing, says):
    """
    PR-30: a call is told as one, to the device and to the push network.
    """
    sealing.happens(Occasion.OFFLINE, says.call())

    assert ("voip", Kind.CALL) == (sealing.latest.encrypted.type, sealing.latest.kind)
    expected = {"unread": 1, "sender": ROMEO, "type": "call", "sid": "sid1", "media": ["audio"]}
    assert expected == read(sealing.latest)


def test_PR30_longBodies(sealing, says):
    """
    PR-30: a body is cut where a character ends.
    """
    sealing.happens(Occasion.OFFLINE, says.message("a" + "\u00fc" * 1000))

    assert "a" + "\u00fc" * 127 == read(sealing.latest)["message"]


def test_PR30_longEverything(sealing, says):
    """
    PR-30: however long everything is, what is told fits into what networks take.
    """
    long = "\u2603" * 1023
    sealing.happens(Occasion.OFFLINE, says.message(long, sender=f"romeo@example.net/{long}", nick=long))
    assert len(sealing.latest.encrypted.payload) < 3000

    call = says.call(sender=f"romeo@example.net/{long}")
    sealing.happens(Occasion.OFFLINE, replace(call, call=replace(call.call, sid=long)))
    assert len(sealing.latest.encrypted.payload) < 3000


@pytest.mark.parametrize(
    ("stanza", "expected"),
    [
        ({"encrypted": True}, {"message": encrypted.UNREADABLE, "type": "chat"}),
        ({"type": "groupchat", "nick": "Rom"}, {"type": "groupchat", "nickname": "Rom"}),
        ({"name": "presence", "type": "subscribe", "body": None}, {"type": "subscribe"}),
    ],
)
def test_PR30_sorts(sealing, says, stanza, expected):
    """
    PR-30: what it is about is told as clients know it, and what is encrypted already is said to be.
    """
    sealing.happens(Occasion.OFFLINE, replace(says.message(), **stanza))

    assert expected.items() <= read(sealing.latest).items()


def test_othersAreToldAsEver(sealing, says):
    """
    Who gave no key, or one that is none, is told as ever.
    """
    sealing.enable("tablet", "tablet")
    sealing.enable("short", "short", extras={"encrypt": base64.b64encode(b"x").decode()})

    sealing.happens(Occasion.OFFLINE, says.message())

    told = dict(sealing.told)
    assert told["phone"].encrypted is not None
    assert told["tablet"] == told["short"]
    assert "New message" == told["tablet"].summary.lastMessageBody


# Older ones


def test_olderPolicies(clock, says):
    """
    A policy of the older shape decides on each stanza, and publishes to whom it likes.
    """
    asked, published = [], []

    def should_publish(sender, account, packet):
        asked.append((sender, account, packet.body))
        return packet.body != "secret"

    async def publish_notification(publish, sender, account, packet, services):
        for service in services:
            published.append(service.node)
            await publish(service)

    old = SimpleNamespace(should_publish=should_publish, publish_notification=publish_notification)
    assert isOlder(old)
    house = House(clock, policies=(lambda byDefault: Older(old, byDefault),))
    house.enable()

    house.happens(Occasion.OFFLINE, says.message("Hi"))
    house.happens(Occasion.OFFLINE, says.message("secret"))

    assert [(ROMEO, JULIET, "Hi"), (ROMEO, JULIET, "secret")] == asked
    assert ["phone"] == published == house.nodes


def test_olderPoliciesAndBatches(clock, says):
    """
    Of several stanzas each is decided on, once; what was decided against is not told, and what is published is what
    matters.
    """
    asked, packets = [], []

    def should_publish(sender, account, packet):
        asked.append(packet.body)
        return packet.body != "secret"

    async def publish_notification(publish, sender, account, packet, services):
        packets.append(packet.body)
        for service in services:
            await publish(service)

    old = SimpleNamespace(should_publish=should_publish, publish_notification=publish_notification)
    house = House(clock, policies=(lambda byDefault: Older(old, byDefault),))
    house.enable("a", options=ContentOptions(bodies=True))
    house.enable("b")

    house.happens(Occasion.OFFLINE, says.message("Hi"), says.typing(), says.message("secret"))

    assert ["secret", None, "Hi"] == sorted(asked, key=str, reverse=True)
    assert ["a", "b"] == house.nodes
    assert "Hi" == house.latest.summary.lastMessageBody
    assert ["Hi"] == packets


@pytest.mark.parametrize("decides", [True, False])
def test_halfAnOlderPolicy(clock, says, decides):
    """
    What it has no function for is done as by default.
    """
    old = SimpleNamespace(should_publish=lambda *_: decides)
    house = House(clock, policies=(lambda byDefault: Older(old, byDefault),))
    house.enable()

    house.happens(Occasion.OFFLINE, says.message())

    assert decides == bool(house.told)
    assert not isOlder(SimpleNamespace())
