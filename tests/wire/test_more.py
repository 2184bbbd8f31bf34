"""
What a publish may tell beside the summary.
"""

import pytest

from pushsvc.model import Kind
from pushsvc.wire.notification import readPublish
from tests.wire.support import domish, tree, view

IQ = """
<iq type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='n'><item>
<notification xmlns='urn:xmpp:push:0'>{}</notification></item></publish></pubsub></iq>"""


@pytest.fixture(params=[view, tree])
def read(request):
    def read(children):
        publish = readPublish(request.param(IQ.strip().format(children)), "push.example.net", "example.org")
        return publish.notifications[0]

    return read


def test_TG4_accountRemoved(read):
    """
    TG-4: that an account is gone is carried through; of other events nobody knows what they mean.
    """
    event = "<event xmlns='http://tigase.org/protocol/account#event' name='{}'/>"

    assert {"event": "account-removed"} == read(event.format("account-removed")).more
    assert {} == read(event.format("else")).more


def test_aCall(read):
    """
    D-4: of a call it is carried through which it is, and what with.
    """
    notification = read(
        "<jingle xmlns='tigase:push:jingle:0' action='propose' sid='s1'>"
        "<media>audio</media><media>video</media></jingle>"
    )

    assert (Kind.CALL, {"sid": "s1", "media": "audio,video"}) == (notification.kind, dict(notification.more))


def test_theNicknameInARoom(read):
    """
    2.2: who wrote in a room is carried through.
    """
    notification = read(
        "<groupchat xmlns='http://tigase.org/protocol/muc#offline'><nickname>Romeo</nickname></groupchat>"
    )

    assert {"nickname": "Romeo"} == notification.more


def test_unknownChildren(read):
    """
    L-9: what nobody here knows is kept as it came, within bounds; without a namespace it means nothing.
    """
    (name, written), = read("<a xmlns='urn:example:a' b='c'>d<e/>\u00e9&lt;</a>").more.items()

    assert "{urn:example:a}a" == name
    again = domish(written)
    assert ("urn:example:a", "a", "c") == (again.uri, again.name, again["b"])
    assert "d\u00e9<" == "".join(child for child in again.children if isinstance(child, str))
    assert ["e"] == [child.name for child in again.elements()]
    assert {} == read(f"<a xmlns='urn:example:a'>{'x' * 3000}</a>").more


def test_nothingMore(read):
    """
    Where there is only what is read elsewhere, there is nothing more.
    """
    assert {} == read("<x xmlns='jabber:x:data'/><priority xmlns='tigase:push:priority:0'>high</priority>").more
