"""
What servers hand on to us, and how they are answered.
"""

import pytest
from twisted.words.xish.domish import Element

from pushsvc.jids import addressOf
from pushsvc.wire.delegation import readDelegated, readNamespaces, readNode, writeAnswer
from pushsvc.wire.errors import errorElement
from tests.wire.support import tree, view

NAMESPACES = ("urn:xmpp:delegation:1", "urn:xmpp:delegation:2")


def delegated(iq, namespace=NAMESPACES[1], read=view):
    return read(f"<delegation xmlns='{namespace}'><forwarded xmlns='urn:xmpp:forward:0'>{iq}</forwarded></delegation>")


def inner(content="<enable xmlns='urn:xmpp:push:0' jid='p'/>", to="", sender="Juliet@example.org/balcony"):
    return f"<iq xmlns='jabber:client' type='set' id='i1' from='{sender}'{to}>{content}</iq>"


@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize("read", [view, tree])
def test_0355_3_whatWasAsked(namespace, read):
    """
    0355-3: who asks whom for what, in both namespaces.
    """
    own = readDelegated(delegated(inner(), namespace, read))
    other = readDelegated(delegated(inner(to=" to='romeo@example.org'"), namespace, read))

    assert ("i1", "set", "juliet@example.org/balcony", None) == (own.id, own.type, own.sender.full, own.recipient)
    assert "enable" == own.payload.name
    assert "romeo@example.org" == other.recipient.full


@pytest.mark.parametrize(
    "iq",
    [
        "",
        "<iq xmlns='jabber:client' type='set' id='i1'/>",
        inner(sender="@example.org"),
        "<message xmlns='jabber:client' from='juliet@example.org'/>",
        # Whoever that is, it is not the account itself.
        inner(to=" to='@example.org'"),
    ],
)
def test_0355_3_nothingThatMakesSense(iq):
    """
    0355-3: what is no request of anybody to anybody is none.
    """
    assert readDelegated(delegated(iq)) is None


@pytest.mark.parametrize("content", ["", "<a xmlns='urn:a'/><b xmlns='urn:b'/>"])
def test_0355_3_notOneThing(content):
    """
    0355-3: a request that asks for nothing, or for two things, can still be answered.
    """
    asked = readDelegated(delegated(inner(content)))

    assert asked.payload is None
    assert "i1" == asked.id


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_0355_3_theAnswer(namespace):
    """
    0355-3: the answer is in the same wrapper, of the client's namespace, with its id, to whoever asked, from whom it
    asked.
    """
    own = readDelegated(delegated(inner(), namespace))
    server = own.__class__("i2", "set", own.sender, addressOf("example.org"), own.payload)

    payloads = [Element(("urn:xmpp:push:0", "enable")) for _ in range(2)]
    answers = [
        writeAnswer(namespace, asked, "result", payload) for asked, payload in zip((own, server), payloads, strict=True)
    ]

    for answer, sender in zip(answers, ("juliet@example.org", "example.org"), strict=True):
        wrapper = view(answer.toXml())
        assert (namespace, "delegation") == wrapper.qname
        (iq,) = wrapper.children("urn:xmpp:forward:0", "forwarded")[0].elements()
        assert ("jabber:client", "iq") == iq.qname
        assert (sender, "juliet@example.org/balcony") == (iq.attribute("from"), iq.attribute("to"))
        assert "result" == iq.attribute("type")
        assert [("urn:xmpp:push:0", "enable")] == [each.qname for each in iq.elements()]


def test_0355_3_theErrorWithin():
    """
    0355-3: an error is the client's, in its namespace, and nothing stands beside it.
    """
    asked = readDelegated(delegated(inner()))

    written = view(writeAnswer(NAMESPACES[0], asked, "error", errorElement("modify", "bad-request")).toXml())

    (iq,) = written.elements()[0].elements()
    (error,) = iq.elements()
    assert ("error", "i1") == (iq.attribute("type"), iq.attribute("id"))
    assert ("jabber:client", "error") == error.qname


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_0355_1_whatIsDelegated(namespace):
    """
    0355-1: a server says which namespaces it hands on.
    """
    said = "".join(f"<delegated namespace='{each}'/>" for each in ("urn:xmpp:push:0", "urn:other"))

    message = view(f"<message><delegation xmlns='{namespace}'>{said}</delegation></message>")

    assert ["urn:xmpp:push:0", "urn:other"] == readNamespaces(message)
    assert [] == readNamespaces(view("<message><body/></message>"))


@pytest.mark.parametrize("namespace", NAMESPACES)
@pytest.mark.parametrize("delegated", ["urn:xmpp:push:0", "http://jabber.org/protocol/commands"])
@pytest.mark.parametrize("whose, isAccounts", [("::", False), (":bare:", True)])
def test_0355_2_nodes(namespace, delegated, whose, isAccounts):
    """
    0355-2: servers ask about themselves and about their accounts, in either namespace.
    """
    assert (delegated, isAccounts) == readNode(f"{namespace}{whose}{delegated}")


@pytest.mark.parametrize(
    "node", ["", "urn:xmpp:push:0", "urn:xmpp:delegation:2", "urn:xmpp:delegation:3::urn:xmpp:push:0"]
)
def test_0355_2_otherNodes(node):
    """
    0355-2: other nodes are no such question.
    """
    assert readNode(node) is None
