"""
Requests that a server hands on to us, because it has delegated their namespace (XEP-0355).

A server is always answered with a result, whatever its account is told in it: Prosody makes service-unavailable of an
error of ours, and of ejabberd the client then hears nothing at all.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from twisted.logger import Logger
from twisted.words.xish.domish import Element

from pushsvc.concealed import concealed
from pushsvc.errors import BadForm, NotAllowed, RequestError, TryLater
from pushsvc.hosts import ServedHost
from pushsvc.wire.delegation import NAMESPACES, Delegated, readDelegated, readNode, writeAnswer
from pushsvc.wire.disco import Info
from pushsvc.wire.errors import ENABLING, Row, writeError
from pushsvc.xmpp.edge import Answer, Request


class Delegate(Protocol):
    """
    Answers what is asked in one namespace.

    :ivar namespace: which.
    :ivar section: the words in which it refuses.
    """

    namespace: str
    section: Sequence[Row]

    def infoOf(self, host: ServedHost, isAccounts: bool) -> Info | None:
        """
        What a server has because of us; None: nobody here takes such requests.

        :param host: that it delegates to.
        :param isAccounts: what its accounts have is asked, not what it has itself.
        """

    async def answer(self, asked: Delegated, request: Request) -> Element | None:
        """
        Do what somebody of the server's own asks for.

        :param request: of the server.
        :returns: the payload of the result.
        :raises RequestError: it is refused.
        :raises TryLater: not now.
        """


class Delegation:
    """
    Takes them out of what they came in, and puts the answer into the same again.
    """

    log = Logger()

    def __init__(self, *delegates: Delegate) -> None:
        self._delegates = {delegate.namespace: delegate for delegate in delegates}

    @property
    def answers(self) -> Mapping[tuple[str, str, str], Answer]:
        return {("set", namespace, "delegation"): self.onDelegated for namespace in NAMESPACES}

    def infoOf(self, host: ServedHost, node: str) -> Info | None:
        """
        What a server and its accounts have because of us; None: nobody asked about that, or nobody here takes it.

        :param node: of a question for disco#info.
        """
        about = readNode(node)
        delegate = self._delegates.get(about.namespace) if about is not None else None
        return delegate.infoOf(host, about.isAccounts) if about is not None and delegate is not None else None

    async def onDelegated(self, request: Request) -> Element:
        """
        Answer an account.

        :raises BadForm: no request is handed on.
        """
        asked = readDelegated(request.payload)
        if asked is None:
            raise BadForm("nothing is delegated")
        namespace = request.payload.uri
        delegate = self._delegates.get(asked.payload.uri) if asked.payload is not None else None
        section = delegate.section if delegate is not None else ENABLING
        try:
            return writeAnswer(namespace, asked, "result", await self._answer(delegate, asked, request))
        except (RequestError, TryLater) as e:
            return writeAnswer(namespace, asked, "error", writeError(e, section))
        except Exception:
            self.log.failure("a request could not be handled: this is a bug", concealed())
            return writeAnswer(namespace, asked, "error", writeError(TryLater(), section))

    async def _answer(self, delegate: Delegate | None, asked: Delegated, request: Request) -> Element | None:
        if request.sender.full != asked.sender.domain:
            raise NotAllowed("accounts are their own server's affair")
        if asked.payload is None:
            raise BadForm("an IQ asks for one thing")
        if delegate is None:
            raise NotAllowed("this is not delegated here")
        return await delegate.answer(asked, request)
