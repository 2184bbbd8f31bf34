"""
The register host: ad-hoc commands (XEP-0050), answered by the host's dialects.

A command that comes with its form runs at once, whatever action the client gives it. One that comes without may ask
for a form; then a session begins, and goes on when the form comes back.
"""

from collections.abc import Mapping

from twisted.words.xish.domish import Element

from pushsvc.command import CommandRequest
from pushsvc.errors import BadCommand, NoSuchCommand, NotAllowed, SessionExpired
from pushsvc.ipushsvc import IDialect
from pushsvc.wire.command import Action, Command, readCommand, writeCanceled, writeCommand
from pushsvc.wire.namespaces import NS_COMMANDS
from pushsvc.xmpp.edge import Answer, Request
from pushsvc.xmpp.sessions import Session, Sessions, newSessionId


class Commands:
    """
    Runs commands.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    @property
    def answers(self) -> Mapping[tuple[str, str, str], Answer]:
        return {("set", NS_COMMANDS, "command"): self.onCommand}

    async def onCommand(self, request: Request) -> Element:
        """
        Run a command, go on with it, or let it be.

        :raises NotAllowed: the requester may not use the commands here.
        :raises NoSuchCommand: nobody offers it.
        """
        if not request.host.access.allows(request.sender.bare):
            raise NotAllowed("the commands of this host are not for you")
        command = readCommand(request.payload)
        dialect = request.host.dialectOf(command.node)
        if dialect is None:
            raise NoSuchCommand("there is no such command")
        if command.action is Action.CANCEL:
            return self._cancel(request, command)
        session = None
        if command.sessionId is not None:
            session = self._sessions.get(command.sessionId, request.host.name, command.node, request.sender)
        if session is None and command.action is Action.PREV:
            raise BadCommand("bad-action", "there is nothing to go back to")
        return await self._run(dialect, request, command, session)

    async def _run(self, dialect: IDialect, request: Request, command: Command, session: Session | None) -> Element:
        result = await dialect.execute(
            CommandRequest(
                request.host.name,
                command.node,
                request.sender.bare,
                request.sender.resource,
                # Going back is being asked again.
                None if command.action is Action.PREV else command.fields,
            )
        )
        if result.form:
            if session is None:
                session = self._sessions.open(request.host.name, command.node, request.sender)
            return writeCommand(command.node, session.id, result)
        if session is not None:
            self._sessions.end(session)
        # Also what runs at once has a session id, if one that leads nowhere.
        return writeCommand(command.node, session.id if session is not None else newSessionId(), result)

    def _cancel(self, request: Request, command: Command) -> Element:
        if command.sessionId is None:
            return writeCanceled(command.node, newSessionId())
        try:
            session = self._sessions.get(command.sessionId, request.host.name, command.node, request.sender)
        except SessionExpired:
            return writeCanceled(command.node, command.sessionId)
        self._sessions.end(session)
        return writeCanceled(command.node, session.id)
