"""
Client applications as the middle sees them, and which of them a registration is for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pushsvc.errors import BadForm, NoSuchCommand
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IPayloads, IProvider
from pushsvc.model import Notification, Priority


@dataclass(frozen=True)
class App:
    """
    One client application on one push network: ``[apps.NAME]``, ready for use.

    :ivar publicName: how service discovery shows it.
    :ivar kind: the provider's name, such as ``fcm``.
    :ivar ttl: seconds that a notification may wait.
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

    def allowed(self, notification: Notification) -> Notification:
        """
        What of a notification may reach the network: the rest is never stored.
        """
        summary = notification.summary
        if self.content == "none":
            summary = None
        elif self.content == "counts" and summary is not None:
            summary = summary.counts()
        priority = notification.priority if self.priority == "auto" else Priority[self.priority.upper()]
        if summary == notification.summary and priority == notification.priority:
            return notification
        return replace(notification, summary=summary, priority=priority)


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
