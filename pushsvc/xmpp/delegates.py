"""
What servers delegate to us: push services of their accounts, and ad-hoc commands on their own domain.
"""

from collections.abc import Mapping, Sequence

from twisted.words.xish.domish import Element

from pushsvc.errors import BadCommand, NoSuchCommand, NotAllowed, RequestError
from pushsvc.hosts import ServedHost
from pushsvc.ipushsvc import IPublisher
from pushsvc.wire.delegation import Delegated
from pushsvc.wire.disco import Info
from pushsvc.wire.errors import COMMANDS, ENABLING, Row
from pushsvc.wire.namespaces import NS_COMMANDS, NS_PUSH
from pushsvc.xmpp.adhoc import Commands
from pushsvc.xmpp.disco import registeringAt
from pushsvc.xmpp.edge import Answer, Request
from pushsvc.xmpp.enabling import EnablingRequests


class EnablingDelegate:
    """
    ``urn:xmpp:push:0``: accounts enable push services.

    Where a server cannot delegate it (MongooseIM), accounts may ask the publisher's own host instead.
    """

    namespace = NS_PUSH
    section: Sequence[Row] = ENABLING

    def __init__(self, enabling: EnablingRequests, publisher: IPublisher, host: str) -> None:
        """
        :param host: the publisher's.
        """
        self._enabling = enabling
        self._publisher = publisher
        self._host = host

    @property
    def answers(self) -> Mapping[tuple[str, str, str], Answer]:
        return {("set", NS_PUSH, name): self.onRequest for name in ("enable", "disable")}

    async def onRequest(self, request: Request) -> Element | None:
        """
        Answer an account that asks us itself.

        :raises NotAllowed: this is neither the publisher's host nor the account's own domain, or not an account that it
            publishes for.
        """
        try:
            if request.host.name not in (self._host, request.sender.domain):
                raise NotAllowed("push services are not enabled here")
            return await self._enabling.answer("set", request.payload, request.sender, None)
        except RequestError as e:
            e.words = "enabling"
            raise

    def infoOf(self, host: ServedHost, isAccounts: bool) -> Info:
        """
        The same for the server and its accounts, whichever host it delegates to.
        """
        return Info((), self._enabling.features)

    async def answer(self, asked: Delegated, request: Request) -> Element | None:
        """
        Enable or disable.
        """
        assert asked.payload is not None
        if not self._publisher.serves(asked.sender.bare):
            raise NotAllowed("accounts are their own server's affair")
        return await self._enabling.answer(asked.type, asked.payload, asked.sender, asked.recipient)


class CommandsDelegate:
    """
    ``http://jabber.org/protocol/commands``: the commands of the host that a server delegates to answer on the server's
    own domain as well.
    """

    namespace = NS_COMMANDS
    section: Sequence[Row] = COMMANDS

    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    def infoOf(self, host: ServedHost, isAccounts: bool) -> Info | None:
        """
        The server registers devices, its accounts do not. A host that does not do so itself takes no commands: then
        ejabberd goes on with its own.
        """
        if not host.dialects:
            return None
        return Info((), ()) if isAccounts else registeringAt(host)

    async def answer(self, asked: Delegated, request: Request) -> Element:
        """
        Run a command.
        """
        assert asked.payload is not None
        if asked.recipient is None or asked.recipient.full != asked.sender.domain:
            raise NoSuchCommand("accounts have no commands")
        if (asked.type, *asked.payload.qname) not in self._commands.answers:
            raise BadCommand("bad-payload", "commands are run")
        return await self._commands.onCommand(request._replace(payload=asked.payload, sender=asked.sender))
