"""
Stanzas of ours on their way to another domain: those that wait, and those that come back.
"""

from collections import deque
from typing import NamedTuple

from twisted.words.xish.domish import Element

from pushsvc.links.s2s.namespaces import NS_SERVER, PREFIXES
from pushsvc.links.writing import written
from pushsvc.wire.errors import errorElement

# One way may take one part in so many of the room that there is for it.
SHARE = 4


class Trouble(NamedTuple):
    """
    Why a stanza cannot leave, as its sender is told.
    """

    type: str
    condition: str


NOT_FOUND = Trouble("cancel", "remote-server-not-found")
TIMEOUT = Trouble("wait", "remote-server-timeout")
# Of XEP-0220; it can be mended, and no publisher is to give up because of it.
DISBELIEVED = Trouble("wait", "internal-server-error")
TOO_MUCH = Trouble("wait", "resource-constraint")


class Letter(NamedTuple):
    """
    A stanza, as it will stand in the stream, and what is needed to send it back.
    """

    text: str
    name: str
    attributes: dict[str, str]

    def bounce(self, trouble: Trouble) -> Element | None:
        """
        The stanza error that comes back in its place.

        :returns: None: results and errors never come back.
        """
        if self.attributes.get("type") in ("result", "error"):
            return None
        attributes = {"type": "error", "from": self.attributes["to"], "to": self.attributes["from"]}
        if "id" in self.attributes:
            attributes["id"] = self.attributes["id"]
        bounced = Element((None, self.name), attribs=attributes)
        bounced.addChild(errorElement(trouble.type, trouble.condition))
        return bounced


def letter(stanza: Element) -> Letter:
    """
    :param stanza: with ``from`` and ``to``.
    """
    return Letter(written(stanza, NS_SERVER, PREFIXES), stanza.name, stanza.attributes)


class Room:
    """
    What all that waits, wherever, may take.
    """

    def __init__(self, size: int) -> None:
        """
        :param size: characters.
        """
        self.left = size


class Waiting:
    """
    First in, first out, and no more than so much: at most a quarter of the room that the others leave, so that there
    is always some for one more.
    """

    def __init__(self, maxStanzas: int, maxSize: int, room: Room) -> None:
        """
        :param maxSize: characters of all that waits here.
        """
        self._room = room
        self._maxStanzas = maxStanzas
        self._maxSize = maxSize
        self._size = 0
        self._letters: deque[tuple[Letter, float]] = deque()

    def __len__(self) -> int:
        return len(self._letters)

    @property
    def since(self) -> float:
        """
        When the one that waits longest came.
        """
        return self._letters[0][1]

    def add(self, letter: Letter, now: float) -> bool:
        """
        :returns: whether it fits.
        """
        size = len(letter.text)
        share = min(self._maxSize, (self._room.left + self._size) // SHARE)
        if len(self._letters) >= self._maxStanzas or self._size + size > share:
            return False
        self._letters.append((letter, now))
        self._size += size
        self._room.left -= size
        return True

    def pop(self) -> Letter:
        """
        The one that waits longest.
        """
        letter, _ = self._letters.popleft()
        self._size -= len(letter.text)
        self._room.left += len(letter.text)
        return letter
