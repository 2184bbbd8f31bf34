"""
The requests of accounts whose server delegates ``urn:xmpp:push:0`` to us (XEP-0355).

A server is always answered with a result, whatever its account is told in it: Prosody makes service-unavailable of an
error of ours, and of ejabberd the client then hears nothing at all.
"""

from collections.abc import Mapping

from twisted.logger import Logger
from twisted.words.xish.domish import Element

from pushsvc.concealed import concealed
from pushsvc.errors import BadForm, NotAllowed, RequestError, TryLater
from pushsvc.ipushsvc import IPublisher
from pushsvc.wire.delegation import NAMESPACES, NODES, Delegated, readDelegated, writeAnswer
from pushsvc.wire.disco import Info
from pushsvc.wire.errors import ENABLING, writeError
from pushsvc.xmpp.edge import Answer, Request
from pushsvc.xmpp.enabling import EnablingRequests


class Delegation:
    """
    Takes them out of what they came in, and puts the answer into the same again.
    """

    log = Logger()

    def __init__(self, enabling: EnablingRequests, publisher: IPublisher) -> None:
        self._enabling = enabling
        self._publisher = publisher

    @property
    def answers(self) -> Mapping[tuple[str, str, str], Answer]:
        return {("set", namespace, "delegation"): self.onDelegated for namespace in NAMESPACES}

    def infoOf(self, node: str) -> Info | None:
        """
        What servers and accounts have because of us; None: nobody asked about that.

        :param node: of a question for disco#info.
        """
        return Info((), self._enabling.features) if node in NODES else None

    async def onDelegated(self, request: Request) -> Element:
        """
        Answer an account.

        :raises BadForm: no request is handed on.
        """
        asked = readDelegated(request.payload)
        if asked is None:
            raise BadForm("nothing is delegated")
        namespace = request.payload.uri
        try:
            return writeAnswer(namespace, asked, "result", await self._answer(asked, request.sender.full))
        except (RequestError, TryLater) as e:
            return writeAnswer(namespace, asked, "error", writeError(e, ENABLING))
        except Exception:
            self.log.failure("a request could not be handled: this is a bug", concealed())
            return writeAnswer(namespace, asked, "error", writeError(TryLater(), ENABLING))

    async def _answer(self, asked: Delegated, server: str) -> Element | None:
        if server != asked.sender.domain or not self._publisher.serves(asked.sender.bare):
            raise NotAllowed("accounts are their own server's affair")
        if asked.payload is None:
            raise BadForm("an IQ asks for one thing")
        return await self._enabling.answer(asked.type, asked.payload, asked.sender, asked.recipient)
