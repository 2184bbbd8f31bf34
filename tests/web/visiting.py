"""
Registering over HTTP, from the first byte of a connection to the last: a door, and everything behind it.
"""

import json
import re
from urllib.parse import urlencode

from twisted.internet.address import IPv4Address
from twisted.internet.testing import StringTransport

from pushsvc.fields import Fields
from pushsvc.hosts import ServedHost
from pushsvc.model import Device
from pushsvc.nodetrees.virtual import VirtualTree
from pushsvc.nodetypes.push import PushNodeType
from pushsvc.registrar import Registrar
from pushsvc.storage.memory import MemoryStorage
from pushsvc.strangers import Strangers
from pushsvc.web.appserver import AppServer
from pushsvc.web.door import Door
from pushsvc.web.registering import Registering
from pushsvc.web.tigase import Tigase
from pushsvc.web.visitors import Visitors
from tests.delivery.conftest import Withdrawn
from tests.delivery.network import Network, app
from tests.dialects.test_selfservice import Accepting
from tests.support import resultOf

HOST = "push.example.net"
PHONE = "0523AD60-ADD0-45A4-8D05-DC1AC59BB1CA"
JULIET = "juliet@example.org"
PROVIDER = "tigase:messenger:apns:1"
DEVICE = {"account": JULIET, "provider": PROVIDER, "device-token": "t"}


class House:
    """
    A door, and everything behind it.
    """

    def __init__(self, clock, proxies=(), requests=(1.0, 60), registrations=200):
        self.clock = clock
        self.storage = MemoryStorage(clock)
        self.storage.open()
        self.withdrawals, self.delivery = Withdrawn(), Accepting()
        apps = {
            "apple": app(Network(), "apple", kind="apns", providerIds=(PROVIDER,)),
            "google": app(Network(), "google", kind="fcm"),
        }
        self.registrar = Registrar(self.storage.registrations, apps, self.withdrawals, clock)
        types = {"push": PushNodeType(self.storage.registrations, self.delivery)}
        self.host = ServedHost(HOST, tree=VirtualTree(types), types=types)
        visitors = Visitors(requests, registrations, proxies, clock)
        strangers = Strangers(self.registrar, self.storage.registrations, HOST)
        vocabularies = [
            AppServer(strangers, self.storage.registrations, {HOST: self.host}).vocabulary,
            Tigase(self.registrar, HOST, {HOST}).vocabulary,
        ]
        self.door = Door(Registering(vocabularies, visitors), clock, visitors.isProxy)

    def connect(self, address="192.0.2.1"):
        """
        A connection, and what is at its other end.
        """
        transport = Transport(IPv4Address("TCP", address, 4711))
        protocol = self.door.buildProtocol(transport.getPeer())
        transport.protocol = protocol
        protocol.makeConnection(transport)
        return transport

    def ask(self, request, address="192.0.2.1"):
        """
        Status, headers and body of what is answered.
        """
        transport = self.connect(address)
        transport.protocol.dataReceived(request)
        return transport.answer()

    def post(self, path, body, address="192.0.2.1", **headers):
        if not isinstance(body, bytes):
            body = (json.dumps(body) if "unregister-device" in path else urlencode(body)).encode()
        lines = [f"POST {path} HTTP/1.1", "Host: push.example.net", f"Content-Length: {len(body)}"]
        lines += ["Content-Type: application/x-www-form-urlencoded"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        status, _, answer = self.ask("\r\n".join([*lines, "", ""]).encode() + body, address)
        return status, answer

    def register(self, **fields):
        status, answer = self.post("/v1/register", {"type": "apns", "node": PHONE, "token": "t", **fields})
        assert 200 == status, answer
        # As Monal looks at it.
        ok, node, secret = answer.split("\n")
        assert "OK" == ok
        return node, secret

    def account(self, device, network="apns", secret=True):
        """
        What juliet registers from her account.
        """
        fields = Fields({"token": ("t",)})
        return resultOf(self.registrar.register(HOST, JULIET, Device(device), network, fields, secret))

    def of(self, owner):
        return resultOf(self.storage.registrations.ofOwner(owner))


class Transport(StringTransport):
    """
    The other end of a connection.
    """

    def __init__(self, peer):
        super().__init__(peerAddress=peer)
        self.aborted = False

    def abortConnection(self):
        self.aborted = True
        super().abortConnection()

    def answer(self):
        head, _, body = self.value().partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        return int(re.match(r"HTTP/1.1 (\d+)", lines[0])[1]), headers, body.decode()
