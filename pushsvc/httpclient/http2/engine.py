"""
What a session needs of HTTP/2's framing (RFC 9113, RFC 7541): bytes in, events out; requests in, bytes out.

An engine does no I/O and knows no time. Another one, a faster one, can take the place of the one that ships.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, TypeAlias

from zope.interface import Attribute, Interface

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]

# What the other side sends in one frame at most, for we never ask for more.
LARGEST_FRAME = 16384

_WORD = re.compile(r"[A-Za-z]{1,60}")


class Code(IntEnum):
    """
    Why something ends; only those that matter to us.
    """

    NO_ERROR = 0x0
    PROTOCOL_ERROR = 0x1
    FLOW_CONTROL_ERROR = 0x3
    STREAM_CLOSED = 0x5
    FRAME_SIZE_ERROR = 0x6
    REFUSED_STREAM = 0x7
    CANCEL = 0x8
    COMPRESSION_ERROR = 0x9
    ENHANCE_YOUR_CALM = 0xB


class PeerMisbehaved(Exception):
    """
    What came is no HTTP/2: the connection is beyond repair.

    :ivar before: what was said before it.
    :ivar code: what the other side is told.
    """

    def __init__(self, text: str, before: "Sequence[Event]" = (), code: Code = Code.PROTOCOL_ERROR) -> None:
        super().__init__(text)
        self.before = before
        self.code = code


@dataclass(frozen=True, slots=True)
class Answered:
    """
    The headers of an answer; informational answers and trailers are left out.

    :ivar ends: there is nothing else in the answer, and nothing more is said of it.
    """

    stream: int
    status: int
    headers: Headers = field(repr=False)
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Data:
    """
    A piece of the body of an answer.
    """

    stream: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ended:
    """
    The answer is whole.
    """

    stream: int


@dataclass(frozen=True, slots=True)
class Reset:
    """
    The other side gave up the stream.
    """

    stream: int
    code: int


@dataclass(frozen=True, slots=True)
class GoneAway:
    """
    The other side takes no more streams, and nothing of those above the last one.
    """

    last: int
    code: int
    reason: bytes = field(repr=False)

    @property
    def why(self) -> str | None:
        """
        The reason in a word, where there is one in JSON, as APNs has it.
        """
        try:
            said = json.loads(self.reason)
        except (ValueError, RecursionError):
            return None
        word = said.get("reason") if isinstance(said, dict) else None
        return word if isinstance(word, str) and _WORD.fullmatch(word) else None


@dataclass(frozen=True, slots=True)
class Changed:
    """
    The other side said what its settings are; the first time, it is ready.
    """


@dataclass(frozen=True, slots=True)
class Pong:
    """
    A ping was answered.
    """


Event: TypeAlias = Answered | Data | Ended | Reset | GoneAway | Changed | Pong


class IEngine(Interface):
    """
    The client's side of one connection.

    Acknowledging settings, answering pings, and giving back the windows for what was received is its own business.
    """

    limit = Attribute("How many streams the other side lets us have open.")
    window = Attribute("Bytes of bodies that the whole connection may carry now.")
    exhausted = Attribute("Whether no stream can be opened any more: their numbers have run out.")

    def start() -> None:
        """
        Say who we are and what we want.
        """

    def received(data: bytes) -> Sequence[Event]:
        """
        What the other side says, in its order. Nothing is said of streams that ended or were reset.

        :raises PeerMisbehaved: that was no HTTP/2. Of what was to be sent nothing is left; there may be a farewell.
        """

    def open(headers: Headers, ends: bool) -> int:
        """
        Open a stream.

        :param headers: pseudo headers first; names in lower case.
        :param ends: there is no body.
        :returns: its number. Larger ones are younger.
        """

    def room(stream: int) -> int:
        """
        Bytes of the body that may be sent now, in one frame.
        """

    def send(stream: int, data: bytes, ends: bool) -> None:
        """
        Send a part of the body, within its room.
        """

    def reset(stream: int, code: Code) -> None:
        """
        Give a stream up.
        """

    def ping() -> None:
        """
        Ask for a sign of life.
        """

    def goAway(code: Code) -> None:
        """
        Say that the connection ends.
        """

    def toSend() -> bytes:
        """
        What is to be written now; it is the caller's from then on.
        """


MakeEngine: TypeAlias = Callable[[], Any]
