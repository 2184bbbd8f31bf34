"""
What the documentation says of the code is drawn from the code.
"""

import pytest

from docs.generators import configuration, house, publisher, requirements
from docs.generators.pages import DRAWN, drawn
from pushsvc import kinds
from tests.docs.pages import DOCS, pages
from tests.test_architecture import MAP, ROOTS, VALUES


@pytest.mark.parametrize("name", DRAWN)
def test_whatIsDrawnIsShown(name):
    """
    Everything that can be drawn has something to show, and stands on a page.
    """
    shown = [page for page in pages() if f"<!-- generated: {name} -->" in (DOCS / f"{page}.md").read_text()]

    assert shown
    assert drawn(f"<!-- generated: {name} -->").count("\n") > 3


def test_everyKeyIsDescribed():
    """
    Of every key of the configuration something is said.
    """
    assert [] == configuration.undescribed()


def test_everyKindHasItsKeys():
    """
    Each link and each network with keys of its own has a section.
    """
    titles = [title for title, _ in configuration.sections()]

    for link in kinds.names("links"):
        assert f'`[[links]]` with `kind = "{link}"`' in titles
    for network in ("apns", "fcm"):
        assert f'`[apps.NAME]` with `provider = "{network}"`' in titles


def test_nobodyLooksUp():
    """
    The rooms of the house stand in floors: nobody looks into a room of the same floor, or of one above.
    """
    looks = house.rooms()
    floors = house.floors(looks)

    level = {room: number for number, floor in enumerate(floors) for room in floor}
    assert set(level) == set(looks)
    assert all(level[seen] < level[room] for room in looks for seen in looks[room])


def test_circlesAreNoticed():
    """
    Rooms that look into one another cannot be drawn.
    """
    with pytest.raises(ValueError, match="a circle among"):
        house.floors({"a": {"b"}, "b": {"a"}, "c": set()})


def test_theDrawnMapIsTheMap():
    """
    What is drawn from the imports is inside what the map allows.
    """
    for room, looks in house.rooms().items():
        if room not in ROOTS:
            assert looks <= MAP.get(room, set()) | VALUES | {"ipushsvc"}, room


def test_requirementsAreFound():
    """
    Numbered tests of both ways of writing are in the list.
    """
    numbers = {number for number, _, _ in requirements.statements()}

    assert {"MP-21, MP-22", "MP-18"} <= numbers


def test_everyRequirementOfThePublisherIsHeld():
    """
    Each number has a test, or a reason why it has none; and no reason stands for a number that there is not.
    """
    tested = publisher.tested()
    reasons = {**publisher.INSIDE, **publisher.OTHERWISE}

    assert [] == [number for number in publisher.numbers() if number not in tested and number not in reasons]
    assert reasons.keys() <= set(publisher.numbers())
    assert not publisher.INSIDE.keys() & publisher.OTHERWISE.keys()


def test_whatIsInsideAServerIsListed():
    """
    Of what lives inside a server it is said what can be done from outside.
    """
    inside = {"MP-54", "MP-55", "MP-56", "MP-65", "MP-66", "PR-24", "PR-25", "EJ-8"}

    assert inside == publisher.INSIDE.keys()
    lines = publisher.text().splitlines()[2:]
    assert list(publisher.numbers()) == [line.split(" | ")[0].lstrip("| ") for line in lines]
    assert all(len(line.split(" | ")[1]) > 20 for line in lines)
