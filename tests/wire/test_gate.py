"""
What every stanza must be, whatever it is.
"""

from xml.sax.saxutils import quoteattr

from hypothesis import given
from hypothesis import strategies as some

from pushsvc.jids import addressOf
from pushsvc.wire.gate import refusal
from pushsvc.wire.replies import errorReply, resultReply
from tests.wire.support import domish
from tests.wire.trees import anything, words

jids = some.one_of(
    some.sampled_from(["push.example.net", "a@example.org/x", "@", "a b@example.org", "example.org/", "/", "a@@b"]),
    words,
)
types = some.one_of(some.sampled_from(["get", "set", "result", "error", "GET", "subscribe"]), words)
stanzas = some.builds(
    lambda name, attributes, children: (
        f"<{name}{''.join(f' {key}={quoteattr(value)}' for key, value in attributes.items())}>{children}</{name}>"
    ),
    some.sampled_from(["iq", "iq", "message", "presence", "query"]),
    some.fixed_dictionaries({}, optional={"from": jids, "to": jids, "type": types, "id": words}),
    some.lists(anything, max_size=2).map("".join),
)


@given(stanzas)
def test_everyStanzaIsJudged(xml):
    """
    A stanza goes on, is refused, or is passed over; and what it is, is said of it.
    """
    stanza = domish(xml)
    refused = refusal(stanza)

    asked = stanza.attributes
    isAnswer = asked.get("type") in ("result", "error")
    if refused is not None:
        assert stanza.__dict__["handled"] is True
        assert stanza.name == "iq" and not isAnswer
        assert ("error", asked["from"], asked.get("id")) == (refused["type"], refused["to"], refused.getAttribute("id"))
        assert addressOf(refused["from"]) is not None
    elif stanza.__dict__["handled"] is False:
        # Whoever handles it may take for granted:
        assert addressOf(asked["from"]) is not None
        if stanza.name == "iq" and not isAnswer:
            assert addressOf(asked["to"]) is not None and asked["type"] in ("get", "set")
            assert 1 == len(list(stanza.elements()))
    else:
        assert addressOf(asked.get("from", "")) is None or addressOf(asked.get("to", "")) is None


@given(stanzas)
def test_repliesMirrorTheRequest(xml):
    """
    A reply goes where the request came from, comes from where it went, and bears its id; nothing else of it.
    """
    stanza = domish(xml)

    for reply in (resultReply(stanza), errorReply(stanza, domish("<error/>"))):
        for here, there in (("from", "to"), ("to", "from"), ("id", "id")):
            assert reply.getAttribute(here) == stanza.getAttribute(there)
        assert not [child for child in reply.elements() if child.name != "error"]
