"""
What is remembered of pushes.
"""

import pytest

from pushsvc.delivery import remembering
from pushsvc.delivery.remembering import GATHERED, PRECISION, Remembering
from pushsvc.delivery.verdict import Verdict
from pushsvc.errors import BadRequest, DeviceGone, ProviderDown, Refused, Throttled, TryLater
from pushsvc.meanings import MEANINGS, meaningOf
from pushsvc.model import Remembered, Target
from tests.delivery.network import says
from tests.support import resultOf


class Book:
    """
    Keeps what it is told, and may be broken.
    """

    def __init__(self):
        self.notes = []
        self.trouble = None

    async def note(self, news):
        if self.trouble is not None:
            raise self.trouble
        self.notes.append(dict(news))


def remembered(house, node="node"):
    return resultOf(house.storage.verdicts.ofNodes([node])).get(node)


def test_aSuccessIsRemembered(house, clock):
    """
    It is remembered of each registration when the network took a push last.
    """
    target = house.registered().target
    began = clock.seconds()

    house.accept(says("hello"), target)
    clock.advance(GATHERED)

    assert Remembered(began) == remembered(house)


@pytest.mark.parametrize(
    ("trouble", "word"),
    [
        (ProviderDown("no answer"), "down"),
        (Throttled("quota"), "throttled"),
        (Refused("never"), "rejected"),
        (BadRequest("what?"), "bad-request"),
    ],
)
def test_troubleIsRemembered(house, clock, trouble, word):
    """
    It is remembered what the last trouble was, beside the last success, and there is a sentence for it.
    """
    target = house.registered().target
    house.accept(says("hello"), target)
    clock.advance(60)
    house.network.answers = [trouble]
    then = clock.seconds()

    house.accept(says("hello"), target)
    clock.advance(GATHERED / 2)
    clock.advance(GATHERED / 2)

    assert Remembered(then - 60, then, word) == remembered(house)
    assert meaningOf(word).endswith(".")


def test_everyWordHasAMeaning():
    """
    For every word that an attempt may end with there is a sentence; a word of the future has one too.
    """
    import ast
    import inspect

    from pushsvc.delivery import attempts, verdict

    words = set()
    for module in (attempts, verdict):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == Verdict.__name__:
                words |= {each.value for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant)} - {None}

    words = {word for word in words if isinstance(word, str)}
    assert 10 < len(words)
    assert words <= set(MEANINGS)
    assert "later-invented" in meaningOf("later-invented")


def test_whatIsNoNewsIsNotWritten(house, clock):
    """
    However often a device is pushed to, the same word is written once in a quarter of an hour.
    """
    book = Book()
    hearing = Remembering(book, clock)

    for _ in range(int(PRECISION)):
        hearing.hear("node", "delivered")
        clock.advance(1)
    assert 1 == len(book.notes)

    hearing.hear("node", "delivered")
    hearing.hear("node", "down")
    hearing.hear("node", "delivered")
    clock.advance(1)
    assert 2 == len(book.notes)
    now = clock.seconds() - 1
    assert {"node": Remembered(now, now, "down")} == book.notes[1]


def test_manyAreWrittenTogether(clock):
    """
    What became of the pushes of one second is one request to the storage.
    """
    book = Book()
    hearing = Remembering(book, clock)

    for number in range(1000):
        hearing.hear(f"node{number}", "delivered")
    clock.advance(GATHERED)

    assert [1000] == [len(news) for news in book.notes]


def test_aStorageThatDoesNotAnswerIsTold_Again(clock):
    """
    What could not be written is written when it happens again.
    """
    book = Book()
    book.trouble = TryLater()
    hearing = Remembering(book, clock)
    hearing.hear("node", "delivered")
    clock.advance(GATHERED)

    book.trouble = None
    hearing.hear("node", "delivered")
    clock.advance(GATHERED)

    assert ["node"] == list(book.notes[0])


def test_aCleanStopWritesWhatItKnows(house):
    """
    What became of the last pushes is written when the service stops.
    """
    house.accept(says("hello"), house.registered().target)

    resultOf(house.delivery.stopService())

    assert remembered(house).succeeded is not None


def test_nothingIsRememberedOfWhoIsGone(house, clock):
    """
    What was remembered goes with the registration, and so does what would have been written after that.
    """
    house.network.answers = [True, DeviceGone()]
    target = house.registered().target
    house.accept(says("hello"), target)

    house.accept(says("hello"), target)
    clock.advance(GATHERED)

    assert remembered(house) is None


def test_whatIsNoRegistrationIsPassedOver(house, clock):
    """
    What is sent to no registration is not remembered.
    """
    house.accept(says("hello"), Target("of-no-registration", "app", "token"))
    clock.advance(GATHERED)

    assert remembered(house, "of-no-registration") is None


def test_memoryIsBounded(clock, monkeypatch):
    """
    However many devices there are, no more than so many are known at once.
    """
    monkeypatch.setattr(remembering, "MOST", 50)
    book = Book()
    hearing = Remembering(book, clock)

    for number in range(1000):
        hearing.hear(f"node{number}", "delivered")
        if number % 40 == 0:
            clock.advance(GATHERED)

    assert 100 >= len(hearing._young) + len(hearing._old)
    assert 50 >= len(hearing._news)


def test_meaningsTellNobodyAnything():
    """
    Sentences are for users too: they hold no word of ours and end as sentences do.
    """
    for sentence in MEANINGS.values():
        assert sentence.endswith(".")
        assert sentence[0].isupper()
