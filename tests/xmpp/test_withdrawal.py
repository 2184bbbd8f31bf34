"""
Users' servers learn that a node is gone.
"""

from dataclasses import replace

from zope.interface.verify import verifyObject

from pushsvc.hosts import ServedHost
from pushsvc.ipushsvc import IWithdrawals
from pushsvc.strangers import ownerOf
from pushsvc.xmpp.withdrawal import Withdrawals

PUBSUB = "http://jabber.org/protocol/pubsub"
HOST = ServedHost("push.example.net")


def told(host):
    sent = []
    withdrawals = Withdrawals({host.name: host}, sent.append)
    assert verifyObject(IWithdrawals, withdrawals)
    withdrawals.withdrawn(host.name, "node-1", "juliet@example.org")
    return sent


def test_0357_8_shapeOfTheXEP():
    """
    0357-8: The user's server is told at the user's bare JID, with the node on pubsub.
    """
    (message,) = told(HOST)

    assert (message["from"], message["to"]) == ("push.example.net", "juliet@example.org")
    assert message["id"]
    assert message.pubsub["node"] == "node-1"
    affiliation = message.pubsub.affiliation
    assert (affiliation["jid"], affiliation["affiliation"]) == ("juliet@example.org", "none")
    assert affiliation.uri == message.pubsub.uri == PUBSUB


def test_MP36_shapeOfModPush():
    """
    MP-36: Where the configuration says so it is told in mod_push's shape too, in a message of its own.
    """
    xep, modPush = told(replace(HOST, withdrawals=("xep-0357", "mod_push")))

    assert xep.pubsub["node"] == "node-1"
    assert not modPush.pubsub.hasAttribute("node")
    assert modPush.pubsub.affiliations["node"] == "node-1"
    assert modPush.pubsub.affiliations.affiliation["affiliation"] == "none"
    assert xep["id"] != modPush["id"]


def test_hostNoLongerServed():
    """
    For a host that is no longer ours nothing can be said.
    """
    sent = []

    Withdrawals({}, sent.append).withdrawn("push.example.net", "node-1", "juliet@example.org")

    assert sent == []


def test_whoHasNoAccount():
    """
    Who registered without an account has no server that could be told.
    """
    sent = []

    Withdrawals({HOST.name: HOST}, sent.append).withdrawn(HOST.name, "node-1", ownerOf(HOST.name, "phone"))

    assert sent == []
