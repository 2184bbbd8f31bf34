"""
Publishes that are not as they should be (XEP-0060), against real nodes.
"""

import pytest

from pushsvc.model import Kind, Priority
from pushsvc.wire.notification import BODY_MAX, ENCRYPTED_MAX, NOTIFICATIONS_MAX
from tests.xmpp.test_house import condition, iq, publish, summary

PUBSUB = "http://jabber.org/protocol/pubsub"
OPTIONS = (
    "<publish-options><x xmlns='jabber:x:data' type='submit'>"
    f"<field var='FORM_TYPE'><value>{PUBSUB}#publish-options</value></field>"
    "<field var='secret'><value>{}</value></field>{}</x></publish-options>"
)
NOTIFICATION = "<notification xmlns='urn:xmpp:push:0'/>"


def publishing(content, registered, more="", node=None):
    attribute = f"node='{registered[0]}'" if node is None else node
    options = OPTIONS.format(registered[1], more)
    return iq(f"<pubsub xmlns='{PUBSUB}'><publish {attribute}>{content}</publish>{options}</pubsub>", "example.net")


@pytest.mark.parametrize(
    ("number", "content", "node", "answer"),
    [
        ("0060-5", f"<item>{NOTIFICATION}</item>", "", "modify bad-request nodeid-required"),
        ("0060-5", f"<item>{NOTIFICATION}</item>", "node=''", "modify bad-request nodeid-required"),
        ("0060-6", f"<item>{NOTIFICATION}</item>", "node='gone'", "cancel item-not-found"),
        ("0060-6", f"<item>{NOTIFICATION}</item>", "node='&#xD7FF;'", "cancel item-not-found"),
        ("0060-6", f"<item>{NOTIFICATION}</item>", f"node='{'n' * 20_000}'", "cancel item-not-found"),
        ("0060-8", "<item><entry xmlns='urn:example'/></item>", None, "modify bad-request invalid-payload"),
        ("0060-8", "<item><notification/></item>", None, "modify bad-request invalid-payload"),
        ("0060-8", "<item xmlns='urn:example'/>", None, "modify bad-request invalid-payload"),
        ("0060-9", "", None, "modify bad-request invalid-payload"),
        ("0060-9", "<item/>", None, "modify bad-request payload-required"),
        ("0060-9", "<item>text</item>", None, "modify bad-request payload-required"),
        ("0060-11", f"<item>{NOTIFICATION}</item>" * 2, None, "modify bad-request invalid-payload"),
    ],
)
def test_0060_5_to_11_whatCannotBeTaken(player, registered, house, number, content, node, answer):
    """
    0060-5, 0060-6, 0060-8, 0060-9, 0060-11: What is no publish of one notification to a node that is there is refused
    in the words of XEP-0060, and wakes nobody, though the secret be right.
    """
    reply = player.ask(publishing(content, registered, node=node))

    assert answer == condition(reply), number
    assert [] == house.network.sent
    assert registered[1] not in reply.toXml()


@pytest.mark.parametrize("secret", ["guess", "", "\u00e4\U0001f4f1", "x" * 5000])
def test_0060_7_notEntitled(player, registered, house, secret):
    """
    0060-7: Whatever is said in place of the secret, it is forbidden, and nothing breaks over it.
    """
    assert "auth forbidden" == condition(player.ask(publish(registered[0], secret)))
    assert [] == house.network.sent


def test_0060_8_besideOtherPayloads(player, registered, house):
    """
    0060-8: Other elements beside the notification do no harm: who sends them means well, and ejabberd would forget the
    device over a refusal.
    """
    item = f"<item><entry xmlns='urn:example'/>{NOTIFICATION}</item>"

    assert "result" == player.ask(publishing(item, registered))["type"]
    assert 1 == len(house.network.sent)


def test_0060_10_longBodies(player, registered, house):
    """
    0060-10: A message of any length wakes the phone; of what is longer than any network takes, the beginning is kept.
    Refusing it would cost the user the device with some servers.
    """
    reply = player.ask(publish(*registered, summary(last_message_body="a" * 100_000, message_count="2")))

    (sent,) = house.network.sent
    assert "result" == reply["type"]
    assert "a" * BODY_MAX == sent.notification.summary.lastMessageBody
    assert (2, Priority.HIGH) == (sent.notification.summary.messageCount, sent.notification.priority)


@pytest.mark.parametrize(("type", "kind"), [("", Kind.MESSAGE), (" type='voip'", Kind.CALL)])
def test_0060_10_longPayloads(player, registered, house, type, kind):
    """
    0060-10: An encrypted payload that no network would take is left out, and the phone wakes as it would have.
    """
    payload = "A" * ENCRYPTED_MAX
    encrypted = f"<encrypted xmlns='tigase:push:encrypt:0' iv='AAAA'{type}>{payload}</encrypted>"

    reply = player.ask(publish(*registered, encrypted))

    (sent,) = house.network.sent
    assert ("result", None) == (reply["type"], sent.notification.encrypted)
    assert (kind, Priority.HIGH) == (sent.notification.kind, sent.notification.priority)


def test_0060_11_manyNotifications(player, registered, house):
    """
    0060-11: In one item there may be some notifications, but not so many that one publish is a thousand.
    """
    some, many = NOTIFICATION * NOTIFICATIONS_MAX, NOTIFICATION * (NOTIFICATIONS_MAX + 1)

    assert "result" == player.ask(publishing(f"<item>{some}</item>", registered))["type"]
    taken = len(house.network.sent)
    refused = condition(player.ask(publishing(f"<item>{many}</item>", registered)))

    assert "modify bad-request invalid-payload" == refused
    assert 0 < taken == len(house.network.sent)


def test_0060_12_itemsHaveNoIds(player, registered):
    """
    0060-12: An item is not kept: whatever its id is, there is nothing to name in the result.
    """
    for id in ("", "id='a'", "id=''"):
        reply = player.ask(publishing(f"<item {id}>{NOTIFICATION}</item>", registered))
        assert ("result", []) == (reply["type"], reply.children)


@pytest.mark.parametrize(
    ("more", "answer"),
    [
        ("<field var='pubsub#access_model'><value>open</value></field>", "cancel conflict precondition-not-met"),
        ("<field var='pubsub#publish_model'><value>open</value></field>", "cancel conflict precondition-not-met"),
        ("<field var='pubsub#type'><value>urn:example</value></field>", "cancel conflict precondition-not-met"),
        ("<field var='pubsub#access_model'/>", "cancel conflict precondition-not-met"),
        ("<field var='secret'><value>another</value></field>", "auth forbidden"),
        ("<field var='secret'/>", None),
        ("<field var='sandbox'><value>true</value></field><field var='pushModule'/><field/>", None),
        ("<field var='pubsub#what-nobody-knows'><value>1</value></field>", None),
    ],
)
def test_0060_14_options(player, registered, house, more, answer):
    """
    0060-14: Of the options, those count that say what the node must be, and the secret, of which there is one; of the
    others clients put there what they like.
    """
    reply = player.ask(publishing(f"<item>{NOTIFICATION}</item>", registered, more))

    assert answer == (condition(reply) if reply["type"] == "error" else None)
    assert len(house.network.sent) == (answer is None)


def test_0060_14_conditionsOfOthersAreNoOracle(player, registered):
    """
    0060-14: A precondition that fails is told before it is looked whether there is such a node, so that it does not
    tell that there is.
    """
    more = "<field var='pubsub#access_model'><value>open</value></field>"

    answers = {
        condition(player.ask(publishing(f"<item>{NOTIFICATION}</item>", registered, more, node)))
        for node in (None, "node='gone'")
    }

    assert {"cancel conflict precondition-not-met"} == answers
