"""
The edge: a stanza is read into a value, a coroutine works on it, and a reply or an error is written.

`Requests` is the one handler of IQ requests. What answers them are plain objects, each with a table of what it answers;
all of them speak of the payload and the host, and know nothing of streams.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.logger import Logger
from twisted.words.protocols.jabber.xmlstream import XMPPHandler
from twisted.words.xish.domish import Element

from pushsvc.concealed import concealed
from pushsvc.errors import RequestError, TryLater
from pushsvc.hosts import ServedHost
from pushsvc.jids import Address, addressOf
from pushsvc.wire.errors import COMMANDS, PUBSUB, writeError
from pushsvc.wire.gate import refusal
from pushsvc.wire.namespaces import NS_COMMANDS
from pushsvc.wire.replies import errorReply, resultReply
from pushsvc.wire.view import DomishView, View
from pushsvc.xmpp.ongoing import Ongoing

__all__ = ["Answer", "Handler", "Request", "Requests", "answering", "refusal"]


class Handler(XMPPHandler):
    """
    What stanzas of one stream are handed to.
    """

    log = Logger()

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def send(self, obj: Element) -> None:
        """
        Send a stanza by the link that this handler belongs to.
        """
        super().send(obj)  # type: ignore[no-untyped-call]

    def observe(self, query: str, method: Callable[[Element], object], priority: int = 0) -> None:
        """
        Be handed the stanzas of the stream that an XPath query fits.
        """
        assert self.xmlstream is not None
        self.xmlstream.addObserver(query, method, priority)


H = TypeVar("H", bound=Handler)
P = ParamSpec("P")


def answering(
    method: Callable[Concatenate[H, Element, P], Coroutine[Any, Any, Element | None]],
) -> Callable[Concatenate[H, Element, P], Deferred[None]]:
    """
    For a handler's method that is called with an IQ request and returns the payload of the result: whatever comes of
    it is sent as the reply.

    Expected errors are translated by the table. Others are bugs: logged, and none of the peer's business. They cost
    only this request, and for the time being: no server may conclude from a bug of ours that a device is gone.
    """

    async def answer(self: H, iq: Element, *args: P.args, **kwargs: P.kwargs) -> None:
        try:
            reply = resultReply(iq, await method(self, iq, *args, **kwargs))
        except (RequestError, TryLater) as e:
            reply = errorReply(iq, writeError(e, COMMANDS if _payloadOf(iq).uri == NS_COMMANDS else PUBSUB))
        except Exception:
            self.log.failure("a request could not be handled: this is a bug", concealed())
            reply = errorReply(iq, writeError(TryLater()))
        self.send(reply)

    @wraps(method)
    def answered(self: H, iq: Element, *args: P.args, **kwargs: P.kwargs) -> Deferred[None]:
        iq.__dict__["handled"] = True
        return ensureDeferred(answer(self, iq, *args, **kwargs))

    return answered  # type: ignore[return-value]  # wraps does not know that both are methods


def _payloadOf(iq: Element) -> Element:
    payload: Element = next(child for child in iq.children if not isinstance(child, str))
    return payload


@dataclass(frozen=True, slots=True)
class Request:
    """
    An IQ request to a host of ours.

    :ivar iq: all of it.
    :ivar payload: its one child.
    """

    iq: View
    payload: View
    host: ServedHost
    sender: Address


# Gets a request, returns the payload of the result.
Answer = Callable[[Request], Awaitable[Element | None]]


class Requests(Handler):
    """
    Hands every IQ request to who answers requests of its type and payload.

    What nobody answers stays unhandled, for handlers that others may have added and, after them, for `Unanswered`.
    """

    def __init__(
        self, hosts: Mapping[str, ServedHost], ongoing: Ongoing, *tables: Mapping[tuple[str, str, str], Answer]
    ) -> None:
        """
        :param tables: from the type of the IQ and the namespace and name of its child to who answers it.
        """
        super().__init__()
        self._hosts = hosts
        self._ongoing = ongoing
        self._answers: dict[tuple[str, str, str], Answer] = {}
        for table in tables:
            self._answers.update(table)

    def connectionInitialized(self) -> None:
        self.observe("/iq", self.onIQ)

    def onIQ(self, iq: Element) -> None:
        """
        Answer a request, if we do.
        """
        if iq.__dict__.get("handled"):
            return
        # A link may have looked already; but not every stream that we are attached to is one of our links'.
        refused = refusal(iq)
        if refused is not None:
            self.send(refused)
        if iq.__dict__["handled"]:
            return
        type = iq.attributes["type"]
        if type not in ("get", "set"):
            return
        payload = _payloadOf(iq)
        answer = self._answers.get((type, payload.uri, payload.name))
        host = self._hostOf(iq.attributes["to"])
        sender = addressOf(iq.attributes["from"])
        if answer is not None and host is not None and sender is not None:
            self._ongoing.add(self._answer(iq, answer, Request(DomishView(iq), DomishView(payload), host, sender)))

    @answering
    async def _answer(self, iq: Element, answer: Answer, request: Request) -> Element | None:
        if self._ongoing.closing:
            raise TryLater("the service stops")
        return await answer(request)

    def _hostOf(self, recipient: str) -> ServedHost | None:
        host = self._hosts.get(recipient)
        if host is not None:
            return host
        # Nobody lives here: all that is addressed is the host itself, be it with a resource or in another spelling.
        address = addressOf(recipient)
        return self._hosts.get(address.domain) if address is not None and address.local is None else None
