"""
Stanzas wait in order, and not without bounds.
"""

from pushsvc.links.backlog import Backlog


def test_firstInFirstOut() -> None:
    """
    What waits longest leaves first.
    """
    backlog = Backlog(10, 100)
    for stanza in ("<a/>", "<b/>"):
        assert backlog.add(stanza)

    assert ["<a/>", "<b/>"] == [backlog.pop() for _ in range(len(backlog))]


def test_onlySoManyStanzasWait() -> None:
    """
    One too many is dropped, and counted; what waits already stays.
    """
    backlog = Backlog(2, 100)

    assert [True, True, False] == [bool(backlog.add(stanza)) for stanza in ("<a/>", "<b/>", "<c/>")]

    assert (2, 1, "<a/>") == (len(backlog), backlog.dropped, backlog.pop())
    assert backlog.add("<d/>")


def test_onlySoMuchWaits() -> None:
    """
    Large stanzas fill it as well as many do.
    """
    backlog = Backlog(100, 10)

    assert [True, False, True] == [bool(backlog.add(stanza)) for stanza in ("12345678", "123", "12")]
    backlog.pop()
    assert backlog.add("12345678")


def test_whatIsWithdrawnMakesRoom() -> None:
    """
    What need not be sent any more is not, and takes no room; to withdraw what has left already changes nothing.
    """
    backlog = Backlog(100, 10)
    one, two = backlog.add("1111"), backlog.add("222222")
    assert one is not None and two is not None

    backlog.withdraw(one)
    added = backlog.add("3333")
    first = backlog.pop()
    backlog.withdraw(two)

    assert (True, "222222", 1, "3333") == (bool(added), first, len(backlog), backlog.pop())
    assert backlog.add("1234567890")
