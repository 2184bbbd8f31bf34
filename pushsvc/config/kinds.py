"""
What every app, link and feed has; what else it has depends on its kind.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from pushsvc.config.basics import options


def isWord(name: str) -> bool:
    """
    Whether this can be shown to whoever asks, be it in XML, in a line of a log, or in a metric.
    """
    return bool(name) and name.isprintable() and name == name.strip()


def _word(name: str) -> str:
    if not isWord(name):
        raise ValueError("this is no name: a word is")
    return name


@dataclass(frozen=True, config=options)
class AppOptions:
    """
    ``[apps.NAME]``: the keys that every app has, whatever its provider.

    :ivar provider: the push network.
    :ivar registerHost: where its devices register; None: the only host that has dialects, or none where nodes are no
        registrations.
    :ivar pubsubHost: where its nodes are; None: the only host that has nodetypes.
    :ivar appName: how it is called in service discovery; None: the table's name.
    :ivar default: taken when several apps of one provider share a host and the client does not say which it is.
    :ivar content: what of a summary may reach the network: ``all``, ``counts``, ``none``.
    :ivar priority: ``auto``: as the server says, or high when there is a body; ``high``, ``normal``: always that.
    :ivar ttl: seconds that a notification may wait.
    :ivar maxInFlight: requests under way at once.
    :ivar endpoint: base URL; None: the network's own.
    :ivar trust: file with extra roots for that endpoint, PEM.
    :ivar providerIds: what clients of Tigase's family know the app by, such as ``tigase:messenger:apns:1``: they look
        for it among the features of the host, and name it when they register.
    :ivar unknownChildren: hand elements of a publish that nobody here knows on to the device, as XML.
    """

    provider: str
    registerHost: str | None = None
    pubsubHost: str | None = None
    appName: Annotated[str, AfterValidator(_word)] | None = None
    default: bool = False
    content: Literal["all", "counts", "none"] = "all"
    priority: Literal["auto", "high", "normal"] = "auto"
    ttl: int = Field(default=86400, ge=1, le=2419200)
    maxInFlight: int = Field(default=500, ge=1)
    endpoint: str | None = None
    trust: Path | None = None
    providerIds: tuple[Annotated[str, AfterValidator(_word)], ...] = ()
    unknownChildren: bool = False


@dataclass(frozen=True, config=options)
class LinkOptions:
    """
    ``[[links]]``: the keys that every link has.
    """

    kind: str


@dataclass(frozen=True, config=options)
class FeedOptions:
    """
    ``[[publisher.feeds]]``: the keys that every feed has.
    """

    kind: str
