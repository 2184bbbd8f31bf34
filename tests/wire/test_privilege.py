"""
What servers grant us, and how it is used.
"""

import pytest
from twisted.words.xish.domish import Element

from pushsvc.wire.privilege import answerIn, asAccount, readPrivileges
from tests.wire.support import view

NAMESPACES = ("urn:xmpp:privilege:1", "urn:xmpp:privilege:2")
PUBSUB = "http://jabber.org/protocol/pubsub"


def grant(content, namespace=NAMESPACES[1]):
    return view(f"<message><privilege xmlns='{namespace}'>{content}</privilege></message>")


@pytest.mark.parametrize(
    "type, publishing", [("set", True), ("both", True), ("get", False), ("none", False), ("", False)]
)
@pytest.mark.parametrize("namespace", NAMESPACES)
def test_0356_1_whatIsGranted(namespace, type, publishing):
    """
    0356-1: publishing for accounts is granted where they may be spoken for in sets to pubsub.
    """
    said = (
        "<perm access='roster' type='get'/><perm access='iq'>"
        f"<namespace ns='urn:other' type='both'/><namespace ns='{PUBSUB}' type='{type}'/></perm>"
    )

    privileges = readPrivileges(grant(said, namespace))

    assert (namespace, publishing) == (privileges.namespace, privileges.publishing)


def test_0356_1_somethingElse():
    """
    0356-1: what grants something else grants no publishing, and a message of something else nothing at all.
    """
    roster = f"<perm access='roster'><namespace ns='{PUBSUB}' type='set'/></perm>"
    other = f"<perm access='message' type='outgoing'/>{roster}"

    assert readPrivileges(grant(other)).publishing is False
    assert readPrivileges(view("<message><body/></message>")) is None


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_0356_4_asTheAccount(namespace):
    """
    0356-4: what the account is to say stands in the request, and its answer in the answer.
    """
    inner = Element(("jabber:client", "iq"), attribs={"type": "set", "id": "i1"})
    answer = (
        f"<iq type='result'><privilege xmlns='{namespace}'><forwarded xmlns='urn:xmpp:forward:0'>"
        "<iq xmlns='jabber:client' type='error' id='i1'/></forwarded></privilege></iq>"
    )

    wrapper = view(asAccount(inner, namespace).toXml())

    assert (namespace, "privileged_iq") == wrapper.qname
    assert [("jabber:client", "iq")] == [each.qname for each in wrapper.elements()]
    assert "error" == answerIn(view(answer)).attribute("type")
    assert answerIn(view("<iq type='result'/>")) is None
