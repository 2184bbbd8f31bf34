"""
Registration over HTTP: hands what is posted to the vocabulary that has the page, and sees to it that whatever becomes
of it is told in that vocabulary's words.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any
from urllib.parse import unquote_to_bytes

from twisted.internet.defer import ensureDeferred
from twisted.logger import Logger
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from pushsvc.concealed import concealed
from pushsvc.errors import BadForm, RequestError, TryLater
from pushsvc.web.visitors import TooMany, Visitors

_XML = re.compile("[\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


@dataclass(frozen=True)
class Posted:
    """
    What somebody posts.

    :ivar rest: what stands in the path behind the name of the page.
    :ivar isNew: to be called before what was not there is kept.
    """

    rest: str
    body: bytes = field(repr=False)
    isNew: Callable[[], None] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Answer:
    """
    What is said to it.
    """

    status: int
    body: bytes = field(repr=False)


@dataclass(frozen=True)
class Vocabulary:
    """
    Some pages that go together.

    :ivar pages: by their path; one that ends with a slash has all that is below it.
    :ivar failed: says why something cannot be: with a status, and a sentence.
    """

    pages: Mapping[str, Callable[[Posted], Awaitable[Answer]]]
    failed: Callable[[int, str], Answer]
    contentType: str


class Registering(Resource):
    """
    All pages.
    """

    log = Logger()
    isLeaf = True

    def __init__(self, vocabularies: list[Vocabulary], visitors: Visitors) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._visitors = visitors
        self._pages = {path: vocabulary for vocabulary in vocabularies for path in vocabulary.pages}

    def render(self, request: Any) -> int | bytes:
        """
        Somebody asks for something.
        """
        request.setHeader(b"cache-control", b"no-store")
        try:
            path = unquote_to_bytes(request.path).decode("utf-8")
        except UnicodeDecodeError:
            path = ""
        name = path if path in self._pages else path[: path.rfind("/") + 1]
        vocabulary = self._pages.get(name)
        if vocabulary is None:
            request.setResponseCode(404)
            return b""
        if request.method != b"POST":
            request.setHeader(b"allow", b"POST")
            request.setResponseCode(405)
            return b""
        gone: list[object] = []
        request.notifyFinish().addErrback(gone.append)
        answering = ensureDeferred(self._answer(request, vocabulary, name, path[len(name) :]))
        # What was begun is brought to its end, whoever waits for it.
        answering.addCallback(lambda answer: None if gone else _write(request, vocabulary, answer))
        return NOT_DONE_YET

    async def _answer(self, request: Any, vocabulary: Vocabulary, name: str, rest: str) -> Answer:
        try:
            who = self._visitors.visit(request)
            body = request.content.read()
            return await vocabulary.pages[name](Posted(rest, body, lambda: self._visitors.registers(who)))
        except TooMany as e:
            request.setHeader(b"retry-after", b"%d" % ceil(e.seconds))
            return vocabulary.failed(429, "too much from your address, come again later")
        except RequestError as e:
            return vocabulary.failed(400, str(e))
        except TryLater:
            return vocabulary.failed(503, "not now, come again later")
        except Exception:
            self.log.failure("a request over HTTP could not be handled: this is a bug", concealed())
            return vocabulary.failed(500, "not now, come again later")


def readText(text: str) -> str:
    """
    A text that could as well have come by XMPP: storages need not know any other.

    :raises BadForm: it could not.
    """
    if _XML.fullmatch(text) is None:
        raise BadForm("a character that is none")
    return text


def _write(request: Any, vocabulary: Vocabulary, answer: Answer) -> None:
    request.setResponseCode(answer.status)
    request.setHeader(b"content-type", vocabulary.contentType.encode("ascii"))
    request.setHeader(b"content-length", b"%d" % len(answer.body))
    request.write(answer.body)
    request.finish()
