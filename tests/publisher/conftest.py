"""
A publisher for example.org, and what its services are told.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from twisted.internet.task import Clock

from pushsvc.enablement import ContentOptions, Enablement
from pushsvc.errors import TryLater
from pushsvc.event import Call, Event, Occasion, Stanza
from pushsvc.model import Notification
from pushsvc.publisher.chain import Chain
from pushsvc.publisher.content import Content
from pushsvc.publisher.default import Default
from pushsvc.publisher.enabling import Enabling
from pushsvc.publisher.publisher import Publisher
from pushsvc.publisher.tally import HandedOn, toNobody
from pushsvc.storage.memory import MemoryStorage
from tests.support import resultOf

JULIET = "juliet@example.org"
ROMEO = "romeo@example.net/orchard"
SERVICE = "push.example.net"


@dataclass
class House:
    """
    A publisher and what is around it.

    :ivar trouble: nodes whose services cannot be told now, for storage trouble.
    """

    clock: Clock
    content: Content = field(default_factory=Content)
    policies: tuple[Any, ...] = ()
    told: list[tuple[str, Notification]] = field(default_factory=list)
    services: list[Enablement] = field(default_factory=list)
    trouble: set[str] = field(default_factory=set)
    wrap: Callable[[Any], Any] = lambda enablements: enablements
    handedOn: HandedOn = toNobody

    def __post_init__(self) -> None:
        self.storage = MemoryStorage(self.clock)
        self.storage.open()
        self.enablements = self.wrap(self.storage.enablements)
        self.default = Default(self.content)
        self.enabling = Enabling(self.enablements, self.content, self.clock, most=5, lasts=None)
        chain = Chain([make(self.default) for make in self.policies], self.default)
        self.publisher = Publisher(
            ["example.org"],
            self.enablements,
            self.enabling,
            chain,
            self._dispatch,
            self.clock,
            handedOn=self.handedOn,
        )

    async def _dispatch(self, service: Enablement, notification: Notification) -> None:
        if service.node in self.trouble:
            raise TryLater("disk")
        self.told.append((service.node, notification))
        self.services.append(service)

    def enable(
        self, node: str = "phone", session: str | None = "phone", options: ContentOptions | None = None, **more: Any
    ) -> ContentOptions:
        now = self.clock.seconds()
        enablement = Enablement(JULIET, SERVICE, node, now, now, session=session, **more)
        return resultOf(self.publisher.enable(enablement, options))

    def happens(self, occasion: Occasion, *stanzas: Stanza, account: str = JULIET, **more: Any) -> None:
        resultOf(self.publisher.happened(Event(occasion, account, stanzas=stanzas, **more)))

    @property
    def nodes(self) -> list[str]:
        """
        Which services were told, in order.
        """
        return [node for node, _ in self.told]

    @property
    def latest(self) -> Notification:
        return self.told[-1][1]


@pytest.fixture
def house(clock: Clock) -> House:
    return House(clock)


class Says:
    """
    Stanzas as people send them; each has an id of its own.
    """

    def __init__(self) -> None:
        self._count = 0

    def message(self, body: str | None = "Wherefore?", **more: Any) -> Stanza:
        self._count += 1
        settings = {"type": "chat", "sender": ROMEO, "id": f"id{self._count}", "body": body, **more}
        return Stanza("message", **settings)

    def typing(self, **more: Any) -> Stanza:
        return self.message(None, **more)

    def call(self, action: str = "propose", **more: Any) -> Stanza:
        return self.message(None, call=Call(action, "sid1", ("audio",)), **more)

    def subscribe(self) -> Stanza:
        return replace(self.message(None), name="presence", type="subscribe")


@pytest.fixture
def says() -> Says:
    return Says()
