"""
Push services that take no publishes any more.
"""

import pytest

from pushsvc.wire.withdrawal import Withdrawal, readWithdrawal
from pushsvc.xmpp.withdrawal import Withdrawals
from tests.wire.support import view
from tests.xmpp.world import World

JULIET = "juliet@example.org"


def message(content, to=JULIET):
    return view(
        f"<message from='push.example.net' to='{to}'>"
        f"<pubsub xmlns='http://jabber.org/protocol/pubsub'{content}</pubsub></message>"
    )


def affiliation(jid=JULIET, said="none"):
    return f"<affiliation jid='{jid}' affiliation='{said}'/>"


def test_0357_8_asXEP0357():
    """
    0357-8, TG-2: the node stands on pubsub.
    """
    assert Withdrawal(JULIET, "n1") == readWithdrawal(message(f" node='n1'>{affiliation()}"))


def test_MP36_asModPush():
    """
    MP-36: mod_push has the node on affiliations.
    """
    said = f"><affiliations node='n1'>{affiliation()}</affiliations>"

    assert Withdrawal(JULIET, "n1") == readWithdrawal(message(said))


@pytest.mark.parametrize("said", ["owner", "publish-only", "outcast", "", "None"])
def test_0357_19_MP37_otherAffiliations(said):
    """
    0357-19, MP-37: no other affiliation means anything.
    """
    assert readWithdrawal(message(f" node='n1'>{affiliation(said=said)}")) is None


@pytest.mark.parametrize("jid", ["romeo@example.org", "example.org", "", "@"])
def test_0357_19_MP37_somebodyElse(jid):
    """
    0357-19, MP-37, TG-2: whom it concerns is whom it is said to.
    """
    assert readWithdrawal(message(f" node='n1'>{affiliation(jid)}")) is None


@pytest.mark.parametrize("content", [f">{affiliation()}", " node='n1'>", "><affiliations/>"])
def test_nothingIsWithdrawn(content):
    """
    Without a node, or without an affiliation, nothing is withdrawn.
    """
    assert readWithdrawal(message(content)) is None
    assert readWithdrawal(view("<message><pubsub xmlns='http://jabber.org/protocol/pubsub'/></message>")) is None


def test_ourOwnAreUnderstood():
    """
    What we say ourselves, in both shapes, we understand.
    """
    sent = []
    served = World().hosts["push.example.net"].__class__("push.example.net", withdrawals=("xep-0357", "mod_push"))

    Withdrawals({"push.example.net": served}, sent.append).withdrawn("push.example.net", "n1", JULIET)

    assert [Withdrawal(JULIET, "n1")] * 2 == [readWithdrawal(view(each.toXml())) for each in sent]
