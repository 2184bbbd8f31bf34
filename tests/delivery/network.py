"""
A push network of which the test decides what it answers, and when.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from twisted.internet.defer import Deferred
from zope.interface import implementer

from pushsvc.apps import App
from pushsvc.errors import BadForm
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IProvider
from pushsvc.model import Notification, Summary, Target

Answer = bool | BaseException | Deferred


@dataclass(frozen=True)
class Sent:
    """
    What reached the network.
    """

    target: Target
    notification: Notification
    pushId: str
    expires: float


@implementer(IProvider)
@dataclass
class Network:
    """
    Answers what the test put into ``answers``, and takes everything once that is used up.
    """

    answers: list[Answer] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    laneName: str = "lane"
    laneOf: Callable[[Target], str] | None = None

    def speaksFor(self, fields: Fields) -> bool:
        return fields.one("topic") == self.laneName

    def readTarget(self, fields: Fields) -> tuple[str, Mapping[str, str]]:
        token = fields.required("token")
        if token == "impossible":
            raise BadForm("token: no such thing")
        return token, {}

    def lane(self, target: Target) -> str:
        return self.laneName if self.laneOf is None else self.laneOf(target)

    async def send(self, target: Target, notification: Notification, pushId: str, expires: float) -> bool:
        self.sent.append(Sent(target, notification, pushId, expires))
        answer = self.answers.pop(0) if self.answers else True
        if isinstance(answer, Deferred):
            answer = await answer
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def check(self) -> None:
        return None

    @property
    def tokens(self) -> list[str]:
        return [sent.target.token for sent in self.sent]

    @property
    def bodies(self) -> list[str | None]:
        return [sent.notification.summary and sent.notification.summary.lastMessageBody for sent in self.sent]


def app(network: Network, name: str = "app", **more: object) -> App:
    """
    An app on this network.
    """
    settings = {"kind": "net", "registerHost": "push.example.net", "pubsubHost": "push.example.net", **more}
    return App(name=name, publicName=name, provider=network, **settings)  # type: ignore[arg-type]


def says(body: str, sender: str = "romeo@example.org") -> Notification:
    """
    A message with this body.
    """
    return Notification(summary=Summary(messageCount=1, lastMessageSender=sender, lastMessageBody=body))
