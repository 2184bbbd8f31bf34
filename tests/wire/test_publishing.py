"""
What we publish to others is what we would read.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.words.xish.domish import Element

from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary
from pushsvc.wire.notification import readPublish
from pushsvc.wire.publishing import writePublish
from tests.wire.support import view

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=200)
JID = st.sampled_from(["romeo@montague.example", "romeo@montague.example/orchard", "room@muc.example/nick"])
COUNT = st.none() | st.integers(0, 2**31 - 1)
SUMMARIES = st.builds(Summary, COUNT, COUNT, st.none() | JID, st.none() | TEXT, st.none() | JID)


def throughTheWire(node, notification, options):
    iq = Element((None, "iq"), attribs={"type": "set"})
    iq.addChild(writePublish(node, notification, options))
    return readPublish(view(iq.toXml()), "push.example.net", "push.example.org")


@given(SUMMARIES, st.sampled_from(Priority), TEXT)
def test_comesThrough(summary, priority, secret):
    """
    Whatever a summary says arrives, with the priority and the options.
    """
    options = {"secret": (secret,), "device_id": ("a", "b")}
    kind = Kind.CLEAR if summary.messageCount == 0 and summary.lastMessageBody is None else Kind.MESSAGE
    sent = Notification(kind, priority, summary)

    publish = throughTheWire("node-1", sent, options)

    (received,) = publish.notifications
    assert publish.node == "node-1"
    assert options == publish.options
    # An empty summary says nothing, and what nobody said is not of interest; a body asks for haste by itself.
    assert received.summary == (summary if summary != Summary() else None)
    assert received.kind is kind
    hasty = priority is Priority.NORMAL and summary.lastMessageBody is not None
    assert received.priority is (Priority.HIGH if hasty else priority)


@pytest.mark.parametrize("type", [None, "voip"])
def test_encryptedComesThrough(type):
    """
    What only the device can read is handed on as it came.
    """
    kind = Kind.CALL if type else Kind.MESSAGE
    sent = Notification(kind, Priority.HIGH, encrypted=Encrypted("aXY=", "cGF5bG9hZA==", type))

    (received,) = throughTheWire("node-1", sent, {}).notifications

    assert sent == received


def test_aCallIsACall():
    """
    A call is still one at the other end.
    """
    (received,) = throughTheWire("node-1", Notification(Kind.CALL, Priority.HIGH), {}).notifications

    assert received.kind is Kind.CALL


def test_0357_10_optionsStandInPubsub():
    """
    0357-10: publish-options stand beside publish, in pubsub, and there are none where nothing is said.
    """
    pubsub = writePublish("node-1", Notification(), {"secret": ("s",)})
    bare = writePublish(None, Notification(), {})

    assert ["publish", "publish-options"] == [child.name for child in pubsub.elements()]
    assert "http://jabber.org/protocol/pubsub#publish-options" in pubsub.toXml()
    assert ["publish"] == [child.name for child in bare.elements()]
    assert not bare.publish.hasAttribute("node")
