"""
What owners of nodes and those who subscribe ask for, as it is read; and whatever else may be sent in its place.
"""

from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.errors import BadForm, BadPublish, NotAcceptable, RequestError
from pushsvc.wire import noderequests
from pushsvc.wire.delegation import readDelegated, readNamespaces
from pushsvc.wire.noderequests import (
    CHANGES_MAX,
    Creation,
    isGone,
    nodeOf,
    readAffiliations,
    readConfigure,
    readCreate,
    readItemIds,
    readSubscribing,
    readSubscriptions,
)
from pushsvc.wire.privilege import readPrivileges
from pushsvc.wire.push2 import readPush2
from pushsvc.wire.withdrawal import readWithdrawal
from tests.wire.support import tree, view
from tests.wire.trees import text

PUBSUB = "http://jabber.org/protocol/pubsub"
OWNER = f"{PUBSUB}#owner"
NAMESPACES = (
    PUBSUB,
    OWNER,
    "jabber:x:data",
    "urn:xmpp:push2:0",
    "urn:xmpp:sce:rfc8291:0",
    "urn:xmpp:privilege:2",
    "urn:xmpp:delegation:2",
    "urn:xmpp:forward:0",
    "jabber:client",
    "urn:ietf:params:xml:ns:xmpp-stanzas",
)
NAMES = (
    *("pubsub", "create", "configure", "affiliations", "affiliation", "subscriptions", "subscription", "item", "error"),
    *("x", "field", "value", "gone", "message", "iq", "notification", "client", "encrypted", "payload", "priority"),
    *("privilege", "perm", "namespace", "delegation", "delegated", "forwarded"),
)
ATTRIBUTES = {
    "node": ("", "n"),
    "type": ("", "push", "cancel", "submit", "error"),
    "jid": ("", "@", "juliet@example.org", "JULIET@example.org/a", "a@b/"),
    "affiliation": ("", "owner", "none", "emperor"),
    "subscription": ("", "none", "subscribed"),
    "subid": ("", "s"),
    "id": ("", "i"),
    "var": ("", "FORM_TYPE", "pubsub#title", "secret"),
    "to": ("", "juliet@example.org", "@"),
    "from": ("example.org",),
    "access": ("iq", "message", "roster", ""),
    "namespace": (PUBSUB, ""),
}


def element(children):
    attributes = st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(said) | text for name, said in ATTRIBUTES.items()}
    )
    return st.builds(
        lambda name, uri, said, content: (
            f"<{name} xmlns={quoteattr(uri)}"
            + "".join(f" {key}={quoteattr(value)}" for key, value in said.items())
            + f">{''.join(content)}</{name}>"
        ),
        st.sampled_from(NAMES),
        st.sampled_from(NAMESPACES),
        attributes,
        st.lists(children, max_size=4),
    )


leaves = st.sampled_from(("", "a", "node-1/secret", f"{PUBSUB}#node_config", "high"))
elements = element(st.recursive(leaves, element, max_leaves=10))

READERS = {
    each.__name__: each
    for each in (
        *(readCreate, readConfigure, readAffiliations, readSubscriptions, readSubscribing, readItemIds, nodeOf, isGone),
        *(readWithdrawal, readPush2, readPrivileges, readDelegated, readNamespaces),
    )
}


def outcome(read, element):
    """
    What is read, or which refusal there is.
    """
    try:
        return read(element)
    except RequestError as e:
        return type(e), str(e)


@given(elements)
def test_anyElementIsReadOrRefused(xml):
    """
    Whatever is sent is read as something, or refused; and the same by whichever view of it.
    """
    for name, read in READERS.items():
        assert (name, outcome(read, view(xml))) == (name, outcome(read, tree(xml)))


def test_everyReaderIsTried():
    """
    No reader of this file is left out.
    """
    public = {name for name in vars(noderequests) if name.startswith("read") and name not in ("readOnce",)}

    assert public | {"nodeOf", "isGone"} <= set(READERS)


def of(content, namespace=OWNER):
    return view(f"<verb xmlns='{namespace}' node='n'>{content}</verb>")


def test_0060_17_whatIsToBe():
    """
    0060-17: A name, a type and options, each of which may be missing.
    """
    bare = view(f"<pubsub xmlns='{PUBSUB}'><create node='' type=''/></pubsub>")
    full = view(
        f"<pubsub xmlns='{PUBSUB}'><create node='n' type='push'/><configure><x xmlns='jabber:x:data'>"
        "<field var='pubsub#title'><value>t</value></field></x></configure></pubsub>"
    )

    assert Creation(None, None, {}) == readCreate(bare)
    assert Creation("n", "push", {"pubsub#title": ("t",)}) == readCreate(full)


@pytest.mark.parametrize(
    ("read", "name"), [(readAffiliations, "affiliation"), (readSubscriptions, "subscription")]
)
def test_0060_23_howMany(read, name):
    """
    0060-23: So many may be named at once, and no more; each once, however it is spelled.
    """
    def named(jids):
        return of("".join(f"<{name} jid='{jid}' {name}='none'/>" for jid in jids))

    assert CHANGES_MAX == len(read(named(f"a{number}@b" for number in range(CHANGES_MAX))))
    for wrong in ((f"a{number}@b" for number in range(CHANGES_MAX + 1)), ("a@b", "A@B"), (), ("@",)):
        with pytest.raises(BadPublish):
            read(named(wrong))


@pytest.mark.parametrize(
    ("read", "name"), [(readAffiliations, "affiliation"), (readSubscriptions, "subscription")]
)
def test_0060_23_whatIsNotSaid(read, name):
    """
    0060-23: Who is named, and of whom nothing is said, stays what he is.
    """
    assert {"c@b": "none"} == read(of(f"<{name} jid='a@b'/><{name} jid='c@b' {name}='none'/>"))
    assert {} == read(of(f"<{name} jid='a@b'/>"))
    with pytest.raises(BadPublish):
        read(of(f"<{name} jid='a@b'/><{name} jid='a@b' {name}='none'/>"))


def test_0060_28_noIds():
    """
    0060-28: Subscriptions have no ids: who names one means another service.
    """
    with pytest.raises(NotAcceptable):
        readSubscriptions(of("<subscription jid='a@b' subscription='none' subid='1'/>"))


def test_0060_19_forms():
    """
    0060-19: One form says how a node is to be; none, two, or one about something else do not.
    """
    form = "<x xmlns='jabber:x:data' type='{}'><field var='FORM_TYPE'><value>{}</value></field></x>"
    right = form.format("submit", f"{PUBSUB}#node_config")

    assert {} == readConfigure(of(right))
    assert None is readConfigure(of(form.format("cancel", "")))
    for wrong in ("", right * 2, form.format("submit", f"{PUBSUB}#publish-options")):
        with pytest.raises(BadForm):
            readConfigure(of(wrong))
