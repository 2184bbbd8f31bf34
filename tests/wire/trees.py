"""
Any element, and in particular those that nearly are what they should be.
"""

from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st

NAMESPACES = (
    "",
    "jabber:x:data",
    "http://jabber.org/protocol/pubsub",
    "http://jabber.org/protocol/commands",
    "urn:xmpp:push:0",
    "tigase:push:encrypt:0",
    "tigase:push:priority:0",
    "tigase:push:jingle:0",
)
NAMES = ("pubsub", "publish", "item", "notification", "x", "field", "value", "encrypted", "priority", "jingle")
NAMES += ("publish-options", "command")
ATTRIBUTES = ("node", "var", "type", "action", "iv", "sessionid")
WORDS = ("FORM_TYPE", "message-count", "last-message-sender", "last-message-body", "secret", "pubsub#access_model")
WORDS += ("urn:xmpp:push:summary", "0", "-1", "9" * 30, "a@b/c", "@", "a..b", "execute", "propose", "voip", "high")

# What XML can hold.
text = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=8)
words = st.one_of(st.sampled_from(WORDS), text)


def _element(children):
    return st.builds(
        lambda name, uri, attributes, content: (
            f"<{name} xmlns={quoteattr(uri)}"
            + "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
            + f">{''.join(content)}</{name}>"
        ),
        st.sampled_from(NAMES),
        st.sampled_from(NAMESPACES),
        st.dictionaries(st.sampled_from(ATTRIBUTES), words, max_size=3),
        st.lists(children, max_size=4),
    )


content = words.map(escape)
anything = st.recursive(content, _element, max_leaves=12).flatmap(lambda inner: _element(st.just(inner)))


def within(*path, inner=anything):
    """
    Elements in a plausible place: inside these, each given by its start tag.
    """

    def wrap(children):
        xml = "".join(children)
        for tag in reversed(path):
            xml = f"<{tag}>{xml}</{tag.split()[0]}>"
        return xml

    return st.lists(inner, max_size=4).map(wrap)


def fields(names):
    """
    A form with some of these fields, any values.
    """
    field = st.builds(
        lambda name, values: f"<field var={quoteattr(name)}>{''.join(values)}</field>",
        st.one_of(st.sampled_from(names), words),
        st.lists(words.map(lambda value: f"<value>{escape(value)}</value>"), max_size=2),
    )
    return st.lists(field, max_size=6).map(lambda all: f"<x xmlns='jabber:x:data'>{''.join(all)}</x>")
