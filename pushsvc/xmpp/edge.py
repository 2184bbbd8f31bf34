"""
The edge: a stanza is read into a value, a coroutine works on it, and a reply or an error is written.

`Requests` is the one handler of IQ requests. What answers them are plain objects, each with a table of what it answers;
all of them speak of the payload and the host, and know nothing of streams.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from twisted.logger import Logger
from twisted.words.protocols.jabber.xmlstream import XMPPHandler
from twisted.words.xish.domish import Element

from pushsvc.concealed import concealed
from pushsvc.errors import RequestError, TryLater
from pushsvc.hosts import ServedHost
from pushsvc.jids import Address, addressOf
from pushsvc.wire.errors import COMMANDS, sectionOf, writeError
from pushsvc.wire.gate import refusal
from pushsvc.wire.namespaces import NS_COMMANDS
from pushsvc.wire.replies import errorTo, resultTo
from pushsvc.wire.view import View, viewOf
from pushsvc.xmpp.ongoing import Ongoing

__all__ = ["Answer", "Handler", "Request", "Requests", "refusal"]


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
        assert self.parent is not None
        self.parent.send(obj)

    def observe(self, query: str, method: Callable[[Element], object], priority: int = 0) -> None:
        """
        Be handed the stanzas of the stream that an XPath query fits.
        """
        assert self.xmlstream is not None
        self.xmlstream.addObserver(query, method, priority)


class Request(NamedTuple):
    """
    An IQ request to a host of ours.

    :ivar kind: the type of the IQ, and the namespace and name of its payload.
    :ivar iq: all of it.
    :ivar payload: its one child.
    """

    kind: tuple[str, str, str]
    iq: View
    payload: View
    host: ServedHost
    sender: Address


# Gets a request, returns the payload of the result.
Answer = Callable[[Request], Awaitable[Element | None]]


class Requests(Handler):
    """
    Hands every IQ request to who answers requests of its type and payload; whatever comes of it is sent as the reply.

    Expected errors are translated by the table. Others are bugs: logged, and none of the peer's business. They cost
    only this request, and for the time being: no server may conclude from a bug of ours that a device is gone.

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
        self.observe("/iq", self.take)

    def take(self, iq: Element) -> bool:
        """
        Answer a request, if we do. A link that has no need of Wokkel's ways of finding out asks us first.

        :returns: whether nobody else needs to see it.
        """
        known = iq.__dict__
        if not known.get("proper"):
            # A link may have looked already; but not every stream that we are attached to is one of our links'.
            if known.get("handled"):
                return True
            refused = refusal(iq)
            if refused is not None:
                self.send(refused)
        if known["handled"]:
            return True
        type = iq.attributes.get("type", "")
        if iq.name != "iq" or type not in ("get", "set"):
            return False
        view = viewOf(iq)
        (payload,) = view.elements()
        kind = (type, *payload.qname)
        answer = self._answers.get(kind)
        host = self._hostOf(iq.attributes["to"])
        sender = addressOf(iq.attributes["from"])
        if answer is None or host is None or sender is None:
            return False
        known["handled"] = True
        self._ongoing.run(self._answer(iq.attributes, answer, Request(kind, view, payload, host, sender)))
        return True

    async def _answer(self, asked: Mapping[str, str], answer: Answer, request: Request) -> None:
        """
        :param asked: the attributes of the request.
        """
        isCommand = request.kind[1] == NS_COMMANDS
        try:
            if self._ongoing.closing:
                raise TryLater("the service stops")
            answering = answer(request)
            # Hundreds wait for their answers: what has been read of a stanza is kept until then, and not the stanza.
            del request
            reply = resultTo(asked, await answering)
        except (RequestError, TryLater) as e:
            reply = errorTo(asked, writeError(e, COMMANDS if isCommand else sectionOf(e)))
        except Exception:
            self.log.failure("a request could not be handled: this is a bug", concealed())
            reply = errorTo(asked, writeError(TryLater()))
        self.send(reply)

    def _hostOf(self, recipient: str) -> ServedHost | None:
        host = self._hosts.get(recipient)
        if host is not None:
            return host
        # Nobody lives here: all that is addressed is the host itself, be it with a resource or in another spelling.
        address = addressOf(recipient)
        return self._hosts.get(address.domain) if address is not None and address.local is None else None
