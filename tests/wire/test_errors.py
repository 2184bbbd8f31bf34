"""
The one table, row by row and in both directions.
"""

import pytest
from hypothesis import given

from pushsvc import errors
from pushsvc.wire.errors import COMMANDS, ENABLING, MONGOOSEIM, NODES, PUBSUB, errorElement, readError, writeError
from pushsvc.wire.replies import errorReply
from tests.wire.support import domish, view
from tests.wire.trees import anything

STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"
PUBSUB_ERRORS = "http://jabber.org/protocol/pubsub#errors"
NS_COMMANDS = "http://jabber.org/protocol/commands"

ROWS = [
    (PUBSUB, errors.NoSuchNode(), "cancel", "item-not-found", None),
    (PUBSUB, errors.WrongSecret(), "auth", "forbidden", None),
    (PUBSUB, errors.NotAllowed(), "auth", "forbidden", None),
    (PUBSUB, errors.BadPublish(app="invalid-payload"), "modify", "bad-request", (PUBSUB_ERRORS, "invalid-payload")),
    (PUBSUB, errors.BadPublish(), "modify", "bad-request", None),
    (PUBSUB, errors.BadForm(), "modify", "bad-request", None),
    (PUBSUB, errors.Unsupported("x"), "cancel", "feature-not-implemented", (PUBSUB_ERRORS, "unsupported")),
    (PUBSUB, errors.PreconditionNotMet(), "cancel", "conflict", (PUBSUB_ERRORS, "precondition-not-met")),
    (PUBSUB, errors.PayloadTooBig(), "modify", "not-acceptable", (PUBSUB_ERRORS, "payload-too-big")),
    (PUBSUB, errors.TryLater(), "wait", "internal-server-error", None),
    (NODES, errors.NoSuchNode(), "cancel", "item-not-found", None),
    (NODES, errors.DeviceForgotten(), "cancel", "item-not-found", None),
    (NODES, errors.NodeExists(), "cancel", "conflict", None),
    (NODES, errors.NotAcceptable(), "modify", "not-acceptable", None),
    (NODES, errors.NotAcceptable(app="invalid-subid"), "modify", "not-acceptable", (PUBSUB_ERRORS, "invalid-subid")),
    (NODES, errors.ClosedNode(), "cancel", "not-allowed", (PUBSUB_ERRORS, "closed-node")),
    (NODES, errors.NotSubscribed(), "cancel", "unexpected-request", (PUBSUB_ERRORS, "not-subscribed")),
    (NODES, errors.TooManySubscribers(), "wait", "policy-violation", (PUBSUB_ERRORS, "too-many-subscriptions")),
    (NODES, errors.PayloadTooBig(), "modify", "not-acceptable", (PUBSUB_ERRORS, "payload-too-big")),
    (MONGOOSEIM, errors.DeviceForgotten(), "cancel", "not-acceptable", (PUBSUB_ERRORS, "device-not-registered")),
    (MONGOOSEIM, errors.BadForm(), "modify", "bad-request", (PUBSUB_ERRORS, "faild-to-submit-push-notification")),
    (MONGOOSEIM, errors.PreconditionNotMet(), "cancel", "conflict", (PUBSUB_ERRORS, "precondition-not-met")),
    (MONGOOSEIM, errors.NotAllowed(), "auth", "forbidden", None),
    (COMMANDS, errors.NoSuchCommand(), "cancel", "item-not-found", None),
    (COMMANDS, errors.BadForm(), "modify", "bad-request", (NS_COMMANDS, "bad-payload")),
    (COMMANDS, errors.BadCommand("bad-action"), "modify", "bad-request", (NS_COMMANDS, "bad-action")),
    (COMMANDS, errors.SessionExpired(), "cancel", "not-allowed", (NS_COMMANDS, "session-expired")),
    (COMMANDS, errors.NotAllowed(), "auth", "forbidden", None),
    (COMMANDS, errors.TryLater(), "wait", "internal-server-error", None),
]
# Reasons that look alike from outside are read as the likelier one.
READ_AS = {
    (PUBSUB, errors.NotAllowed): errors.WrongSecret,
    (COMMANDS, errors.NotAllowed): errors.WrongSecret,
    (PUBSUB, errors.BadForm): errors.BadPublish,
    (NODES, errors.DeviceForgotten): errors.NoSuchNode,
    (NODES, errors.TooManySubscribers): errors.TryLater,
    (MONGOOSEIM, errors.NotAllowed): errors.WrongSecret,
    (COMMANDS, errors.BadForm): errors.BadForm,
}


def stanza(error):
    return view(errorReply(domish("<iq from='a' to='b' id='c'/>"), error).toXml())


@pytest.mark.parametrize(("section", "error", "type", "condition", "app"), ROWS)
def test_rowIsWritten(section, error, type, condition, app):
    """
    A reason is written as its type, its condition, and what more there is to say.
    """
    element = writeError(error, section)

    assert element["type"] == type
    found = [(child.uri, child.name) for child in element.elements() if child.name != "text"]
    assert found == [(STANZAS, condition), *([app] if app else [])]


@pytest.mark.parametrize(("section", "error", "type", "condition", "app"), ROWS)
def test_rowIsRead(section, error, type, condition, app):
    """
    What is written is read as the reason it was written for, with its details.
    """
    reason = readError(stanza(writeError(error, section)), section)

    assert reason.__class__ is READ_AS.get((section, error.__class__), error.__class__)
    for detail in ("app", "detail", "feature"):
        assert getattr(reason, detail, None) == getattr(error, detail, None)


def test_everyReasonHasARow():
    """
    Every reason of the peer's, and trying later, has a row; what a push network said has none.
    """
    for reason in (*errors.RequestError.__subclasses__(), errors.TryLater):
        assert [row for row in (*NODES, *COMMANDS, *ENABLING) if row.reason is reason], reason
    with pytest.raises(LookupError):
        writeError(errors.DeviceGone())


def test_texts():
    """
    A refusal is explained; why it must wait is our affair.
    """
    assert str(writeError(errors.BadForm("token is missing")).text) == "token is missing"
    assert writeError(errors.TryLater("disk full")).text is None


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("<error type='wait'><resource-constraint xmlns='{0}'/></error>", errors.TryLater),
        ("<error type='wait'><item-not-found xmlns='{0}'/></error>", errors.TryLater),
        ("<error type='wait'/>", errors.TryLater),
        ("<error type='cancel'><remote-server-not-found xmlns='{0}'/></error>", errors.TryLater),
        ("<error type='cancel'><service-unavailable xmlns='{0}'/></error>", errors.RequestError),
        ("<error type='cancel'><not-acceptable xmlns='{0}'/></error>", errors.RequestError),
        ("<error type='auth'><item-not-found xmlns='{0}'/><what xmlns='urn:w'/></error>", errors.NoSuchNode),
        ("<error type='cancel'><feature-not-implemented xmlns='{0}'/></error>", errors.Unsupported),
        ("<error/>", errors.RequestError),
        ("", errors.RequestError),
    ],
)
def test_whatOthersAnswer(error, reason):
    """
    What other services answer is read for what it means: wait always is temporary, and so is a way that leads
    nowhere now.
    """
    read = readError(view(f"<iq type='error'>{error.format(STANZAS)}</iq>"))

    assert read.__class__ is reason


@given(anything)
def test_anyErrorIsRead(xml):
    """
    Whatever an error says, it is read as some reason, and only words of ours are in it.
    """
    for content in (xml, f"<error>{xml}</error>", f"<error type='cancel'>{xml}</error>"):
        reason = readError(view(f"<iq>{content}</iq>"))
        assert isinstance(reason, errors.RequestError | errors.TryLater)
        assert str(reason).isascii()


def test_otherErrors():
    """
    Errors that the table does not speak of are written alike.
    """
    element = errorElement("cancel", "service-unavailable", "no")

    assert (element["type"], element.children[0].uri, str(element.text)) == ("cancel", STANZAS, "no")
