"""
A third party's push network, whose credentials are one word in a file: it says how the network takes to them.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic.dataclasses import dataclass
from twisted.internet.defer import Deferred
from zope.interface import implementer, moduleProvides

from pushsvc.config import AppOptions
from pushsvc.config import options as config
from pushsvc.errors import ProviderDown, ProviderRefused
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IProvider, IProviderKind
from pushsvc.model import Notification, Target

moduleProvides(IProviderKind)

TROUBLE: Mapping[str, Exception] = {
    "refused": ProviderRefused("never heard of"),
    "down": ProviderDown("no answer"),
    "mad": ZeroDivisionError("of a secret"),
}


@dataclass(frozen=True, config=config)
class Options(AppOptions):
    """
    :ivar wordFile: where the credentials are.
    """

    wordFile: Path = Path("nowhere")


@implementer(IProvider)
class Fickle:
    """
    :ivar sent: keys of targets that reached the network.
    :ivar silence: what is waited for before it answers.
    :ivar refuses: whether it takes no push.
    """

    def __init__(self, name: str, word: str) -> None:
        self.word = word
        self.sent: list[str] = []
        self.silence: Deferred[None] | None = None
        self.refuses = False
        self._name = name

    def speaksFor(self, fields: Fields) -> bool:
        return False

    def readTarget(self, fields: Fields) -> tuple[str, Mapping[str, str]]:
        return fields.required("token"), {}

    def lane(self, target: Target) -> str:
        return self._name

    async def send(self, target: Target, notification: Notification, pushId: str, expires: float) -> bool:
        if self.silence is not None:
            await self.silence
        if self.refuses:
            raise TROUBLE["refused"]
        self.sent.append(target.key)
        return True

    async def check(self) -> None:
        if self.word == "silent":
            await Deferred[None]()
        if self.word in TROUBLE:
            raise TROUBLE[self.word]


def makeProvider(name: str, options: Options, http: object, clock: object) -> Fickle:
    try:
        return Fickle(name, options.wordFile.read_text())
    except OSError as e:
        raise ValueError(f"word-file: {e.strerror}") from None


