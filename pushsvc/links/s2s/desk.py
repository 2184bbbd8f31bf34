"""
Where stanzas are handed on, once it is certain whom they are from.
"""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.words.xish.domish import Element
from twisted.words.xish.utility import EventDispatcher

from pushsvc.concealed import concealed
from pushsvc.links.requests import Requests
from pushsvc.links.stream import Gate
from pushsvc.links.takers import Takers
from pushsvc.wire.gate import refusal
from pushsvc.wire.namespaces import NS_PING
from pushsvc.wire.view import viewOf

# How many pings are remembered until they are answered; that is, for a moment.
PINGS_MAX = 1_000


class Desk:
    """
    Answers go to who has asked, everything else to handlers.

    Handlers see no streams: what they are connected to is all of them, from start to stop.

    :ivar gate: looks at each stanza first; see `pushsvc.links.stream.Gate`.
    :ivar requests: ours, that wait for their answers.
    """

    log = Logger()

    def __init__(self, clock: Any, send: Callable[[Element], object]) -> None:
        """
        :param send: what handlers, and the gate, answer with.
        """
        self.gate: Gate = refusal
        self.requests = Requests(clock)
        self._send = send
        self._stanzas: Any = None  # what handlers are connected to
        self._takers = Takers()
        self._pings: dict[tuple[str, str], None] = {}

    def open(self, handlers: list[Any]) -> None:
        """
        From now on handlers are there.
        """
        self._takers, self._stanzas = Takers(), EventDispatcher()
        self._stanzas.send = self._send
        for handler in handlers:
            self.attach(handler)

    def attach(self, handler: Any) -> None:
        """
        One more; when nobody is there yet it comes with the others.
        """
        if self._stanzas is not None:
            self._takers.add(handler)
            self._tell(handler, "makeConnection", self._stanzas)
            self._tell(handler, "connectionInitialized")

    def close(self, handlers: list[Any], reason: Failure) -> None:
        """
        No longer.
        """
        self.requests.fail(reason)
        self._stanzas = None
        for handler in handlers:
            self._tell(handler, "connectionLost", reason)

    def receive(self, stanza: Any) -> None:
        """
        A stanza has arrived.
        """
        if self._stanzas is None:
            return
        stanza.handled = False
        try:
            answer = self.gate(stanza)
        except Exception:
            self.log.failure("a stanza is dropped: looking at it failed", concealed())
            return
        if answer is not None:
            # Not by the stream it came on: that may be for one direction only.
            self._send(answer)
        elif not stanza.handled:
            self._handOn(stanza)

    def request(self, request: Any) -> "Deferred[Element]":
        """
        Send an IQ request.

        :returns: see `Requests.track`.
        """
        if request.stanzaKind != "iq" or request.stanzaType not in ("get", "set"):
            return fail(ValueError("not a request"))
        iq = request.toElement()
        if not iq.getAttribute("id"):
            iq.addUniqueId()
            request.stanzaID = iq["id"]
        answer = self.requests.track(iq, getattr(request, "timeout", None))
        if not answer.called:
            self._send(iq)
        return answer

    def answersPing(self, stanza: Element) -> bool:
        """
        Whether a stanza that is about to leave is the answer to a ping.
        """
        key = _keyOf(stanza, "to")
        if key not in self._pings:
            return False
        del self._pings[key]
        return True

    def _handOn(self, stanza: Any) -> None:
        if stanza.name == "iq":
            if stanza.getAttribute("type") in ("result", "error"):
                stanza.handled = self.requests.answered(stanza)
            elif _isPing(stanza):
                self._pings[_keyOf(stanza, "from")] = None
                if len(self._pings) > PINGS_MAX:
                    del self._pings[next(iter(self._pings))]
        if not stanza.handled and not self._takers.took(stanza):
            self._stanzas.dispatch(stanza)

    def _tell(self, handler: Any, method: str, *what: object) -> None:
        try:
            getattr(handler, method)(*what)
        except Exception:
            # One that fails must not keep the others, or the link, from going on.
            self.log.failure("{method} of a handler failed", concealed(), method=method)


def _isPing(stanza: Element) -> bool:
    return bool(viewOf(stanza).children(NS_PING, "ping"))


def _keyOf(stanza: Element, whose: str) -> tuple[str, str]:
    return stanza.getAttribute(whose) or "", stanza.getAttribute("id") or ""
