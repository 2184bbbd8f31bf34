"""
HTTP without a network.
"""

import json
from typing import Any

from treq.client import HTTPClient
from treq.testing import RequestTraversalAgent
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.web.resource import IResource
from zope.interface import implementer

from pushsvc.exchange import ExchangeFailed, Request, Response
from pushsvc.httpclient.client import TreqHTTP
from pushsvc.ipushsvc import IHTTP


@implementer(IHTTP)
class ScriptedHTTP:
    """
    Answers as told, one after the other.

    :ivar requests: what was asked.
    """

    def __init__(self, *answers: Response | ExchangeFailed | Deferred[Response]) -> None:
        self.requests: list[Request] = []
        self.answers = list(answers)

    async def request(self, request: Request) -> Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return await answer if isinstance(answer, Deferred) else answer

    async def close(self) -> None:
        """
        There is nothing to close.
        """


def answer(status: int, body: Any = None, **headers: str) -> Response:
    """
    An answer with JSON in it, or with the text or bytes that are given.
    """
    if isinstance(body, str):
        body = body.encode("utf-8")
    if not isinstance(body, bytes):
        body = json.dumps({} if body is None else body).encode("utf-8")
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def httpTo(resource: IResource, clock: IReactorTime) -> TreqHTTP:
    """
    Our client, with a resource at the other end instead of a network; answers at once.
    """
    return TreqHTTP(HTTPClient(RequestTraversalAgent(resource)), clock)
