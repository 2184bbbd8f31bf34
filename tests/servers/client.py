"""
The XMPP of a phone: slixmpp with what push needs. `tests.servers.phone` makes it comfortable for tests.
"""

import asyncio
import contextlib
from functools import partial
from pathlib import Path
from typing import Any, Literal
from xml.etree.ElementTree import Element

import slixmpp
from slixmpp.exceptions import IqError
from slixmpp.plugins.xep_0198 import stanza as acks
from slixmpp.xmlstream.handler import Callback, Waiter
from slixmpp.xmlstream.matcher import MatchXPath, StanzaPath

from tests.servers.rig.waiting import PATIENCE


class Refused(Exception):
    """
    An error came back.

    :ivar type: ``cancel``, ``auth``, ...
    :ivar condition: ``item-not-found``, ``forbidden``, ...
    """

    def __init__(self, type: str, condition: str, text: str) -> None:
        super().__init__(f"{type}/{condition} {text}".strip())
        self.type = type
        self.condition = condition


class Client(slixmpp.ClientXMPP):
    """
    A session of an account.

    :param root: the authority whose certificates it believes.
    :param resumable: ask for stream management (XEP-0198), so that the session outlives its connection.
    :ivar messages: that came in.
    """

    def __init__(self, jid: str, password: str, root: Path, resumable: bool) -> None:
        super().__init__(jid, password)
        self.enable_direct_tls = False
        self.use_aiodns = False
        self.ca_certs = root
        self.register_plugin("xep_0199")
        self._resumable = asyncio.Event() if resumable else None
        if self._resumable is not None:
            self.add_event_handler("sm_enabled", lambda event, enabled=self._resumable: enabled.set())
            # It asks for acknowledgements itself, see vanish.
            self.register_plugin("xep_0198", {"window": 1 << 30})
        self.messages: asyncio.Queue[Element] = asyncio.Queue()
        self._up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.add_event_handler("session_start", self._started)
        for event in ("failed_all_auth", "connection_failed", "ssl_invalid_chain", "disconnected"):
            self.add_event_handler(event, partial(self._failed, event))
        self.register_handler(Callback("messages", StanzaPath("message"), self._received))

    async def logIn(self, host: str, port: int) -> None:
        """
        Connect, and be available: the server knows it when this returns. STARTTLS and its certificate are not optional.
        """
        self.connect(host, port)
        try:
            await asyncio.wait_for(self._up, PATIENCE)
            if self._resumable is not None:
                await asyncio.wait_for(self._resumable.wait(), PATIENCE)
        except BaseException:
            await self.logOff()
            raise
        self.send_presence()
        # What is said to this account by another connection must not come before its presence.
        await self.request("get", None, Element("{urn:xmpp:ping}ping"))

    async def logOff(self) -> None:
        """
        Leave as one should: the server has closed its side when this returns.
        """
        if self.transport is not None:
            self.send_presence(ptype="unavailable")
            await self.disconnect(wait=PATIENCE)
        await self._cleanUp()

    async def vanish(self) -> None:
        """
        Lose the connection without a word. A resumable session hibernates from now on, with nothing in it: all that
        was received has been acknowledged.
        """
        sleeper = self.plugin["xep_0198"]
        assert sleeper.enabled_in, "the server does not do stream management"
        acknowledged = Waiter("acknowledged", MatchXPath(acks.Ack.tag_name()))
        self.register_handler(acknowledged)
        sleeper.send_ack()
        sleeper.request_ack()
        assert await acknowledged.wait(PATIENCE) is not None
        self.abort()
        await self._cleanUp()

    def turnDeaf(self) -> None:
        """
        Receive nothing any more, while the connection stays.
        """
        assert self.transport is not None
        self.transport.pause_reading()

    async def tearOff(self) -> None:
        """
        Lose the connection, whatever has been received of what was sent.
        """
        gone = asyncio.Event()
        self.add_event_handler("disconnected", lambda event: gone.set())
        self.abort()
        await asyncio.wait_for(gone.wait(), PATIENCE)
        await self._cleanUp()

    async def resume(self, host: str, port: int) -> None:
        """
        Come back to the session that hibernates.
        """
        back = asyncio.Event()
        self.add_event_handler("session_resumed", lambda event: back.set())
        self.connect(host, port)
        await asyncio.wait_for(back.wait(), PATIENCE)

    async def request(self, kind: Literal["get", "set"], to: str | None, payload: Element) -> Element:
        """
        Send an iq and return the whole answer.

        :raises Refused: the answer is an error.
        """
        iq = self.make_iq(id=self.new_id(), ito=to, itype=kind)
        iq.append(payload)
        try:
            answer = await iq.send(timeout=PATIENCE)
        except IqError as e:
            error = e.iq["error"]
            raise Refused(error["type"], error["condition"], error["text"]) from None
        xml: Element = answer.xml
        return xml

    def _started(self, event: Any) -> None:
        if not self._up.done():
            self._up.set_result(None)

    def _failed(self, event: str, details: Any) -> None:
        if not self._up.done():
            self._up.set_exception(ConnectionError(f"no session: {event} {details or ''}"))

    def _received(self, message: Any) -> None:
        self.messages.put_nowait(message.xml)

    async def _cleanUp(self) -> None:
        self.cancel_connection_attempt()
        # slixmpp leaves this task running.
        if self._run_out_filters is not None:
            self._run_out_filters.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._run_out_filters
