"""
A server that publishes as fast as it is answered, and remembers what was promised to it.
"""

import itertools
import random
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

from twisted.internet.defer import Deferred, DeferredQueue
from twisted.words.protocols.jabber.component import ListenComponentAuthenticator
from twisted.words.protocols.jabber.xmlstream import STREAM_AUTHD_EVENT, STREAM_END_EVENT, XmlStreamServerFactory
from twisted.words.xish.domish import Element

DOMAIN = "push.example.net"
SECRET = "sesame"

_REGISTER = """<iq type='set' id='{id}' from='{jid}' to='push.example.net'>
<command xmlns='http://jabber.org/protocol/commands' node='register-push-apns' action='execute'>
<x xmlns='jabber:x:data' type='submit'><field var='token'><value>{token}</value></field></x></command></iq>"""

_PUBLISH = """<iq type='set' id='{id}' from='example.net' to='push.example.net'>
<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='{node}'><item>
<notification xmlns='urn:xmpp:push:0'><x xmlns='jabber:x:data' type='submit'>
<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:push:summary</value></field>
<field var='last-message-body'><value>{number}</value></field></x></notification></item></publish>
<publish-options><x xmlns='jabber:x:data' type='submit'>
<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>
<field var='secret'><value>{secret}</value></field></x></publish-options></pubsub></iq>"""


@dataclass
class Device:
    """
    One phone, and what was said about it.

    :ivar sent: the number of the latest publish.
    :ivar promised: the number of the latest that was acknowledged.
    """

    token: str
    node: str = ""
    secret: str = ""
    sent: int = 0
    promised: int = 0


@dataclass
class Publisher:
    """
    The server's end of a component stream.

    :ivar acknowledged: how many publishes were.
    :ivar refused: the types of errors that were answered.
    :ivar attached: fires when a stream has begun; wait with ``get()``.
    :ivar gone: fires when one has ended, and all that was said by it is heard; wait with ``get()``.
    """

    devices: list[Device]
    window: int
    chance: random.Random
    acknowledged: int = 0
    refused: list[str] = field(default_factory=list)
    attached: DeferredQueue[None] = field(default_factory=DeferredQueue)
    gone: DeferredQueue[None] = field(default_factory=DeferredQueue)

    def __post_init__(self) -> None:
        self._ids = itertools.count()
        self._stream: Any = None
        self._wanted = 0
        self._outstanding: dict[str, tuple[Device, int]] = {}
        self._registering: dict[str, Device] = {}
        self._milestones: list[tuple[int, Deferred[None]]] = []
        self._factory = XmlStreamServerFactory(lambda: ListenComponentAuthenticator(SECRET))
        self._factory.addBootstrap(STREAM_AUTHD_EVENT, self._onAttached)
        self._factory.addBootstrap(STREAM_END_EVENT, self._onLost)

    def listen(self, reactor: Any) -> Any:
        """
        :returns: the port.
        """
        return reactor.listenTCP(0, self._factory, interface="127.0.0.1")

    def register(self) -> Deferred[None]:
        """
        Register all devices.
        """
        for number, device in enumerate(self.devices):
            id = f"r{number}"
            self._registering[id] = device
            jid = f"user{number}@example.net/phone"
            self._stream.send(_REGISTER.format(id=id, jid=jid, token=escape(device.token)))
        return self._at(0, lambda: not self._registering)

    def publish(self, until: int) -> Deferred[None]:
        """
        Go on until so many publishes have been acknowledged in all.
        """
        self._wanted = until
        self._pump()
        return self._at(until)

    def acknowledgement(self, number: int) -> Deferred[None]:
        """
        Fires as soon as so many publishes have been acknowledged in all, while it goes on.
        """
        return self._at(number)

    def _at(self, acknowledged: int, also: Any = None) -> Deferred[None]:
        reached: Deferred[None] = Deferred()
        self._milestones.append((acknowledged, reached))
        self._also = also or (lambda: True)
        return reached

    def _pump(self) -> None:
        while self._stream is not None and len(self._outstanding) < self.window:
            if self.acknowledged + len(self._outstanding) >= self._wanted:
                return
            device = self.chance.choice(self.devices)
            device.sent += 1
            id = f"p{next(self._ids)}"
            self._outstanding[id] = (device, device.sent)
            self._stream.send(_PUBLISH.format(id=id, node=device.node, number=device.sent, secret=device.secret))

    def _onAttached(self, stream: Any) -> None:
        self._stream = stream
        stream.addObserver("/iq", self._onIQ)
        self.attached.put(None)
        self._pump()

    def _onLost(self, reason: Any) -> None:
        # What was not acknowledged was not promised.
        self._stream = None
        self._outstanding.clear()
        self.gone.put(None)

    def _onIQ(self, iq: Element) -> None:
        id = iq["id"]
        if id in self._registering:
            device = self._registering.pop(id)
            fields = {field["var"]: str(field.value) for field in iq.command.x.elements()}
            device.node, device.secret = fields["node"], fields["secret"]
        elif id in self._outstanding:
            device, number = self._outstanding.pop(id)
            if iq["type"] == "result":
                self.acknowledged += 1
                device.promised = max(device.promised, number)
            else:
                self.refused.append(iq.error["type"])
        for milestone, reached in list(self._milestones):
            if self.acknowledged >= milestone and self._also():
                self._milestones.remove((milestone, reached))
                reached.callback(None)
        self._pump()
