"""
``<enable/>`` and ``<disable/>`` as clients write them, and what is replayed of them.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.words.xish.domish import Element

from pushsvc.enablement import ContentOptions
from pushsvc.errors import BadForm, BadJID, BadOption, Unsupported
from pushsvc.wire.enabling import KEPT_MAX, NODE_MAX, readEnable, readService, replayed, writeEnabled, writeOptions
from pushsvc.wire.namespaces import NS_PUBLISH_OPTIONS, NS_PUSH, NS_PUSH_OPTIONS, NS_TIGASE_AWAY
from pushsvc.wire.view import DomishView
from tests.wire.support import tree, view

SERVICE = "push.example.net"
KEY = "MDEyMzQ1Njc4OWFiY2RlZg=="
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=40)


def enable(content="", jid=SERVICE, node="n1", more="", read=view):
    attributes = "".join(f" {name}='{value}'" for name, value in (("jid", jid), ("node", node)) if value is not None)
    return read(f"<enable xmlns='{NS_PUSH}'{attributes}{more}>{content}</enable>")


def form(*fields, type=" type='submit'"):
    written = "".join(
        f"<field var='{var}'{attributes}>{''.join(f'<value>{value}</value>' for value in values)}</field>"
        for var, attributes, *values in fields
    )
    return f"<x xmlns='jabber:x:data'{type}>{written}</x>"


def options(*fields):
    return form(("FORM_TYPE", "", NS_PUSH_OPTIONS), *fields)


SECRET = form(("FORM_TYPE", " type='hidden'", NS_PUBLISH_OPTIONS), ("secret", "", "s3cret"))


@pytest.mark.parametrize("read", [view, tree])
def test_0357_12_whatIsEnabled(read):
    """
    0357-12: a service and, if the client names one, a node of it.
    """
    named = readEnable(enable(SECRET, jid="Push.Example.NET", read=read))
    bare = readEnable(enable(node=None, read=read))

    assert (SERVICE, "n1") == (named.service.full, named.node)
    assert {"secret": ("s3cret",)} == named.said
    assert (SERVICE, None) == (bare.service.full, bare.node)
    assert ("", {}, None, {}) == (bare.form, bare.said, bare.asked, bare.extras)


@pytest.mark.parametrize("jid", [None, ""])
def test_0357_12_PR1_MIM14_withoutAService(jid):
    """
    0357-12, PR-1, PR-8, MIM-14: neither is anything enabled nor disabled when it is not said where.
    """
    with pytest.raises(BadForm):
        readEnable(enable(jid=jid))
    with pytest.raises(BadForm):
        readService(view(f"<disable xmlns='{NS_PUSH}'/>"))


@pytest.mark.parametrize("jid", ["@push.example.net", "push.example.net/", "a@b@c/ ", "&#x7f;"])
def test_MP38_noJID(jid):
    """
    MP-38, TG-1: what is no JID is no service.
    """
    with pytest.raises(BadJID):
        readEnable(enable(jid=jid))


def test_0357_15_whatIsDisabled():
    """
    0357-15: one node of a service, or all of them; the empty node is a node.
    """
    said = [f"<disable xmlns='{NS_PUSH}' jid='{SERVICE}'{node}/>" for node in (" node='n1'", "", " node=''")]

    assert ["n1", None, ""] == [readService(view(each))[1] for each in said]


def test_nodesEnd():
    """
    There are no nodes of any length.
    """
    assert NODE_MAX == len(readEnable(enable(node="n" * NODE_MAX)).node)
    with pytest.raises(BadForm):
        readEnable(enable(node="n" * (NODE_MAX + 1)))


@pytest.mark.parametrize("type", ["submit", "form", "result", None])
def test_0357_13_PR3_replayedVerbatim(type):
    """
    0357-13, PR-3, MP-41: publish-options are replayed as the client wrote them: types, labels, several values, fields
    that nobody knows, and no FORM_TYPE where there was none.
    """
    fields = (
        ("FORM_TYPE", "", NS_PUBLISH_OPTIONS),
        ("secret", " type='text-private'", "a&amp;b &lt;c&gt;"),
        ("device_id", " label='Which'", "one", "two"),
        ("empty", ""),
        ("blank", "", ""),
    )
    written = form(*fields, type=f" type='{type}'" if type else "")

    read = readEnable(enable(written))
    again = DomishView(replayed(read.form))

    assert {"secret": ("a&b <c>",), "device_id": ("one", "two"), "empty": (), "blank": ("",)} == read.said
    assert again.qname == ("jabber:x:data", "x")
    assert again.attribute("type") == type
    asRead = [
        (each.attribute("var"), each.attribute("type"), each.attribute("label"), tuple(each.texts(each.uri, "value")))
        for each in again.elements()
    ]
    assert asRead == [
        ("FORM_TYPE", None, None, (NS_PUBLISH_OPTIONS,)),
        ("secret", "text-private", None, ("a&b <c>",)),
        ("device_id", None, "Which", ("one", "two")),
        ("empty", None, None, ()),
        ("blank", None, None, ("",)),
    ]


@given(TEXT, TEXT)
def test_0357_13_anyText(var, value):
    """
    0357-13: whatever text stands in publish-options stands in the replayed ones.
    """
    x = Element(("jabber:x:data", "x"))
    x.addElement("field", content=None)["var"] = var
    x.field.addElement("value", content=value)
    element = Element((NS_PUSH, "enable"), attribs={"jid": SERVICE})
    element.addChild(x)

    again = DomishView(replayed(readEnable(DomishView(element)).form))

    (field,) = again.elements()
    assert (var, (value,)) == (field.attribute("var"), tuple(field.texts("jabber:x:data", "value")))


@pytest.mark.parametrize(
    "fields", [[("secret", "", "a", "b")], [("secret", "", "a"), ("secret", "", "b")]], ids=["values", "fields"]
)
def test_MP40_oneSecret(fields):
    """
    MP-40: a secret that is given twice is none.
    """
    with pytest.raises(BadForm):
        readEnable(enable(form(*fields)))


def test_tooMuch():
    """
    What is kept of an enablement has an end.
    """
    with pytest.raises(BadForm):
        readEnable(enable(form(("secret", "", "s" * KEPT_MAX))))


@pytest.mark.parametrize("text, truth", [("1", True), ("0", False), ("true", True), ("false", False), (" 1 ", True)])
def test_MP45_truths(text, truth):
    """
    MP-45: an option is 1, 0, true or false.
    """
    read = readEnable(enable(options(("include-senders", "", text)) + SECRET))

    assert ContentOptions(senders=truth) == read.asked
    # Both forms are there, and are not mistaken for one another.
    assert {"secret": ("s3cret",)} == read.said


@pytest.mark.parametrize("values", [("yes",), ("",), (), ("1", "0")])
def test_MP45_noTruths(values):
    """
    MP-45: anything else is refused.
    """
    with pytest.raises(BadOption):
        readEnable(enable(options(("include-message-bodies", "", *values))))


def test_MP47_whatWasAccepted():
    """
    MP-47: the answer names what was accepted as a form of type result, with 0 and 1, and is empty when that is nothing.
    """
    answer = writeEnabled(ContentOptions(senders=True, messageCount=False))

    assert writeEnabled(ContentOptions()) is None
    x = DomishView(answer).elements()[0]
    assert ("enable", "result") == (answer.name, x.attribute("type"))
    assert x.rows("jabber:x:data", "field", "var", "value") == [
        ("FORM_TYPE", (NS_PUSH_OPTIONS,)),
        ("include-senders", ("1",)),
        ("include-message-count", ("0",)),
    ]
    assert "hidden" in [field.attribute("type") for field in x.elements()]


def test_MP53_optionsForm():
    """
    MP-53: all four options stand in the form that an account is shown.
    """
    x = DomishView(writeOptions(ContentOptions(True, False, True, False)))

    assert [values for _, values in x.rows("jabber:x:data", "field", "var", "value")][1:] == [
        ("1",),
        ("0",),
        ("1",),
        ("0",),
    ]


def test_extrasOfTigasesFamily():
    """
    D-1, D-2 and D-3: what clients of Tigase's family put in is kept by its names, and what nobody knows is not.
    """
    muted = "<muted xmlns='tigase:push:filter:muted:0'><item jid='Spam@example.com/x'/><item jid='@'/></muted>"
    rooms = (
        "<groupchat xmlns='tigase:push:filter:groupchat:0'>"
        "<room jid='room@muc.example' allow='mentioned' nick='Juliet'/><room jid='other@muc.example'/></groupchat>"
    )
    content = (
        f"{muted}{rooms}<ignore-unknown xmlns='tigase:push:filter:ignore-unknown:0'/>"
        f"<encrypt xmlns='tigase:push:encrypt:0' alg='aes-128-gcm'>{KEY[:12]}\n{KEY[12:]}</encrypt>"
        "<priority xmlns='tigase:push:priority:0'/><jingle xmlns='tigase:push:jingle:0'/><muted xmlns='urn:other'/>"
    )

    extras = readEnable(enable(content, more=" away='true'")).extras

    assert json.loads(extras["muted"]) == ["spam@example.com"]
    assert json.loads(extras["groupchat"]) == {
        "room@muc.example": {"allow": "mentioned", "nick": "Juliet"},
        "other@muc.example": {},
    }
    assert (KEY, NS_TIGASE_AWAY) == (extras["encrypt"], extras["away"])
    assert {"priority", "jingle", "ignore-unknown", "muted", "groupchat", "encrypt", "away"} == set(extras)


@pytest.mark.parametrize("key", ["", "AAAA", "MDEyMzQ1Njc4OWFiY2RlZjA=", "!" * 22])
def test_PR30_keysOfAnotherLength(key):
    """
    PR-30: a key that is not 16 bytes in base64 is refused: nothing could be encrypted with it.
    """
    with pytest.raises(BadForm):
        readEnable(enable(f"<encrypt xmlns='tigase:push:encrypt:0' alg='aes-128-gcm'>{key}</encrypt>"))


@pytest.mark.parametrize("key", [KEY.rstrip("="), KEY[:-1], f" {KEY}\n"])
def test_PR30_keysWithoutPadding(key):
    """
    PR-30: how a key is padded is all the same.
    """
    read = readEnable(enable(f"<encrypt xmlns='tigase:push:encrypt:0' alg='AES-128-GCM'>{key}</encrypt>"))

    assert KEY == read.extras["encrypt"]


@pytest.mark.parametrize("alg", ["aes-256-gcm", ""])
def test_PR30_otherEncryption(alg):
    """
    PR-30: of other encryption we say that we do not have it.
    """
    with pytest.raises(Unsupported):
        readEnable(enable(f"<encrypt xmlns='tigase:push:encrypt:0' alg='{alg}'>{KEY}</encrypt>"))


def test_nothingIsTold():
    """
    Neither service nor node nor secret is in what is logged of a request.
    """
    said = repr(readEnable(enable(SECRET)))

    assert not any(word in said for word in (SERVICE, "n1", "s3cret"))
