"""
Client applications as the middle sees them, and which of them a registration is for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pushsvc.command import CommandField
from pushsvc.errors import BadForm, NoSuchCommand
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IForms, IPayloads, IProvider
from pushsvc.model import Notification, Priority, known

# What says nothing of who wrote what.
_IMPERSONAL = ("event", "sid", "media")


@dataclass(frozen=True)
class App:
    """
    One client application on one push network: ``[apps.NAME]``, ready for use.

    :ivar publicName: how service discovery shows it.
    :ivar kind: the provider's name, such as ``fcm``.
    :ivar ttl: seconds that a notification may wait.
    :ivar unknownChildren: whether what nobody here knows is handed on to the device.
    :ivar providerIds: what clients of Tigase's family know the app by: features of the host on which it registers.
    """

    name: str
    publicName: str
    kind: str
    provider: IProvider = field(repr=False)
    registerHost: str
    pubsubHost: str
    default: bool = False
    content: str = "all"
    priority: str = "auto"
    ttl: int = 86400
    maxInFlight: int = 500
    providerIds: tuple[str, ...] = ()
    unknownChildren: bool = False

    @property
    def features(self) -> Sequence[str]:
        """
        What the provider adds to the features of the host on which its devices register.
        """
        payloads: Any = IPayloads(self.provider, None)
        features: Sequence[str] = payloads.features if payloads is not None else ()
        return features

    @property
    def payloadSize(self) -> int | None:
        """
        How long an encrypted payload may be; None when the provider does not say.
        """
        payloads: Any = IPayloads(self.provider, None)
        size: int | None = payloads.payloadSize if payloads is not None else None
        return size

    @property
    def form(self) -> Sequence[CommandField]:
        """
        What the provider asks of those who register; empty when it does not say.
        """
        forms: Any = IForms(self.provider, None)
        fields: Sequence[CommandField] = forms.form() if forms is not None else ()
        return fields

    @property
    def facts(self) -> Mapping[str, str]:
        """
        What clients have to know of the app.
        """
        forms: Any = IForms(self.provider, None)
        facts: Mapping[str, str] = forms.facts() if forms is not None else {}
        return facts

    def allowed(self, notification: Notification) -> Notification:
        """
        What of a notification may reach the network: the rest is never stored.
        """
        summary = notification.summary
        if self.content == "none":
            summary = None
        elif self.content == "counts" and summary is not None:
            summary = summary.counts()
        more = self._allowed(notification.more) if notification.more else notification.more
        priority = notification.priority if self.priority == "auto" else Priority[self.priority.upper()]
        if summary == notification.summary and priority == notification.priority and more == notification.more:
            return notification
        return replace(notification, summary=summary, priority=priority, more=more)

    def _allowed(self, more: Mapping[str, str]) -> Mapping[str, str]:
        if not self.unknownChildren:
            more = known(more)
        if self.content == "all":
            return more
        return {name: value for name, value in more.items() if name in _IMPERSONAL}


def chosen(apps: Iterable[App], registerHost: str, kind: str, fields: Fields) -> App:
    """
    The app that a registration is for: the field ``app`` says it, else what the fields tell the providers, else the
    only one there is, else the default.

    :raises NoSuchCommand: there is none of this provider on this host.
    :raises BadForm: the client names an app that is not one of them, or does not say which of several it means.
    """
    candidates: Sequence[App] = [app for app in apps if app.registerHost == registerHost and app.kind == kind]
    if not candidates:
        raise NoSuchCommand("no app of this network is registered here")
    named = fields.one("app")
    if named is not None:
        for app in candidates:
            if app.name == named:
                return app
        raise BadForm("app: there is no such app here")
    if len(candidates) == 1:
        return candidates[0]
    spokenFor = [app for app in candidates if app.provider.speaksFor(fields)]
    default = [app for app in candidates if app.default]
    for narrowed in (spokenFor, default):
        if len(narrowed) == 1:
            return narrowed[0]
    raise BadForm("app: which one is meant?")
