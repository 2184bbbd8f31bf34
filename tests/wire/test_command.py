"""
Commands as they are asked for.
"""

from contextlib import suppress

import pytest
from hypothesis import given

from pushsvc.command import CommandField, CommandResult
from pushsvc.errors import BadCommand, RequestError
from pushsvc.wire.command import Action, Command, readCommand, writeCanceled, writeCommand
from tests.wire.support import view
from tests.wire.trees import anything, fields, within

COMMANDS = "http://jabber.org/protocol/commands"
FORM = "<x xmlns='jabber:x:data' type='submit'><field var='a'><value>1</value></field></x>"


def read(attributes="node='n'", content=""):
    return readCommand(view(f"<command xmlns='{COMMANDS}' {attributes}>{content}</command>"))


@pytest.mark.parametrize("action", [None, *Action])
def test_0050_2_actions(action):
    """
    0050-2: Every action of XEP-0050 is known; none means execute.
    """
    attribute = f"action='{action.value}'" if action is not None else ""

    assert read(f"node='n' {attribute}").action is (action or Action.EXECUTE)


def test_0050_2_parts():
    """
    0050-2: A command has a node, perhaps a session, and perhaps a form; a status in it means nothing.
    """
    assert read() == Command("n", Action.EXECUTE, None, None)
    command = read("node='n' sessionid='s' status='completed'", FORM)
    assert (command.sessionId, dict(command.fields)) == ("s", {"a": ("1",)})


@pytest.mark.parametrize(
    ("attributes", "content", "detail"),
    [
        ("node='n' action='run'", "", "malformed-action"),
        ("node='n' action='Execute'", "", "malformed-action"),
        ("", "", "bad-payload"),
        ("node=''", "", "bad-payload"),
        ("node='n'", FORM * 2, "bad-payload"),
    ],
)
def test_0050_4_whatIsNoCommand(attributes, content, detail):
    """
    0050-4: What is no command is refused with what is wrong with it.
    """
    with pytest.raises(BadCommand) as e:
        read(attributes, content)

    assert e.value.detail == detail


def test_0050_7_cancelledForm():
    """
    0050-7: A form of type cancel is read like any other.
    """
    assert read(content=FORM.replace("submit", "cancel")).fields.one("a") == "1"


def test_0050_6_answers():
    """
    0050-6: An answer that asks for a form says how to go on; one that is complete has nothing to go on to.
    """
    executing = writeCommand("n", "s", CommandResult(form=(CommandField("a", "A"),)))
    assert (executing["status"], executing["node"], executing["sessionid"]) == ("executing", "n", "s")
    assert executing.actions["execute"] == "complete" and executing.actions.complete is not None

    completed = writeCommand("n", "s", CommandResult(values=(), note="Done."))
    assert (completed["status"], completed.actions, completed.x["type"]) == ("completed", None, "result")
    assert (completed.note["type"], str(completed.note)) == ("info", "Done.")

    assert writeCommand("n", "s", CommandResult()).children == []
    assert writeCanceled("n", "s")["status"] == "canceled"


def test_emptyTable():
    """
    A table may have no rows.
    """
    answer = writeCommand("n", "s", CommandResult(columns=(CommandField("a", "A"),)))

    assert [element.name for element in answer.x.elements()] == ["reported"]


@given(within(f"command xmlns='{COMMANDS}' node='n'", inner=fields(("token",)) | anything) | anything)
def test_anyElementIsReadOrRefused(xml):
    """
    Whatever is sent is read as a command, or refused.
    """
    with suppress(RequestError):
        assert isinstance(readCommand(view(xml)), Command)
