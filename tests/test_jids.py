"""
JIDs are prepared, or are none.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.words.protocols.jabber import jid

from pushsvc.jids import _PLAIN, addressOf


@pytest.mark.parametrize(
    ("text", "full", "bare"),
    [
        ("example.org", "example.org", "example.org"),
        ("juliet@example.org", "juliet@example.org", "juliet@example.org"),
        ("Juliet@EXAMPLE.org/Balcony", "juliet@example.org/Balcony", "juliet@example.org"),
        ("example.org/a@b/c", "example.org/a@b/c", "example.org"),
        ("ß@bücher.example/ä b", "ss@bücher.example/ä b", "ss@bücher.example"),
        # Younger than stringprep, as in the names that people give their clients; the last looks like a capital A.
        ("juliet@example.org/\U0001f4f1", "juliet@example.org/\U0001f4f1", "juliet@example.org"),
        ("juliet@example.org/\U0001f130", "juliet@example.org/\U0001f130", "juliet@example.org"),
    ],
)
def test_prepared(text, full, bare):
    """
    A JID is prepared as RFC 6122 has it.
    """
    address = addressOf(text)

    assert (address.full, address.bare) == (full, bare)


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "/", "@example.org", "a@", "a@/b", "example.org/", "a b@example.org", "a@b@c", "a..b"),
        *("-a.example", "a@exa_mple.org", "\u00ad@example.org", "a@example.org/\u00ad", "a@example.org/\ue000"),
        *("a@example.org/\u05d0a", "a@example.org/\u05d01"),
        *("a" * 1024, "a@b/" + "ä" * 512, "a" * 9999),
    ],
)
def test_malformed(text):
    """
    What is no JID is found to be none, also where Twisted sees one.
    """
    assert addressOf(text) is None


@given(st.from_regex(_PLAIN, fullmatch=True))
def test_plainOnesNeedNoPreparing(text):
    """
    The short cut leads where stringprep leads.
    """
    address = addressOf(text)

    assert address is None or (address.local, address.domain, address.resource) == jid.parse(text)


@given(st.text(max_size=20) | st.text("ab@/.-ß\u00ad", max_size=8))
def test_anyText(text):
    """
    Any text is a JID or none, and what is prepared stays as it is.
    """
    address = addressOf(text)

    assert address is None or addressOf(address.full) == address


@pytest.mark.parametrize("form", ["{}", "{}@example.org", "example.org/{}"])
def test_whatGrowsIsRefusedBeforeItIsPrepared(form, monkeypatch):
    """
    A text that preparing would make too long is refused without preparing it: that takes the longer the more is sent.
    """
    monkeypatch.setattr("pushsvc.jids.jid.parse", lambda text: pytest.fail("was prepared"))

    assert addressOf(form.format("\ufdfa" * 500)) is None


def test_nonsenseIsNotRemembered():
    """
    What is no JID, and what is long, takes no memory.
    """
    from pushsvc.jids import _remembered

    before = _remembered.cache_info().currsize
    for number in range(100):
        addressOf(f"a..b{number}")
        addressOf(f"{number}@example.org/" + "x" * 500)

    assert before == _remembered.cache_info().currsize
