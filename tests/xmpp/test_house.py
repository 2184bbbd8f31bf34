"""
The whole house but its links: stanzas in, stanzas out, with real nodes, dialect, storage and delivery between them.
"""

import pytest

from pushsvc.dialects.modpush import makeDialect
from pushsvc.hosts import AccessRule, ServedHost
from pushsvc.nodetrees.virtual import makeNodeTree
from pushsvc.nodetypes.push import makeNodeType
from pushsvc.wire.namespaces import NS_COMMANDS, NS_DATA
from pushsvc.xmpp.handlers import makeHandlers
from pushsvc.xmpp.sessions import Sessions
from tests.delivery.conftest import house, makeHouse
from tests.delivery.network import app
from tests.support import resultOf
from tests.xmpp.player import Player

__all__ = ["house", "makeHouse"]

HOST = "push.example.net"
JULIET = "juliet@example.net/balcony"
SUMMARY = "urn:xmpp:push:summary"


@pytest.fixture
def player(house, clock, ongoing):
    house.apps["any"] = app(house.network, "any", kind="fcm")
    types = {"push": makeNodeType(house.storage, house.delivery, house.apps)}
    dialects = (makeDialect(house.registrar),)
    served = ServedHost(HOST, makeNodeTree(types), types, dialects, AccessRule(("example.net",)), appNames=("any",))
    return Player(makeHandlers({HOST: served}, Sessions(clock), ongoing))


def command(fields="<field var='token'><value>t</value></field>", action=" action='execute'", node="register-push-fcm"):
    form = f"<x xmlns='{NS_DATA}' type='submit'>{fields}</x>" if fields is not None else ""
    return f"<command xmlns='{NS_COMMANDS}' node='{node}'{action}>{form}</command>"


def iq(payload, sender=JULIET, type="set"):
    return f"<iq type='{type}' id='i' from='{sender}' to='{HOST}'>{payload}</iq>"


def fieldsOf(reply):
    """
    A form's fields, by name, each with its values.
    """
    form = reply.command.x
    return {
        field["var"]: [str(value) for value in field.elements(NS_DATA, "value")]
        for field in form.elements(NS_DATA, "field")
    }


def condition(reply):
    error = reply.error
    return " ".join([error["type"], *[child.name for child in error.elements() if child.name != "text"]])


def publish(node, secret, notification="", sender="example.net"):
    return iq(
        f"""
        <pubsub xmlns='http://jabber.org/protocol/pubsub'>
          <publish node='{node}'>
            <item><notification xmlns='urn:xmpp:push:0'>{notification}</notification></item>
          </publish>
          <publish-options><x xmlns='jabber:x:data' type='submit'>
            <field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>
            <field var='secret'><value>{secret}</value></field>
          </x></publish-options>
        </pubsub>""",
        sender,
    )


def summary(**fields):
    written = "".join(f"<field var='{var.replace('_', '-')}'><value>{v}</value></field>" for var, v in fields.items())
    return f"<x xmlns='jabber:x:data'><field var='FORM_TYPE'><value>{SUMMARY}</value></field>{written}</x>"


@pytest.fixture
def registered(player):
    fields = fieldsOf(player.ask(iq(command())))
    return fields["node"][0], fields["secret"][0]


def test_MP8_theResultForm(player):
    """
    MP-8: the answer is a completed command with a form of type result: jid, node, secret.
    """
    reply = player.ask(iq(command()))

    assert ("completed", "register-push-fcm") == (reply.command["status"], reply.command["node"])
    assert "result" == reply.command.x["type"]
    assert ["jid", "node", "secret"] == list(fieldsOf(reply))
    assert [HOST] == fieldsOf(reply)["jid"]


@pytest.mark.parametrize(
    "fields",
    [
        None,
        "",
        "<field var='token'/>",
        "<field var='token'><value/></field>",
        "<field var='token'><value>a</value><value>b</value></field>",
        "<field var='token'><value>a</value></field><field var='token'><value>b</value></field>",
    ],
)
def test_MP10_badFormsAreRefused(player, fields):
    """
    MP-10: a missing form, and a token that is missing, empty or doubled, are bad requests.
    """
    assert "modify bad-request bad-payload" == condition(player.ask(iq(command(fields))))


def test_MP11_R2_formTypeIsAccepted(player):
    """
    MP-11, mended: a form that says what it is is understood as well.
    """
    fields = "<field var='FORM_TYPE'><value>any</value></field><field var='token'><value>t</value></field>"

    assert "completed" == player.ask(iq(command(fields))).command["status"]


@pytest.mark.parametrize("action", ["", " action='execute'", " action='complete'", " action='next'"])
def test_MP12_R1_everySpellingOfAction(player, action):
    """
    MP-12, mended, R-1: with its form, a command runs at once, whatever action the client calls that.
    """
    assert "completed" == player.ask(iq(command(action=action))).command["status"]


@pytest.mark.parametrize("node", ["register-push-fcm", "unregister-push", "list-push-registrations"])
def test_MP13_theAccessRuleHoldsForEveryCommand(player, node):
    """
    MP-13: who may not use the service may use none of its commands.
    """
    assert "auth forbidden" == condition(player.ask(iq(command(node=node), "romeo@example.org/orchard")))


def test_MP14_storageTrouble(player, house):
    """
    MP-14: when the storage fails the client may try again.
    """
    resultOf(house.storage.close())

    assert "wait internal-server-error" == condition(player.ask(iq(command())))


def test_MP15_theAppNameAny(player):
    """
    MP-15: an app that is called any is shown as such: a network without developers' credentials serves every app.
    """
    reply = player.ask(iq("<query xmlns='http://jabber.org/protocol/disco#info'/>", type="get"))

    shown = [(element.getAttribute("category"), element.getAttribute("type")) for element in reply.query.elements()]
    assert ("app-server", "any") in shown


def test_MP9_whatANetworkDoesNotTakeIsRefused(player):
    """
    MP-9: what a network does not take as a token is refused when the device registers.
    """
    fields = "<field var='token'><value>impossible</value></field>"

    assert "modify bad-request bad-payload" == condition(player.ask(iq(command(fields))))


def test_MP21_unregisteringByNodes(player, registered):
    """
    MP-21: the answer to unregistering by nodes names those that were removed.
    """
    node, _ = registered
    fields = f"<field var='nodes'><value>unknown</value><value>{node}</value></field>"

    assert {"nodes": [node]} == fieldsOf(player.ask(iq(command(fields, node="unregister-push"))))


def test_MP25_theList(player, registered):
    """
    MP-25, 0004-3: the list says its columns first, then one item for each device.
    """
    reply = player.ask(iq(command(None, node="list-push-registrations")))

    assert ["title", "reported", "item"] == [element.name for element in reply.command.x.elements()]
    assert registered[0] in reply.toXml()
    assert registered[1] not in reply.toXml()


def test_MP28_publishing(player, registered, house):
    """
    MP-28: a publish with node and secret gets an empty result, and reaches the network.
    """
    reply = player.ask(publish(*registered))

    assert ("result", []) == (reply["type"], list(reply.elements()))
    assert 1 == len(house.network.sent)


@pytest.mark.parametrize(
    ("node", "secret", "answer"),
    [
        ("{node}", "guess", "auth forbidden"),
        ("{node}", "", "auth forbidden"),
        ("unknown", "{secret}", "cancel item-not-found"),
        ("{node}", "{secret}</value><value>{secret}", "auth forbidden"),
    ],
)
def test_MP28_MP29_refusals(player, registered, house, node, secret, answer):
    """
    MP-28, MP-29: an unknown node, and a secret that is wrong, empty or doubled, wake nobody.
    """
    known, right = registered
    reply = player.ask(publish(node.format(node=known), secret.format(secret=right)))

    assert answer == condition(reply)
    assert [] == house.network.sent
    assert right not in reply.toXml()


def test_MP28_storageTrouble(player, registered, house):
    """
    MP-28: storage trouble is of type wait, on which no server gives up.
    """
    resultOf(house.storage.close())

    assert "wait internal-server-error" == condition(player.ask(publish(*registered)))


@pytest.mark.parametrize("notification", ["", "<colour xmlns='urn:example'/>"])
def test_MP30_withoutASummary(player, registered, house, notification):
    """
    MP-30: a notification without a form wakes the phone and says nothing.
    """
    player.ask(publish(*registered, notification))

    assert [None] == [sent.notification.summary for sent in house.network.sent]


def test_MP30_attributesOnANotificationDoNoHarm(player, registered, house):
    """
    MP-30, mended: a notification may have attributes.
    """
    player.ask(publish(*registered).replace("<notification ", "<notification xml:lang='en' "))

    assert 1 == len(house.network.sent)


def test_MP31_theFields(player, registered, house):
    """
    MP-31: what the server says reaches the network, numbers as numbers; what it does not say stays unsaid.
    """
    form = summary(
        message_count=3,
        last_message_sender="romeo@example.org/orchard",
        last_message_body="hi",
        pending_subscription_count=2,
        last_subscription_sender="nurse@example.org",
    )
    player.ask(publish(*registered, form))
    player.ask(publish(*registered, summary(message_count=1)))

    whole, sparse = [sent.notification.summary for sent in house.network.sent]
    assert (3, 2, "hi") == (whole.messageCount, whole.pendingSubscriptionCount, whole.lastMessageBody)
    assert ("romeo@example.org/orchard", "nurse@example.org") == (whole.lastMessageSender, whole.lastSubscriptionSender)
    assert (1, None, None, None) == (
        sparse.messageCount,
        sparse.pendingSubscriptionCount,
        sparse.lastMessageBody,
        sparse.lastMessageSender,
    )


def test_MP34_whatPushNodesAre(player):
    """
    MP-34: the host says that its nodes have a whitelist and take publish-only affiliations, and offers no creation.
    """
    reply = player.ask(iq("<query xmlns='http://jabber.org/protocol/disco#info'/>", type="get"))

    offered = {element.getAttribute("var", "").partition("pubsub#")[2] for element in reply.query.elements()}
    assert {"access-whitelist", "publish-only-affiliation", "publish-options"} <= offered
    assert not {"create-nodes", "instant-nodes", "auto-create", "config-node"} & offered
