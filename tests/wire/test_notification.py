"""
Notifications as they are meant, however they are written.
"""

from xml.etree import ElementTree

import pytest
from hypothesis import given

from pushsvc.errors import RequestError
from pushsvc.model import Encrypted, Kind, Priority, Publish, Summary
from pushsvc.wire.notification import readPublish
from tests.wire.support import tree, view
from tests.wire.trees import anything, fields, within

PUBSUB = "http://jabber.org/protocol/pubsub"
SUMMARY = "urn:xmpp:push:summary"


def read(content, beside=""):
    """
    The one notification of a publish.
    """
    xml = (
        f"<iq type='set'><pubsub xmlns='{PUBSUB}'><publish node='n'><item>"
        f"<notification xmlns='urn:xmpp:push:0'>{content}</notification>{beside}</item></publish></pubsub></iq>"
    )
    publish = readPublish(view(xml), "push.example.net", "example.org")
    assert publish == readPublish(tree(xml), "push.example.net", "example.org")
    assert (publish.host, publish.node, publish.sender) == ("push.example.net", "n", "example.org")
    (notification,) = publish.notifications
    return notification


def form(formType=SUMMARY, **values):
    """
    A form; a value may be one or several.
    """
    rows = [("FORM_TYPE", formType)] if formType is not None else []
    rows += [(name.replace("_", "-"), value) for name, value in values.items()]
    return "<x xmlns='jabber:x:data'>{}</x>".format("".join(row(name, value) for name, value in rows))


def row(name, value):
    values = [value] if isinstance(value, str) else value
    return f"<field var='{name}'>{''.join(f'<value>{one}</value>' for one in values)}</field>"


def test_0357_7_summary():
    """
    0357-7: A summary tells four things, and mod_push's tells who asks to subscribe.
    """
    summary = read(
        form(
            message_count=" 3 ",
            pending_subscription_count="1",
            last_message_sender="Juliet@example.org/Balcony",
            last_message_body=" Wherefore? ",
            last_subscription_sender="nurse@example.org",
        )
    ).summary

    assert summary == Summary(3, 1, "juliet@example.org/Balcony", " Wherefore? ", "nurse@example.org")


@pytest.mark.parametrize("count", ["", " ", "-1", "+1", "1.5", "one", "0x1", "٣", "9" * 10, "9" * 5000, ["1", "2"], []])
def test_0357_7_counts(count):
    """
    0357-7: A count that is none is left out; everything else is kept.
    """
    assert read(form(message_count=count, last_message_body="Hi")).summary == Summary(lastMessageBody="Hi")


@pytest.mark.parametrize("sender", ["", "@", "a b@example.org", "a..b", ["a@example.org", "b@example.org"], []])
def test_0357_7_senders(sender):
    """
    0357-7: A sender who is no JID is left out.
    """
    assert read(form(last_message_sender=sender, message_count="2")).summary == Summary(2)


@pytest.mark.parametrize("body", ["", [], ["a", "b"]])
def test_0357_7_bodies(body):
    """
    0357-7: An empty body is none, and several are none.
    """
    notification = read(form(last_message_body=body, message_count="2"))

    assert notification.summary == Summary(2)
    assert notification.priority is Priority.NORMAL


def test_0357_7_fieldTwice():
    """
    0357-7: A summary that says a thing twice is left out; the push is not.
    """
    twice = form(message_count="1").replace("</x>", row("message-count", "2") + "</x>")

    assert read(twice).summary is None


@pytest.mark.parametrize(
    ("formType", "summary"),
    [(SUMMARY, Summary(1)), (None, Summary(1)), ("", Summary(1)), ("urn:xmpp:push:options", None)],
)
def test_0357_7_whichForm(formType, summary):
    """
    0357-7: The form is a summary when it says so, or does not say what it is; not when it says it is something else.
    """
    assert read(form(formType, message_count="1")).summary == summary
    assert read("", form(formType, message_count="1")).summary == summary


def test_0357_7_amongOtherForms():
    """
    0357-7: A summary is found among other forms.
    """
    assert read(form("urn:a", message_count="1") + form(message_count="2")).summary == Summary(2)


def test_emptySummary():
    """
    A summary that says nothing is none.
    """
    assert read(form(last_message_body="")).summary is None


@pytest.mark.parametrize(
    ("content", "kind", "priority"),
    [
        ("", Kind.MESSAGE, Priority.NORMAL),
        (form(message_count="2"), Kind.MESSAGE, Priority.NORMAL),
        (form(message_count="0"), Kind.CLEAR, Priority.NORMAL),
        (form(message_count="0", last_message_body="Hi"), Kind.MESSAGE, Priority.HIGH),
        (form(last_message_body="Hi"), Kind.MESSAGE, Priority.HIGH),
        (
            form(last_message_body="Hi") + "<priority xmlns='tigase:push:priority:0'> Low </priority>",
            Kind.MESSAGE,
            Priority.LOW,
        ),
        ("<priority xmlns='tigase:push:priority:0'>high</priority>", Kind.MESSAGE, Priority.HIGH),
        ("<priority xmlns='tigase:push:priority:0'>urgent</priority>", Kind.MESSAGE, Priority.NORMAL),
        ("<priority xmlns='urn:example:other'>high</priority>", Kind.MESSAGE, Priority.NORMAL),
        ("<jingle xmlns='tigase:push:jingle:0' action='propose' sid='a'/>", Kind.CALL, Priority.HIGH),
        ("<jingle xmlns='tigase:push:jingle:0' action='retract' sid='a'/>", Kind.MESSAGE, Priority.NORMAL),
        (form(jingle_message="propose", jingle_session_id="a"), Kind.CALL, Priority.HIGH),
        (form(jingle_message="accept"), Kind.MESSAGE, Priority.NORMAL),
        ("<encrypted xmlns='tigase:push:encrypt:0' iv='aXY=' type='voip'>cA==</encrypted>", Kind.CALL, Priority.HIGH),
        ("<encrypted xmlns='tigase:push:encrypt:0' iv='aXY='>cA==</encrypted>", Kind.MESSAGE, Priority.HIGH),
    ],
)
def test_kindAndPriority(content, kind, priority):
    """
    What a publish is about and how much it matters is read from what publishers say, each in its own way.
    """
    notification = read(content)

    assert (notification.kind, notification.priority) == (kind, priority)


def test_MongooseIMsHints():
    """
    MongooseIM's hints name the sender in a field of their own.
    """
    assert read(form(message_sender="a@example.org", jingle_message="propose")).summary.lastMessageSender == (
        "a@example.org"
    )


def test_encrypted():
    """
    An encrypted payload is kept as it came; half of one is none.
    """
    whole = "<encrypted xmlns='tigase:push:encrypt:0' iv='aXY='>\n cA== \n</encrypted>"

    assert read(whole).encrypted == Encrypted("aXY=", "cA==")
    assert read(whole.replace(" iv='aXY='", "")).encrypted is None
    assert read(whole.replace("cA==", "")).encrypted is None


def test_severalNotifications():
    """
    An item may hold several notifications; none is lost.
    """
    xml = (
        f"<iq><pubsub xmlns='{PUBSUB}'><publish node='n'><item>"
        f"<notification xmlns='urn:xmpp:push:0'>{form(message_count='1')}</notification>"
        "<notification xmlns='urn:xmpp:push:0' other='attribute'/></item></publish></pubsub></iq>"
    )

    notifications = readPublish(view(xml), "h", "s").notifications

    assert [notification.summary for notification in notifications] == [Summary(1), None]


def test_0357_10_options():
    """
    0357-10: The options are those in publish-options, with all their values, and FORM_TYPE is none of them.
    """
    options = form(f"{PUBSUB}#publish-options", secret=["a", "b"], sandbox=[]) + form(None, secret="c")
    xml = (
        f"<iq><pubsub xmlns='{PUBSUB}'><publish node='n'><item><notification xmlns='urn:xmpp:push:0'/></item></publish>"
        f"<publish-options>{options}{form('urn:other', more='x')}</publish-options></pubsub></iq>"
    )

    assert readPublish(view(xml), "h", "s").options == {"secret": ("a", "b", "c"), "sandbox": ()}


def test_nothingShowsOfIt():
    """
    What a publish says of people and the secret that it carries do not show in logs.
    """
    xml = (
        f"<iq><pubsub xmlns='{PUBSUB}'><publish node='n0de'><item><notification xmlns='urn:xmpp:push:0'>"
        f"{form(last_message_body='wherefore', last_message_sender='juliet@example.org')}</notification></item>"
        f"</publish><publish-options>{form(None, secret='s3cret')}</publish-options></pubsub></iq>"
    )

    shown = repr(readPublish(view(xml), "h", "romeo@example.org"))

    assert not [word for word in ("n0de", "wherefore", "juliet", "s3cret", "romeo") if word in shown]


def isRead(xml):
    try:
        assert isinstance(readPublish(view(xml), "h", "s"), Publish)
    except RequestError as e:
        assert "s3cret" not in str(e)


NAMED = ("message-count", "last-message-sender", "last-message-body", "FORM_TYPE", "jingle-message")


@given(within("iq", f"pubsub xmlns='{PUBSUB}'") | anything)
def test_anyElementIsReadOrRefused(xml):
    """
    Whatever is sent is read as a publish, or refused.
    """
    isRead(xml)


@given(
    within(
        "iq",
        f"pubsub xmlns='{PUBSUB}'",
        "publish node='n'",
        "item",
        "notification xmlns='urn:xmpp:push:0'",
        inner=fields(NAMED) | anything,
    )
)
def test_anyNotificationIsRead(xml):
    """
    Whatever stands in a notification, the push is not refused.
    """
    assert len(readPublish(view(xml), "h", "s").notifications) == 1


@given(within("iq", f"pubsub xmlns='{PUBSUB}'", "publish-options", inner=fields(("secret", "pubsub#access_model"))))
def test_anyOptionsAreReadOrRefused(xml):
    """
    Whatever stands in publish-options, the publish is read or refused.
    """
    published = "<publish node='n'><item><notification xmlns='urn:xmpp:push:0'/></item></publish>"

    isRead(xml.replace("<publish-options>", f"{published}<publish-options>"))


# What is kept


@pytest.mark.parametrize("parsed", [view, tree])
def test_whatIsKept(parsed):
    """
    Where it may be kept, a publish is read with its id and with its payload as it came; whatever that is.
    """
    notification = "<notification xmlns='urn:xmpp:push:0'>a<b c='d'>☃ &lt;</b></notification>"
    start = f"<iq type='set'><pubsub xmlns='{PUBSUB}'><publish node='n'>"
    end = "</publish></pubsub></iq>"

    push = readPublish(parsed(f"{start}<item id='i'>{notification}</item>{end}"), "h", "s", isKept=True)
    other = readPublish(parsed(f"{start}<item><e xmlns='urn:e'/></item>{end}"), "h", "s", isKept=True)

    assert ("i", 1) == (push.itemId, len(push.notifications))
    assert ElementTree.canonicalize(notification) == ElementTree.canonicalize(push.payload)
    assert (None, ()) == (other.itemId, other.notifications)
    assert ElementTree.canonicalize("<e xmlns='urn:e'/>") == ElementTree.canonicalize(other.payload)
    assert readPublish(parsed(f"{start}<item id='i'>{notification}</item>{end}"), "h", "s").payload is None
