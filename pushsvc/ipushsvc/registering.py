"""
How clients register.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from zope.interface import Attribute, Interface

from pushsvc.command import CommandField, CommandRequest, CommandResult
from pushsvc.fields import Fields
from pushsvc.model import Credentials, Device, Offer, Registration


class IRegistrar(Interface):
    """
    Registers, lists and unregisters devices; makes nodes and secrets.
    """

    care = Attribute("An `ICare`, for vocabularies in which people look after their devices; None: there is none.")

    def providers(registerHost: str) -> Sequence[str]:
        """
        The provider kinds that have an app on this register host.
        """

    def offers(registerHost: str) -> Sequence[Offer]:
        """
        The apps of this register host, for vocabularies in which clients name one.
        """

    def form(registerHost: str, provider: str, fields: Fields) -> Sequence[CommandField]:
        """
        What the app that is meant asks of those who register: fields to fill in; empty when it does not say.

        :param fields: as for `register`, and so is what is raised.
        """

    async def register(
        registerHost: str, owner: str, device: Device, provider: str, fields: Fields, secret: bool = True
    ) -> Credentials:
        """
        Register a device, anew or again. A known device keeps its node, gets a further secret, and may go on using
        those it got before.

        :param owner: bare JID.
        :param provider: the provider kind that the client asks for.
        :param fields: what the client says; the provider reads its own from it, and ``app`` names an app.
        :param secret: False for vocabularies that have none: then the owner's server, and nobody else, may publish
            without one.
        :raises NoSuchCommand: no app of that provider on this host.
        :raises BadForm: a field is missing, doubled or wrong.
        :raises TryLater: storage trouble.
        """

    async def withToken(
        registerHost: str, owner: str, provider: str, fields: Fields
    ) -> Sequence[Registration]:
        """
        The account's registrations that have the token of these fields: for vocabularies in which it is the token that
        names the device.

        :param provider: as for `register`; so are the fields, and what is raised.
        """

    async def registrations(owner: str) -> Sequence[Registration]:
        """
        All registrations of an account, on all hosts and networks.

        :raises TryLater: storage trouble.
        """

    async def unregister(owner: str, deviceId: str, room: str | None = None) -> Sequence[Registration]:
        """
        Forget a device of this account, and tell the owner's server.

        :param room: only the registration for this room; None: the one that is for no room.
        :returns: what was forgotten; empty when there was nothing.
        :raises TryLater: storage trouble.
        """

    async def unregisterNodes(owner: str, nodes: Sequence[str]) -> Sequence[Registration]:
        """
        Forget those of the nodes that are this account's, and tell the owner's server.

        :returns: what was forgotten, in the order asked. Unknown nodes and those of others are skipped alike.
        :raises TryLater: storage trouble.
        """


class ICare(Interface):
    """
    What people can find out about their own devices, and try.
    """

    async def conditions(owner: str) -> Sequence[Any]:
        """
        All devices of an account, and what became of the pushes to them, oldest first.

        :param owner: bare JID.
        :returns: each has a ``registration`` and what is ``remembered``.
        :raises TryLater: storage trouble.
        """

    async def tryOut(owner: str, node: str) -> bool:
        """
        Send a test push to a device. What became of it is remembered as of any other.

        :returns: whether there is such a device of this account.
        :raises TryLater: it could not be taken.
        """


class IWithdrawals(Interface):
    """
    Tells users' servers that a node is gone.
    """

    def withdrawn(host: str, node: str, owner: str) -> None:
        """
        Publishing to this node is over (XEP-0357 section 8).

        :param host: the pubsub host.
        :param owner: bare JID.
        """


class IDialect(Interface):
    """
    A vocabulary of ad-hoc commands: fields in, fields out, no XML.
    """

    def commands(registerHost: str) -> Mapping[str, str]:
        """
        The commands offered on this host: node to name, for people.
        """

    async def execute(request: CommandRequest) -> CommandResult:
        """
        Run a command.

        :raises PushError: RequestError or TryLater.
        """


class IDialectKind(Interface):
    """
    A module in ``pushsvc/dialects``.
    """

    def makeDialect(registrar: Any) -> Any:
        """
        An `IDialect`.

        :param registrar: an `IRegistrar`.
        """
