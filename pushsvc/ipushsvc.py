"""
Every interface of pushsvc: what can be written anew beside what ships.

Methods are coroutines unless they only compute. What an implementation may raise is said here; anything else that comes
out of it is a bug, is logged as one, and costs only the request at hand.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from zope.interface import Attribute, Interface

from pushsvc.command import CommandRequest, CommandResult
from pushsvc.exchange import Request, Response
from pushsvc.fields import Fields
from pushsvc.model import (
    Credentials,
    Device,
    Node,
    Notification,
    Publish,
    Registration,
    Standing,
    Target,
    Waiting,
)

# Storage


class IRegistrations(Interface):
    """
    Where registrations live.
    """

    async def register(proposed: Registration) -> Registration:
        """
        Keep a registration, whether its device is new or known; on disk when this returns.

        When one with the same owner, device id and room exists, its ``node``, its ``registered`` and its digests stay
        (``model.withSecret`` says how many), and everything else becomes what is proposed. The node is the target's
        key in a registration: a target whose key is the proposed node gets the kept node as its key.

        :param proposed: with exactly one digest: that of the secret issued now; or with none.
        :returns: what is stored now.
        :raises TryLater: storage trouble.
        """

    async def byNode(node: str) -> Registration | None:
        """
        The registration of a node.

        :raises TryLater: storage trouble.
        """

    async def ofOwner(owner: str) -> Sequence[Registration]:
        """
        All registrations of an account, oldest first.

        :param owner: bare JID.
        :raises TryLater: storage trouble.
        """

    async def page(
        after: str, limit: int, owner: str | None = None, app: str | None = None
    ) -> Sequence[Registration]:
        """
        Some of all registrations, in an order that does not change: what an operator leafs through.

        :param after: the node that the page before ended with; the empty text: from the beginning.
        :param owner: only those of this bare JID.
        :param app: only those of this app.
        :raises TryLater: storage trouble.
        """

    async def counts(owner: str | None = None) -> Mapping[str, int]:
        """
        How many registrations each app has. Walks through all of them: not to be asked for often.

        :param owner: only those of this bare JID.
        :raises TryLater: storage trouble.
        """

    async def secretUsed(node: str, used: bytes) -> None:
        """
        A publish was opened by this digest: those before it in the registration's digests are forgotten.

        :raises TryLater: storage trouble.
        """

    async def remove(owner: str, nodes: Sequence[str]) -> Sequence[Registration]:
        """
        Forget those of the nodes that are registrations of this account, and what waits for them in the outbox.

        :returns: what was removed. Unknown nodes and those of other accounts are skipped alike.
        :raises TryLater: storage trouble.
        """

    async def removeGone(node: str, token: str, since: float | None) -> Registration | None:
        """
        Forget a registration of which the network says that the device is gone, and what waits for it, but only if
        it still holds the token that was sent and was not renewed after the network saw the device go.

        :param since: seconds since 1970, or None when the network does not say.
        :returns: what was removed, or None.
        :raises TryLater: storage trouble.
        """


class IOutbox(Interface):
    """
    Accepted notifications that have not reached a push network yet.

    There is one place per target key, kind and slot. Slot 0 holds what is interchangeable: a newer notification
    replaces the content, while the higher priority and the later expiry stay. Encrypted payloads are not
    interchangeable: they take slots 1 to 8; when all are taken the oldest gives way.

    Answers come in the order in which things happened: who is told that a place was emptied has not been told before
    of what was put there after that.
    """

    async def put(waiting: Waiting, lease: float) -> Waiting:
        """
        Accept a notification; on disk when this returns. This is the promise that pushsvc makes.

        A place that is taken keeps its ``due`` and ``attempts``; its target, notification (see `IOutbox`), push id and
        lane become the new ones, and its sequence counts on. Whose it is then: its owner's, while that one's lease
        lasts; else nobody's, while it is not due (it was postponed); else the new owner's.

        :param waiting: with the slot and sequence left to the outbox (0 for interchangeable content or any of 1 to 8
            for an encrypted one say which sort it is). ``owner`` names the process that will send it now, or None.
        :param lease: seconds since 1970 until which that owner has it.
        :returns: what is stored now; when several are put into one place at the same time, each may be told what is
            there in the end. It is the caller's to send only if its owner is the caller's and the caller does not
            already send what was in this place.
        :raises TryLater: storage trouble; nothing was accepted.
        """

    async def claim(
        owner: str, now: float, lease: float, limit: int, exceptLanes: Sequence[str] = ()
    ) -> Sequence[Waiting]:
        """
        Take over what is due and nobody's (or whose owner's lease has ended), the longest due first.

        :param lease: seconds since 1970 until which the owner has them. A row is given to one owner only.
        :param exceptLanes: lanes of which nothing can be sent now.
        :raises TryLater: storage trouble.
        """

    async def finish(sent: Waiting, lease: float) -> Waiting | None:
        """
        What was sent is done with. Only that content is deleted: what arrived in its place meanwhile stays.

        :returns: the newer content, now leased to the same owner until ``lease``; None when there is none.
        :raises TryLater: storage trouble.
        """

    async def postpone(failed: Waiting, due: float, tried: bool = True) -> None:
        """
        What was sent did not get through: it, or what arrived in its place meanwhile, is nobody's again and due then.
        Only its owner can give it back.

        :param tried: whether it counts as an attempt.
        :raises TryLater: storage trouble.
        """

    async def release(owner: str, now: float) -> None:
        """
        What this owner holds is nobody's again and due now: its process stops, or is dead.

        :raises TryLater: storage trouble.
        """

    async def owners() -> Sequence[str]:
        """
        Who holds anything.

        :raises TryLater: storage trouble.
        """

    async def expire(now: float) -> int:
        """
        Drop what nobody wants any more.

        :returns: how many were dropped.
        :raises TryLater: storage trouble.
        """

    async def standings() -> Mapping[str, Standing]:
        """
        What is there, by app. Walks through all of it: not to be asked for often.

        :raises TryLater: storage trouble.
        """

    async def nextDue(exceptLanes: Sequence[str] = ()) -> float | None:
        """
        When the next of what is nobody's becomes due, in seconds since 1970, or when the next lease ends.

        :returns: None when nothing waits.
        :raises TryLater: storage trouble.
        """


class IStorage(Interface):
    """
    Everything pushsvc keeps, in one place.
    """

    registrations = Attribute("An `IRegistrations`.")
    outbox = Attribute("An `IOutbox`.")
    work = Attribute("A `pushsvc.model.Work`: what was done until now.")

    def open(make: bool = True) -> None:
        """
        Open it, bringing its schema up to date. Blocks; called once, before anything else.

        :param make: whether there may be nothing yet; else only what another process has made is opened.
        :raises CannotOpen: the text says where and why.
        """

    def check() -> None:
        """
        Look whether it could be opened, without making or changing anything. Blocks.

        :raises CannotOpen: the text says where and why.
        """

    async def close() -> None:
        """
        Finish what was asked for, then let go of it.
        """


class IStorageKind(Interface):
    """
    A module in ``pushsvc/storage``.
    """

    def makeStorage(url: str, reactor: Any) -> Any:
        """
        An `IStorage` for this URL; opens nothing.

        :param reactor: provides IReactorTime and IReactorFromThreads; ``seconds()`` are seconds since 1970.
        :raises ValueError: the URL means nothing that can be used here; the text says why, without its password.
        """


# HTTP


class IHTTP(Interface):
    """
    Makes HTTP requests, whatever the version of HTTP: one for all apps that trust the same certificates.

    Certificates are always verified, redirects never followed, cookies never kept.
    """

    async def request(request: Request) -> Response:
        """
        The answer to a request, whatever its status.

        What was certainly not processed is asked again elsewhere, at once. Over HTTP/1.1, so is a request that met a
        connection that had ended unnoticed: it may arrive twice.

        :raises ExchangeFailed: there is no answer.
        """

    async def close() -> None:
        """
        Close the connections that nothing happens on.
        """


# Push networks


class IProvider(Interface):
    """
    A client of one push network, with the credentials of one app.
    """

    def speaksFor(fields: Fields) -> bool:
        """
        Whether the fields of a registration name this app: by its topic, its application id. Networks whose devices do
        not tell answer no.
        """

    def readTarget(fields: Fields) -> tuple[str, Mapping[str, str]]:
        """
        What a client said when it registered, as this network needs it.

        :returns: the token, and what else belongs into ``Target.details``.
        :raises BadForm: something is missing, doubled, or cannot be a token of this network.
        """

    def lane(target: Target) -> str:
        """
        What shares its fate with this target: the app for most networks, the origin of its URL where devices have
        URLs. Limits, pauses and breakers belong to lanes. Never holds a token.
        """

    async def send(target: Target, notification: Notification, pushId: str, expires: float) -> bool:
        """
        Hand one notification to the push network.

        :param pushId: a UUID, the same in every attempt for this notification.
        :param expires: seconds since 1970 after which the network may forget it.
        :returns: whether the network will deliver it: it accepts some only to drop them.
        :raises DeliveryError: and nothing else, whatever happened.
        """

    async def check() -> None:
        """
        Ask the network whether it takes our credentials, without disturbing any device.

        :raises DeliveryError: ProviderRefused when it does not; others when it could not be asked.
        """


class IExpiring(Interface):
    """
    What a provider or a link may tell beside its own interface: that certificates of ours end.
    """

    def expires() -> Mapping[str, float]:
        """
        When each of them ends, in seconds since 1970, by the host or app that it is for. Empty when none does.
        """


class IPayloads(Interface):
    """
    What a provider may tell of its payloads, beside being an `IProvider`, for those who ask before they use it.
    """

    features = Attribute("Features of service discovery that it adds to a host, such as ``tigase:push:encrypt:0``.")
    payloadSize = Attribute(
        "How many characters an end-to-end encrypted payload may have, in base64, so that it still fits into a push."
    )


class IProviderKind(Interface):
    """
    A module in ``pushsvc/providers``.
    """

    Options = Attribute("The app's keys: a subclass of ``pushsvc.config.AppOptions``.")

    def makeProvider(name: str, options: Any, http: Any, clock: Any) -> Any:
        """
        An `IProvider`; opens nothing but the files its options name.

        :param name: the app's name in the configuration.
        :param options: an instance of ``Options``.
        :param http: an `IHTTP` that trusts what ``options.trust`` names.
        :param clock: provides IReactorTime; ``seconds()`` are seconds since 1970.
        :raises ValueError: the options cannot work; the text says which and why, without the secret.
        """


# Delivery


class IDelivery(Interface):
    """
    Takes notifications and sees to it that they reach their push network.
    """

    async def accept(target: Target, notification: Notification) -> None:
        """
        Promise that the device gets this notification, or a newer one of its kind, until the app's ttl ends.

        Returns once the notification is on disk; no network has spoken by then.

        :raises TryLater: it could not be stored; nothing was promised.
        """


class IVerdicts(Interface):
    """
    Learns what push networks say about devices.
    """

    async def gone(target: Target, since: float | None) -> Target | None:
        """
        The network no longer knows the device.

        :param since: seconds since 1970, or None when the network does not say.
        :returns: where notifications for it go now: a device that registered again meanwhile is not gone, and has
            another token, or was seen later than the network thinks. None: it is forgotten.
        :raises TryLater: storage trouble.
        """


# Pubsub


class INodeTree(Interface):
    """
    Which nodes exist on a host.
    """

    async def getNode(host: str, nodeIdentifier: str) -> Node:
        """
        The node of this name.

        :raises NoSuchNode: there is none.
        :raises TryLater: storage trouble.
        """


class INodeTreeKind(Interface):
    """
    A module in ``pushsvc/nodetrees``.
    """

    def makeNodeTree(nodeTypes: Mapping[str, Any]) -> Any:
        """
        An `INodeTree`.

        :param nodeTypes: names to `INodeType`s, in the order of the configuration; the first is the default type.
        """


class INodeType(Interface):
    """
    What a publish means.
    """

    async def resolve(host: str, nodeIdentifier: str) -> Node | None:
        """
        For trees on which every name is a node: the node that this name stands for.

        :returns: None when this type knows no such node.
        :raises TryLater: storage trouble.
        """

    async def publish(node: Node, publish: Publish) -> None:
        """
        Do what the publish asks for.

        :raises RequestError: the publish is refused.
        :raises TryLater: it could not be accepted now.
        """


class INodeTypeKind(Interface):
    """
    A module in ``pushsvc/nodetypes``.
    """

    def makeNodeType(storage: Any, delivery: Any) -> Any:
        """
        An `INodeType`.

        :param storage: an `IStorage`.
        :param delivery: an `IDelivery`.
        """


# Registering


class IRegistrar(Interface):
    """
    Registers, lists and unregisters devices; makes nodes and secrets.
    """

    def providers(registerHost: str) -> Sequence[str]:
        """
        The provider kinds that have an app on this register host.
        """

    async def register(registerHost: str, owner: str, device: Device, provider: str, fields: Fields) -> Credentials:
        """
        Register a device, anew or again. A known device keeps its node, gets a further secret, and may go on using
        those it got before.

        :param owner: bare JID.
        :param provider: the provider kind that the client asks for.
        :param fields: what the client says; the provider reads its own from it, and ``app`` names an app.
        :raises NoSuchCommand: no app of that provider on this host.
        :raises BadForm: a field is missing, doubled or wrong.
        :raises TryLater: storage trouble.
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


# Dialects: how clients register


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


# Links


class ILink(Interface):
    """
    A way by which stanzas reach us and leave us: a service of its own.
    """

    def serves(host: str) -> bool:
        """
        Whether stanzas of this host leave by this link.
        """

    def send(stanza: Any) -> None:
        """
        Send a stanza of a host that this link serves; queued while the link is being made, within bounds.

        :param stanza: a domish element with ``from`` and ``to``.
        """

    async def reload() -> None:
        """
        Read again the files that may have changed: certificates.

        :raises ConfigurationError: they cannot be used; what was in use stays.
        """

    def trouble() -> str | None:
        """
        Why no stanzas can reach us by this link now, for the operator; None when they can.
        """

    def addHandlers(handlers: Sequence[Any]) -> None:
        """
        What stanzas are handed to, once they arrive.

        :param handlers: IXMPPHandlers.
        """


class ILinkKind(Interface):
    """
    A module in ``pushsvc/links``.
    """

    Options = Attribute("The link's keys: a subclass of ``pushsvc.config.LinkOptions``.")

    def makeLink(options: Any, hosts: Sequence[str], reactor: Any) -> Any:
        """
        An `ILink` that is also an IService; opens nothing before startService.

        :param hosts: the domains we serve.
        """
