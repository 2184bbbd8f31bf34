"""
A phone, as a test holds it in its hand: everything has happened when a method returns.

Its XMPP runs in a thread of its own, so that it goes on while the test waits for something else.
"""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import ExitStack
from typing import Any, Literal, TypeVar
from xml.etree.ElementTree import Element, tostring

from slixmpp.jid import JID

from tests.servers import forms
from tests.servers.client import Client
from tests.servers.rig.ports import LOOPBACK
from tests.servers.rig.server import Account, Server
from tests.servers.rig.waiting import PATIENCE

NS_DISCO_INFO = "http://jabber.org/protocol/disco#info"
NS_DISCO_ITEMS = "http://jabber.org/protocol/disco#items"
NS_PING = "urn:xmpp:ping"
NS_PUBSUB = "http://jabber.org/protocol/pubsub"
NS_PUBLISH_OPTIONS = "http://jabber.org/protocol/pubsub#publish-options"
NS_PUSH = "urn:xmpp:push:0"

# What servers write when they notice that the connection of a resumable session is lost.
_HIBERNATES = "Session going into hibernation|seconds for stream resumption"

T = TypeVar("T")


class Phone:
    """
    A device with one account, online.
    """

    def __init__(self, client: Client, phones: "Phones", server: Server) -> None:
        self.jid = str(client.boundjid.bare)
        self.resource = str(client.boundjid.resource)
        self._server = server
        self._client = client
        self._phones = phones
        self._online = True

    def request(self, kind: Literal["get", "set"], to: str | None, payload: Element) -> Element:
        """
        Send an iq and return the answer.

        :param to: None: the own account.
        :raises Refused: the answer is an error.
        """
        return self._run(self._client.request(kind, to, payload))

    def command(
        self,
        to: str,
        node: str,
        fields: forms.Values | None = None,
        action: str | None = "execute",
        session: str | None = None,
    ) -> forms.Answer:
        """
        Run an ad-hoc command.

        :param fields: what to submit with it; None: no form.
        """
        form = None if fields is None else forms.submitted(fields)
        return forms.answer(self.request("set", to, forms.command(node, action, session, form)))

    def enable(self, push: str, node: str, options: forms.Values) -> None:
        """
        Tell the own server to publish to this node (XEP-0357).

        :param options: what it is to say there, the secret among it.
        """
        enable = Element(f"{{{NS_PUSH}}}enable", {"jid": push, "node": node})
        enable.append(forms.submitted(options, NS_PUBLISH_OPTIONS))
        self.request("set", None, enable)

    def disable(self, push: str, node: str | None = None) -> None:
        """
        Tell the own server to publish there no more.
        """
        attributes = {"jid": push} if node is None else {"jid": push, "node": node}
        self.request("set", None, Element(f"{{{NS_PUSH}}}disable", attributes))

    def ping(self, to: str | None = None) -> None:
        """
        See that somebody answers.
        """
        self.request("get", to, Element(f"{{{NS_PING}}}ping"))

    def identities(self, of: str) -> list[tuple[str | None, str | None]]:
        """
        What somebody says that it is: category and type.
        """
        info = self.request("get", of, Element(f"{{{NS_DISCO_INFO}}}query"))
        return [(each.get("category"), each.get("type")) for each in info.iter(f"{{{NS_DISCO_INFO}}}identity")]

    def features(self, of: str) -> list[str | None]:
        """
        What somebody says that it can do.
        """
        info = self.request("get", of, Element(f"{{{NS_DISCO_INFO}}}query"))
        return [each.get("var") for each in info.iter(f"{{{NS_DISCO_INFO}}}feature")]

    def commands(self, of: str) -> list[str | None]:
        """
        Which ad-hoc commands somebody offers.
        """
        query = Element(f"{{{NS_DISCO_ITEMS}}}query", {"node": forms.NS_COMMANDS})
        items = self.request("get", of, query)
        return [each.get("node") for each in items.iter(f"{{{NS_DISCO_ITEMS}}}item")]

    def say(self, to: str, *bodies: str) -> None:
        """
        Send messages in one go; the own server has them when this returns.
        """
        for body in bodies:
            self._client.loop.call_soon_threadsafe(self._client.send_message, JID(to), body, None, "chat")
        self.ping()

    def heard(self) -> str:
        """
        The next message's body; messages without one are passed over.
        """
        return self._next("{jabber:client}body").text or ""

    def withdrawal(self) -> tuple[str | None, str | None, str | None]:
        """
        The next message that tells of an affiliation (XEP-0357, section 8): node, JID, affiliation.
        """
        pubsub = self._next(f"{{{NS_PUBSUB}}}pubsub")
        affiliation = pubsub.find(f"{{{NS_PUBSUB}}}affiliation")
        assert affiliation is not None
        return pubsub.get("node"), affiliation.get("jid"), affiliation.get("affiliation")

    def logOff(self) -> None:
        """
        Go offline as one should.
        """
        if self._online:
            self._online = False
            self._run(self._client.logOff())

    def vanish(self) -> None:
        """
        Lose the connection without a word; a resumable session hibernates when this returns.
        """
        self._online = False
        position = self._server.log.position()
        self._run(self._client.vanish())
        self._server.log.waitFor(_HIBERNATES, position)

    def turnDeaf(self) -> None:
        """
        Receive nothing any more: the network is gone, and nobody has noticed yet.
        """
        self._client.loop.call_soon_threadsafe(self._client.turnDeaf)

    def tearOff(self) -> None:
        """
        Lose the connection with all that is on the way.
        """
        self._online = False
        self._run(self._client.tearOff())

    def resume(self) -> None:
        """
        Come back to the session that hibernates.
        """
        self._run(self._client.resume(LOOPBACK, self._server.ports["c2s"]))
        self._online = True

    def send(self, stanza: Element) -> None:
        """
        Send a stanza; the own server has it when this returns.
        """
        self.utter(stanza)
        self.ping()

    def utter(self, stanza: Element) -> None:
        """
        Send a stanza, whatever comes of it.
        """
        self._client.loop.call_soon_threadsafe(self._client.send_raw, tostring(stanza, "unicode"))

    def _next(self, child: str) -> Element:
        async def found() -> Element:
            while True:
                element = (await self._client.messages.get()).find(child)
                if element is not None:
                    return element

        return self._run(asyncio.wait_for(found(), PATIENCE))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._phones.run(work)


class Phones:
    """
    The thread in which phones live. All are offline when it ends.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="phones", daemon=True)
        self._open = ExitStack()

    def __enter__(self) -> "Phones":
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._open.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def online(self, account: Account, resumable: bool = False) -> Phone:
        """
        A phone, logged in.
        """
        phone = Phone(self.run(self._logIn(account, resumable)), self, account.server)
        self._open.callback(phone.logOff)
        return phone

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """
        Do something in the thread and wait for it.
        """
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(3 * PATIENCE)

    async def _logIn(self, account: Account, resumable: bool) -> Client:
        server = account.server
        client = Client(account.jid, account.password, server.root, resumable)
        await client.logIn(LOOPBACK, server.ports["c2s"])
        return client
