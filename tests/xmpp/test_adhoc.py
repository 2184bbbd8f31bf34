"""
Ad-hoc commands, from the stanza to the reply.
"""

import pytest

from pushsvc.errors import BadCommand, SessionExpired
from pushsvc.jids import addressOf
from pushsvc.xmpp.sessions import Sessions
from tests.xmpp.test_publish import errorOf

COMMANDS = "http://jabber.org/protocol/commands"
FORM = "<x xmlns='jabber:x:data' type='submit'><field var='token'><value>abc</value></field></x>"
PHONE = "juliet@example.org/phone"
BAD = ("modify", "bad-request")


def command(
    content="", node="node='register-push-demo'", action=None, session=None, sender=PHONE, to="push.example.net"
):
    attributes = "".join(
        f" {name}='{value}'" for name, value in (("action", action), ("sessionid", session)) if value is not None
    )
    return (
        f"<iq type='set' from='{sender}' to='{to}' id='c'>"
        f"<command xmlns='{COMMANDS}' {node}{attributes}>{content}</command></iq>"
    )


def opened(player, **kwargs):
    """
    The id of a session that waits for its form.
    """
    answer = player.ask(command(**kwargs)).command
    assert answer["status"] == "executing"
    return answer["sessionid"]


def test_0050_1_commandsAreFound(player):
    """
    0050-1: The commands are listed, each with its name, and each says what it is.
    """
    player.play("discovery")


def test_0050_1_listKnowsWhatItIs(player):
    """
    0050-1: The list of commands is an automation/command-list.
    """
    reply = player.ask(
        f"<iq type='get' from='{PHONE}' to='push.example.net' id='c'>"
        f"<query xmlns='http://jabber.org/protocol/disco#info' node='{COMMANDS}'/></iq>"
    )

    assert (reply.query["node"], reply.query.identity["category"]) == (COMMANDS, "automation")
    assert reply.query.identity["type"] == "command-list"


@pytest.mark.parametrize("query", ["info", "items"])
@pytest.mark.parametrize("node", [COMMANDS, "list"])
def test_0050_1_notForEverybody(player, query, node):
    """
    0050-1: Who may not run the commands is forbidden to see them.
    """
    asked = (
        "<iq type='get' from='{}' to='register.example.net' id='c'>"
        f"<query xmlns='http://jabber.org/protocol/disco#{query}' node='{node}'/></iq>"
    )

    assert player.ask(asked.format(PHONE))["type"] == "result"
    assert errorOf(player.ask(asked.format("mallory@example.com/x"))) == ("auth", "forbidden")


@pytest.mark.parametrize("action", [None, "execute", "complete", "next"])
def test_0050_2_runsAtOnce(player, world, action):
    """
    0050-2: A command that comes with its form runs at once, whatever its client calls that (R-1).
    """
    reply = player.ask(command(FORM, action=action))

    assert reply.command["status"] == "completed"
    (request,) = world.dialect.requests
    assert (request.host, request.owner, request.resource) == ("push.example.net", "juliet@example.org", "phone")
    assert request.fields.one("token") == "abc"


def test_0050_3_answersSayWhichAndHow(player):
    """
    0050-3: Every answer names its command, has a status, and a session id of its own.
    """
    first = player.ask(command(FORM)).command
    second = player.ask(command(FORM)).command

    assert first["node"] == second["node"] == "register-push-demo"
    assert first["status"] == second["status"] == "completed"
    assert first["sessionid"] and first["sessionid"] != second["sessionid"]


@pytest.mark.parametrize(
    ("stanza", "error"),
    [
        (command(FORM, action="run"), (*BAD, "malformed-action")),
        (command(action="prev"), (*BAD, "bad-action")),
        (command(FORM, session="unheard"), (*BAD, "bad-sessionid")),
        (command(action="cancel", session="unheard"), (*BAD, "bad-sessionid")),
        (command(FORM * 2), (*BAD, "bad-payload")),
        (command(FORM.replace("abc", "bad")), (*BAD, "bad-payload")),
        (command(FORM.replace("token", "other")), (*BAD, "bad-payload")),
        (command(FORM, node=""), (*BAD, "bad-payload")),
        (command(FORM, node="node='register-push-nothing'"), ("cancel", "item-not-found")),
        (command(FORM, to="register.example.net", sender="m@example.com/x"), ("auth", "forbidden")),
        (command(FORM, to="uniform.example.net"), ("cancel", "item-not-found")),
        (command(node="node='wait'"), ("wait", "internal-server-error")),
    ],
)
def test_0050_4_errors(player, stanza, error):
    """
    0050-4: What is wrong with a command is said in the words of XEP-0050.
    """
    assert errorOf(player.ask(stanza)) == error


def test_0050_4_sessionsExpire(player, clock, sessions):
    """
    0050-4: A session that nobody went on with for ten minutes is over, and its owner is told so.
    """
    session = opened(player)
    clock.advance(601)

    reply = player.ask(command(FORM, session=session))

    assert errorOf(reply) == ("cancel", "not-allowed", "session-expired")
    assert len(sessions) == 0


def test_0050_4_sessionsEnd(player):
    """
    0050-4: A session that is completed does not go on.
    """
    session = opened(player)
    assert player.ask(command(FORM, session=session)).command["status"] == "completed"

    reply = player.ask(command(FORM, session=session))

    assert errorOf(reply) == ("cancel", "not-allowed", "session-expired")


def test_0050_5_sessionsAreTheirOpeners(player):
    """
    0050-5: A session belongs to who opened it: another JID, also another device of the same account, can neither go
    on with it nor cancel it.
    """
    player.play("command-canceled")
    session = opened(player)

    for other in ("juliet@example.org/tablet", "romeo@example.org/phone"):
        assert errorOf(player.ask(command(FORM, session=session, sender=other))) == (*BAD, "bad-sessionid")
    assert errorOf(player.ask(command(FORM, session=session, node="node='list'"))) == (*BAD, "bad-sessionid")
    assert errorOf(player.ask(command(FORM, session=session, to="register.example.net"))) == (*BAD, "bad-sessionid")


def test_0050_5_cancelIsAlwaysPossible(player, clock, sessions):
    """
    0050-5: One can always cancel: without a session, within one, and after it.
    """
    assert player.ask(command(action="cancel")).command["status"] == "canceled"
    session = opened(player)
    for _ in range(2):
        assert player.ask(command(action="cancel", session=session)).command["status"] == "canceled"
    assert len(sessions) == 0


@pytest.mark.parametrize("action", [None, "execute", "complete", "next"])
def test_0050_6_twoSteps(player, action):
    """
    0050-6: A command that needs a form asks for it and says how to go on; the form completes it.
    """
    answer = player.ask(command(action=action)).command
    assert answer.actions["execute"] == "complete"
    assert answer.x["type"] == "form"

    completed = player.ask(command(FORM, action=action, session=answer["sessionid"])).command

    assert (completed["status"], completed["sessionid"]) == ("completed", answer["sessionid"])
    assert completed.note["type"] == "info"


def test_0050_6_correctingTheForm(player):
    """
    0050-6: A form that was filled in wrongly may be sent again; going back is being asked again.
    """
    session = opened(player)

    assert errorOf(player.ask(command(FORM.replace("abc", "bad"), session=session))) == (*BAD, "bad-payload")
    assert player.ask(command(FORM, action="prev", session=session)).command["sessionid"] == session
    assert player.ask(command(FORM, session=session)).command["status"] == "completed"


def test_0050_7_cancelledFormIsSubmitted(player):
    """
    0050-7: A form of type cancel counts as submitted.
    """
    reply = player.ask(command(FORM.replace("submit", "cancel")))

    assert reply.command["status"] == "completed"


def test_0004_1_formsWithoutTypes(player, world):
    """
    0004-1: Fields need no type, the form needs none, and unknown fields are passed over.
    """
    form = "<x xmlns='jabber:x:data'><field var='token'><value>abc</value></field><field var='what'/><field/></x>"

    assert player.ask(command(form)).command["status"] == "completed"


def test_0004_2_fieldTwice(player):
    """
    0004-2: A field that occurs twice is refused; the first does not win.
    """
    form = FORM.replace("</x>", "<field var='token'><value>other</value></field></x>")

    assert errorOf(player.ask(command(form))) == (*BAD, "bad-payload")


def test_0004_3_tables(player):
    """
    0004-3: A table says what its columns are, then its rows, and has no fields beside them.
    """
    player.play("command-list")

    x = player.ask(command(node="node='list'")).command.x
    assert [element.name for element in x.elements()] == ["reported", "item", "item"]


def test_0004_4_formsAreNoFeatureOfTheHost(player):
    """
    0004-4: Forms are a feature of the commands, not of the host.
    """
    reply = player.ask(
        f"<iq type='get' from='{PHONE}' to='push.example.net' id='c'>"
        "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
    )

    assert "jabber:x:data" not in [e.getAttribute("var") for e in reply.query.elements()]


def test_0068_1_formType(player, world):
    """
    0068-1: A submitted FORM_TYPE may be hidden or not, or be missing.
    """
    for field in ("", "<field var='FORM_TYPE'><value>urn:a</value></field>", "<field var='FORM_TYPE' type='hidden'/>"):
        reply = player.ask(command(FORM.replace("<field var='token'>", f"{field}<field var='token'>")))
        assert reply.command["status"] == "completed"


def test_commandGet(player):
    """
    A command is an IQ set; as a get it is nothing that we know.
    """
    reply = player.ask(command(FORM).replace("type='set'", "type='get'"))

    assert errorOf(reply) == ("cancel", "service-unavailable")


def test_sessionsAreBounded(clock):
    """
    Nobody can fill the memory with sessions: the oldest of an account, and of all, gives way.
    """
    sessions = Sessions(clock, limit=3, limitPerAccount=2, remembered=1)
    juliet, romeo = addressOf("juliet@example.org/a"), addressOf("romeo@example.org/a")

    first, second, third = [sessions.open("h", "n", juliet) for _ in range(3)]
    assert len(sessions) == 2
    with pytest.raises(SessionExpired):
        sessions.get(first.id, "h", "n", juliet)

    sessions.open("h", "n", romeo)
    sessions.open("h", "n", romeo)
    assert len(sessions) == 3
    with pytest.raises(SessionExpired):
        sessions.get(second.id, "h", "n", juliet)
    # Only the latest that ended is remembered.
    with pytest.raises(BadCommand):
        sessions.get(first.id, "h", "n", juliet)
    assert sessions.get(third.id, "h", "n", juliet) is third


def test_sessionsOfOneDomainDoNotEndOthers(clock):
    """
    A server with any number of accounts fills the place for sessions with its own, and ends its own for it.
    """
    sessions = Sessions(clock, limit=4, limitPerAccount=2)
    juliet = addressOf("juliet@example.org/a")
    hers = sessions.open("h", "n", juliet)

    for number in range(20):
        sessions.open("h", "n", addressOf(f"u{number}@example.com/a"))

    assert len(sessions) == 4
    assert sessions.get(hers.id, "h", "n", juliet) is hers
    sessions.end(hers)
    clock.advance(601)
    sessions.open("h", "n", juliet)
    assert len(sessions) == 1
    assert ["example.org"] == list(sessions._ofDomain)
