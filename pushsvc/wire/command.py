"""
Ad-hoc commands (XEP-0050): ``<command/>`` to a value and back.
"""

import enum
from dataclasses import dataclass, field

from twisted.words.xish.domish import Element

from pushsvc.command import CommandResult
from pushsvc.errors import BadCommand
from pushsvc.fields import Fields
from pushsvc.wire.forms import readFields, writeForm, writeResult, writeTable
from pushsvc.wire.namespaces import NS_COMMANDS, NS_DATA
from pushsvc.wire.view import View


class Action(enum.Enum):
    """
    What the requester wants done with a command.
    """

    EXECUTE = "execute"
    NEXT = "next"
    PREV = "prev"
    COMPLETE = "complete"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Command:
    """
    A request as it was written.

    :ivar node: which command.
    :ivar action: execute when the requester did not say.
    :ivar fields: what the form says; None when there was none.
    """

    node: str
    action: Action
    sessionId: str | None = field(repr=False)
    fields: Fields | None


def readCommand(command: View) -> Command:
    """
    What somebody asks for.

    Any form counts as filled in, whatever its type: also ``cancel``, which XEP-0050 wants taken as ``submit``.

    :param command: the ``<command/>``.
    :raises BadCommand: it is none.
    :raises BadForm: a field of its form occurs twice.
    """
    node = command.attribute("node")
    if not node:
        raise BadCommand("bad-payload", "which command?")
    try:
        action = Action(command.attribute("action") or "execute")
    except ValueError:
        raise BadCommand("malformed-action", "there is no such action") from None
    forms = command.children(NS_DATA, "x")
    if len(forms) > 1:
        raise BadCommand("bad-payload", "one form at a time")
    fields = readFields(forms[0]) if forms else None
    return Command(node, action, command.attribute("sessionid") or None, fields)


def writeCommand(node: str, sessionId: str, result: CommandResult) -> Element:
    """
    How a command came out: completed, or in need of what a form asks for.
    """
    command = _command(node, sessionId, "executing" if result.form else result.status)
    if result.form:
        actions = command.addElement((NS_COMMANDS, "actions"))
        actions["execute"] = "complete"
        actions.addElement((NS_COMMANDS, "complete"))
        command.addChild(writeForm(result.form, result.title))
    elif result.columns:
        command.addChild(writeTable(result.columns, result.items, result.title))
    elif result.values is not None:
        command.addChild(writeResult(result.values, result.title, result.types))
    if result.note:
        command.addElement((NS_COMMANDS, "note"), content=result.note)["type"] = "info"
    return command


def writeCanceled(node: str, sessionId: str) -> Element:
    """
    The answer to who does not want it any more.
    """
    return _command(node, sessionId, "canceled")


def _command(node: str, sessionId: str, status: str) -> Element:
    return Element((NS_COMMANDS, "command"), attribs={"node": node, "sessionid": sessionId, "status": status})
