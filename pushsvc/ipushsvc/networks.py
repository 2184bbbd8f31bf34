"""
Push networks, and how they are asked.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from zope.interface import Attribute, Interface

from pushsvc.command import CommandField
from pushsvc.exchange import Request, Response
from pushsvc.fields import Fields
from pushsvc.model import Notification, Target


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
        What shares its fate with this target: the app for most networks; the app and the origin of its URL where
        devices have URLs. Limits, pauses and breakers belong to lanes, and two apps never share one: what is wrong with
        one's credentials is no concern of the other. Never holds a token.
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


class IForms(Interface):
    """
    What a provider may tell those who register, beside being an `IProvider`.
    """

    def form() -> Sequence[CommandField]:
        """
        What a registration consists of, for whoever asks before registering: fields to fill in, and `facts` among them.
        """

    def facts() -> Mapping[str, str]:
        """
        What clients have to know of the app, such as a public key; in the answer to a registration too.
        """


class IPushService(Interface):
    """
    Push services elsewhere, as somebody who publishes to them sees them (XEP-0357).

    Both methods return when the service has taken the notification.
    """

    async def publish(
        sender: str,
        service: str,
        node: str | None,
        notification: Notification,
        options: Mapping[str, tuple[str, ...]],
        pushId: str,
    ) -> None:
        """
        Publish one notification, in the name of a host of ours.

        :param sender: the host.
        :param service: the JID of the service, prepared.
        :param options: publish-options: the name of a field to its values.
        :param pushId: the id of the request.
        :raises RequestError: the service refuses it, for good.
        :raises TryLater: not now, or nobody answered.
        """

    async def publishFor(
        account: str, service: str, node: str | None, notification: Notification, form: str, pushId: str
    ) -> None:
        """
        Publish one notification of what waits for an account, in whose name the configuration says.

        :param account: bare JID.
        :param form: `pushsvc.enablement.Enablement.form`.
        :raises RequestError: as for `publish`, and so is TryLater.
        """

    async def farewell(account: str, service: str, node: str | None, form: str) -> None:
        """
        Tell a service that an account is gone (``http://tigase.org/protocol/account#event``); as for `publishFor`.
        """


class IRelaying(Interface):
    """
    What a provider whose network is XMPP has beside being an `IProvider`.
    """

    def publishBy(service: Any, host: str) -> None:
        """
        Be told by what to publish, before anything is sent.

        :param service: an `IPushService`.
        :param host: the host of ours that publishes.
        """


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
