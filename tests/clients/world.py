"""
A push service as clients meet it: all dialects, two apps, a storage in memory; only the networks are the test's.
"""

from dataclasses import dataclass, field

from twisted.internet.task import Clock
from twisted.words.xish.domish import Element
from zope.interface import implementer

from pushsvc.apps import App
from pushsvc.assembly.hosts import hostOf
from pushsvc.care import Care
from pushsvc.config import read
from pushsvc.delivery.attempts import Attempts
from pushsvc.delivery.backoff import Backoff
from pushsvc.delivery.delivery import Delivery
from pushsvc.hosts import ServedHost
from pushsvc.ipushsvc import IPayloads
from pushsvc.providers.apnsdevice import readTarget
from pushsvc.providers.payload import ENCRYPTED_FEATURES
from pushsvc.registrar import Registrar
from pushsvc.storage.memory import MemoryStorage
from pushsvc.xmpp.handlers import makeHandlers
from pushsvc.xmpp.ongoing import Ongoing
from pushsvc.xmpp.sessions import Sessions
from pushsvc.xmpp.withdrawal import Withdrawals
from tests.delivery.network import Network, Sent, app
from tests.xmpp.player import Player

HOST = "push.example.net"
DIALECTS = "modpush", "p2", "plain", "appserver", "tigase", "selfservice"


@implementer(IPayloads)
class Google(Network):
    """
    Takes any token.
    """

    features = ENCRYPTED_FEATURES
    payloadSize = 3000


@implementer(IPayloads)
class Apple(Network):
    """
    Takes the tokens that APNs takes.
    """

    features = ENCRYPTED_FEATURES
    payloadSize = 2800

    def readTarget(self, fields):
        return readTarget(fields, ["org.example.chat"])


@dataclass
class World:
    """
    What is there; ``more`` stands in the host's table.
    """

    clock: Clock
    more: str = ""
    google: Google = field(default_factory=Google)
    apple: Apple = field(default_factory=Apple)
    told: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.storage = MemoryStorage(self.clock)
        self.storage.open()
        ids = "tigase:messenger:apns:1", "snikket:apns:1"
        self.apps: dict[str, App] = {
            "google": app(self.google, "google", kind="fcm"),
            "apple": app(self.apple, "apple", kind="apns", providerIds=ids),
        }
        self.hosts: dict[str, ServedHost] = {}
        withdrawals = Withdrawals(self.hosts, self.told.append)
        self.registrar = Registrar(self.storage.registrations, self.apps, withdrawals, self.clock)
        attempts = Attempts(self.apps, self.registrar, self.clock, Backoff(randomly=lambda: 0.0))
        self.delivery = Delivery(
            self.storage.outbox, self.apps, attempts, self.clock, lambda: "host/1/first", book=self.storage.verdicts
        )
        self.registrar.care = Care(self.storage.registrations, self.storage.verdicts, self.delivery)
        dialects = ", ".join(f'"{name}"' for name in DIALECTS)
        configuration = read(f'[hosts."{HOST}"]\ndialects = [{dialects}]\n{self.more}')
        self.hosts[HOST] = hostOf(configuration, HOST, self.apps, self.registrar, self.storage, self.delivery)
        self.delivery.startService()

    def player(self) -> Player:
        """
        Somebody who speaks for everybody else.
        """
        return Player(makeHandlers(self.hosts, Sessions(self.clock), Ongoing(self.clock)))

    @property
    def pushed(self) -> list[Sent]:
        """
        What reached the networks.
        """
        self.clock.advance(1)
        return [*self.google.sent, *self.apple.sent]

    def stop(self) -> None:
        self.delivery.stopService()
