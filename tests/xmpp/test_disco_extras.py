"""
What more a host says of itself: to whom one may turn, how much it takes, and all of it in one short text.
"""

from base64 import b64decode
from hashlib import sha1

import pytest
from hypothesis import given
from hypothesis import strategies as some
from twisted.internet.testing import MemoryReactorClock

from pushsvc.config import ConfigurationError, read
from pushsvc.hosts import ServedHost
from pushsvc.model import Node, Registration, Target
from pushsvc.nodetrees.virtual import makeNodeTree
from pushsvc.nodetypes.push import makeNodeType
from pushsvc.tap import compose
from pushsvc.wire.caps import verOf
from pushsvc.wire.disco import Extension, Identity, Info
from pushsvc.wire.forms import readFields
from pushsvc.wire.view import DomishView
from pushsvc.xmpp.disco import infoOf
from pushsvc.xmpp.handlers import makeHandlers
from pushsvc.xmpp.sessions import Sessions
from tests.delivery.conftest import house, makeHouse
from tests.standins.certificates import writeServiceAccount
from tests.support import resultOf
from tests.xmpp.player import Player
from tests.xmpp.test_disco import asked, featuresOf, identitiesOf
from tests.xmpp.test_publish import errorOf

__all__ = ["house", "makeHouse"]

INFO = "http://jabber.org/protocol/disco#info"
ITEMS = "http://jabber.org/protocol/disco#items"
MUC = "http://jabber.org/protocol/muc"
CAPS = "http://jabber.org/protocol/caps"

CONFIGURATION = """
[storage]
url = "memory:"
[[links]]
kind = "component"
endpoint = "tcp:127.0.0.1:5347"
domain = "push.example.net"
secret = "s"
[hosts."push.example.net"]
"""
CONTACT = """
[hosts."push.example.net".contact]
abuse = ["mailto:abuse@example.net", "xmpp:abuse@example.net"]
support = ["https://example.net/help"]
sales = []
"""


def configured(text, sessions, ongoing):
    """
    Somebody to talk to who is configured so.
    """
    hosts = compose(read(CONFIGURATION + text), MemoryReactorClock()).hosts
    return Player(makeHandlers(hosts, sessions, ongoing))


def formsOf(reply):
    """
    The forms of an answer, by FORM_TYPE, each as its fields.
    """
    forms = [dict(readFields(DomishView(x))) for x in reply.query.elements("jabber:x:data", "x")]
    return {form.pop("FORM_TYPE")[0]: form for form in forms}


# To whom one may turn


def test_0157_1_contact(sessions, ongoing):
    """
    0157-1, 0128-1: A host tells to whom one may turn, as its configuration has it; for what nobody is named, it says
    nothing.
    """
    player = configured(CONTACT, sessions, ongoing)

    reply = asked(player)

    assert formsOf(reply) == {
        "http://jabber.org/network/serverinfo": {
            "abuse-addresses": ("mailto:abuse@example.net", "xmpp:abuse@example.net"),
            "support-addresses": ("https://example.net/help",),
        }
    }
    x = reply.query.x
    assert (x["type"], [field["type"] for field in x.elements()]) == ("result", ["hidden", "list-multi", "list-multi"])


def test_0157_1_noContactNoForm(sessions, ongoing):
    """
    0157-1: A host that names nobody has no form.
    """
    assert formsOf(asked(configured("", sessions, ongoing))) == {}


@pytest.mark.parametrize(
    ("contact", "said"),
    [
        ('abuse = "mailto:a@example.net"', "contact.abuse: this is a list"),
        ('abuse = ["a@example.net"]', "contact.abuse.0: not a URI, such as mailto:"),
        ('abuse = ["mailto:a@example.net", "example.net:5269"]', "contact.abuse.1: not a URI"),
        ('abuse = ["mailto:"]', "not a URI"),
        ('abuse = ["mailto:a b@example.net"]', "not a URI"),
        ("abuse = [1]", "contact.abuse.0: this is text"),
        ('abus = ["mailto:a@example.net"]', "contact.abus: there is no such key; did you mean 'abuse'?"),
    ],
)
def test_0157_1_wrongContacts(contact, said):
    """
    0157-1: What is no address is refused, with its place in the file.
    """
    with pytest.raises(ConfigurationError) as refusal:
        read(f'{CONFIGURATION}[hosts."push.example.net".contact]\n{contact}')

    assert "hosts.push.example.net." in str(refusal.value)
    assert said in str(refusal.value)


# What its apps can do


DEMO = '[apps.demo]\nprovider = "demo"\n'


def fcm(tmp_path):
    account = writeServiceAccount(tmp_path / "account.json", "https://oauth2.googleapis.com/token")
    return f'[apps.chat]\nprovider = "fcm"\nservice-account = "{account}"\n'


def test_A12_C21_whatTheAppsCanDo(sessions, ongoing, tmp_path):
    """
    A12, C21: A host on which devices register says what their networks can do with an encrypted payload, and how long
    that may be.
    """
    reply = asked(configured(DEMO + fcm(tmp_path), sessions, ongoing))

    assert {"tigase:push:encrypt:0", "tigase:push:encrypt:aes-128-gcm"} <= featuresOf(reply)
    (size,) = formsOf(reply)["pushsvc:payloads:0"]["max-payload-size"]
    assert 3000 < int(size) < 4096


def test_A12_nothingWithoutThem(sessions, ongoing):
    """
    A12: A host says nothing for networks that do not say.
    """
    reply = asked(configured(DEMO, sessions, ongoing))

    assert not [feature for feature in featuresOf(reply) if "tigase" in feature]
    assert formsOf(reply) == {}


def test_A10_A11_whatAHostIs(sessions, ongoing):
    """
    A10, A11: A host is a push service, and an app server for each app whose devices register there.
    """
    text = DEMO + 'app-name = "chatninja"\ndefault = true\n' + DEMO.replace("apps.demo", "apps.other")

    reply = asked(configured(text, sessions, ongoing))

    assert identitiesOf(reply) == [("pubsub", "push"), ("app-server", "chatninja"), ("app-server", "other")]


def test_A14_commandsAreThoseOfTheApps(sessions, ongoing):
    """
    A14: The commands that are listed are those that there is an app for.
    """
    reply = asked(configured(DEMO, sessions, ongoing), "items", node="http://jabber.org/protocol/commands")

    listed = {item["node"] for item in reply.query.elements()}
    assert listed == {"register-push-demo", "unregister-push", "list-push-registrations"}


# Addresses


@pytest.mark.parametrize("what", ["info", "items"])
@pytest.mark.parametrize(
    ("to", "answer"),
    [
        ("uniform.example.net", None),
        ("PUSH.example.net", None),
        ("push.example.net/resource", None),
        ("nobody@push.example.net", ("cancel", "service-unavailable")),
        ("sub.push.example.net", ("cancel", "service-unavailable")),
    ],
)
def test_0030_2_whoAnswers(player, what, to, answer):
    """
    0030-1, 0030-2: Every host answers, however it is spelled, also when it has nothing to list; there is nobody at it.
    """
    reply = asked(player, what, to)

    assert reply["from"] == to
    assert (errorOf(reply) if reply["type"] == "error" else None) == answer


# Nodes


@pytest.fixture
def registered(world):
    """
    A node that has an owner.
    """
    target = Target("node-1", "app", "token")
    registration = Registration("node-1", "push.example.net", "juliet@example.org", "phone", target, (), 0.0, 0.0)

    async def getNode(host, nodeIdentifier):
        return Node(nodeIdentifier, "push", registration)

    world.nodes.getNode = getNode


def test_0060_3_ownNodesAreShown(player, registered):
    """
    0060-3: Who registered may see that the node is there, and that there is nothing in it.
    """
    info, items = asked(player, node="node-1"), asked(player, "items", node="node-1")

    assert identitiesOf(info) == [("pubsub", "leaf")]
    assert {"http://jabber.org/protocol/pubsub", "urn:xmpp:push:0"} == featuresOf(info)
    assert (info.query["node"], items.query["node"]) == ("node-1", "node-1")
    assert list(items.query.elements()) == []


@pytest.mark.parametrize("what", ["info", "items"])
@pytest.mark.parametrize("sender", ["romeo@example.org/phone", "example.org", "juliet@example.com/phone"])
def test_0060_3_othersNodesAreNot(player, registered, what, sender):
    """
    0060-3: To anybody else it looks like one that is not there, also to the owner's own server.
    """
    reply = player.ask(
        f"<iq type='get' from='{sender}' to='push.example.net' id='d'>"
        f"<query xmlns='http://jabber.org/protocol/disco#{what}' node='node-1'/></iq>"
    )

    assert errorOf(reply) == ("cancel", "item-not-found")
    assert [element.name for element in reply.error.elements()] == ["item-not-found"]


def test_0060_3_realNodes(house, ongoing, clock):
    """
    0060-3: So it is with what a client has registered.
    """
    types = {"push": makeNodeType(house.storage, house.delivery, house.apps)}
    host = ServedHost("push.example.net", makeNodeTree(types), types)
    player = Player(makeHandlers({host.name: host}, Sessions(clock), ongoing))
    node = resultOf(house.storage.registrations.register(house.registered())).node
    ask = (
        "<iq type='get' from='{}' to='push.example.net' id='d'>"
        f"<query xmlns='http://jabber.org/protocol/disco#info' node='{node}'/></iq>"
    )

    assert player.ask(ask.format("juliet@example.net/balcony"))["type"] == "result"
    assert errorOf(player.ask(ask.format("romeo@example.net/balcony"))) == ("cancel", "item-not-found")


# Capabilities


PSI = Info(
    (Identity("client", "pc", "Psi 0.11"),),
    (CAPS, INFO, ITEMS, MUC),
    (
        Extension(
            "urn:xmpp:dataforms:softwareinfo",
            (
                ("ip_version", ("ipv4", "ipv6")),
                ("os", ("Mac",)),
                ("os_version", ("10.5.1",)),
                ("software", ("Psi",)),
                ("software_version", ("0.11",)),
            ),
        ),
    ),
)


def test_0115_1_theStandardsExample():
    """
    0115-1: The example of XEP-0115 that has no languages comes out as it is printed there.
    """
    exodus = Info((Identity("client", "pc", "Exodus 0.9.1"),), (MUC, ITEMS, INFO, CAPS))

    assert verOf(exodus) == "QgayPKawpkPSDYmwT/WM94uAlu0="


def test_0115_1_forms():
    """
    0115-1: What is said in forms comes after the features, as XEP-0115 spells it.
    """
    spelled = (
        "client/pc//Psi 0.11<http://jabber.org/protocol/caps<http://jabber.org/protocol/disco#info<"
        "http://jabber.org/protocol/disco#items<http://jabber.org/protocol/muc<urn:xmpp:dataforms:softwareinfo<"
        "ip_version<ipv4<ipv6<os<Mac<os_version<10.5.1<software<Psi<software_version<0.11<"
    )

    assert b64decode(verOf(PSI)) == sha1(spelled.encode()).digest()


names = some.text(min_size=1, max_size=5)


@given(
    some.lists(some.builds(Identity, names, names, names), max_size=3, unique=True),
    some.lists(names, max_size=4, unique=True),
    some.lists(names, max_size=4, unique=True),
    some.randoms(),
)
def test_0115_1_orderDoesNotMatter(identities, features, values, random):
    """
    0115-1: In whatever order a thing is said, it is the same.
    """

    def info():
        for each in (identities, features, values):
            random.shuffle(each)
        extensions = [Extension("b", (("x", tuple(values)), ("a", ()))), Extension("a", (("y", ("z",)),))]
        random.shuffle(extensions)
        return Info(tuple(identities), tuple(features), tuple(extensions))

    assert verOf(info()) == verOf(info())


def test_0115_1_everythingCounts():
    """
    0115-1: Whoever says another thing has another text.
    """
    others = [
        PSI,
        Info(PSI.identities, PSI.features),
        Info(PSI.identities, PSI.features[1:], PSI.extensions),
        Info((Identity("client", "phone", "Psi 0.11"),), PSI.features, PSI.extensions),
        Info(PSI.identities, PSI.features, (Extension("other", PSI.extensions[0].fields),)),
        Info(PSI.identities, PSI.features, (Extension(PSI.extensions[0].formType, PSI.extensions[0].fields[1:]),)),
    ]

    assert len({verOf(info) for info in others}) == len(others)


def test_0115_1_whatItStandsFor(player, world):
    """
    0115-1: Who asks what a host's text stands for gets what the host says of itself; an older text is not known any
    more. Nobody is told ours, so that it is no feature.
    """
    ver = verOf(infoOf(world.hosts["push.example.net"]))

    plain, capable = asked(player), asked(player, node=f"urn:whoever#{ver}")

    assert capable.query["node"] == f"urn:whoever#{ver}"
    assert [child.toXml() for child in plain.query.children] == [child.toXml() for child in capable.query.children]
    assert CAPS not in featuresOf(plain)
    assert errorOf(asked(player, node="urn:whoever#QgayPKawpkPSDYmwT/WM94uAlu0=")) == ("cancel", "item-not-found")
    assert errorOf(asked(player, to="uniform.example.net", node=f"#{ver}")) == ("cancel", "item-not-found")
