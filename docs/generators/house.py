"""
Who imports whom, drawn from the code by the same walk as in ``tests/test_architecture.py``.
"""

from collections.abc import Mapping

from docs.generators import markdown
from docs.generators.markdown import code
from tests.test_architecture import HOUSE, ROOTS, VALUES, imports

_EVERYWHERE = VALUES | {"ipushsvc"}


def rooms() -> dict[str, set[str]]:
    """
    Each room, and the rooms that it looks into; without what everybody may look into.
    """
    there = {path.relative_to(HOUSE).parts[0].removesuffix(".py") for path in HOUSE.rglob("*.py")}
    there -= {"__init__", "_compat"}
    seen: dict[str, set[str]] = {room: set() for room in there}
    for room, _, imported in imports():
        if room not in there:
            continue
        parts = imported.split(".")
        if parts[0] == "pushsvc" and len(parts) > 1 and parts[1] in there - {room}:
            seen[room].add(parts[1])
    return seen


def floors(looks: Mapping[str, set[str]]) -> list[list[str]]:
    """
    The rooms, in floors: who looks into others lives above them. Lowest floor first.

    :raises ValueError: some look into one another in a circle.
    """
    left, found = dict(looks), list[list[str]]()
    below: set[str] = set()
    while left:
        floor = sorted(room for room, seen in left.items() if seen <= below)
        if not floor:
            raise ValueError(f"a circle among {sorted(left)}")
        found.append(floor)
        below |= set(floor)
        left = {room: seen for room, seen in left.items() if room not in floor}
    return found


def layers() -> str:
    """
    The floors as a drawing: nobody looks up.
    """
    above = floors(rooms())
    width = max(len("  ".join(floor)) for floor in above)
    lines = [f"| {'  '.join(floor).center(width)} |" for floor in reversed(above)]
    rule = f"+{'-' * (width + 2)}+"
    return "\n".join(["```text", rule, *(line for floor in lines for line in (floor, rule)), "```"])


def table() -> str:
    """
    Room by room, without the values and interfaces, which everybody sees; who sees nothing else is left out.
    """
    looks = rooms()
    order = [room for floor in reversed(floors(looks)) for room in floor]
    rows = []
    for room in order:
        seen = sorted(looks[room] - _EVERYWHERE)
        role = "knows everybody" if room in ROOTS else ", ".join(code(each) for each in seen)
        if role:
            rows.append((code(room), role))
    return markdown.table(("room", "looks into"), rows)


def lineCounts() -> str:
    """
    Every file, how long it is, and what it is.
    """
    rows = []
    for file in sorted(HOUSE.rglob("*.py")):
        text = file.read_text("utf-8")
        if text.strip():
            count = str(len(text.splitlines()))
            rows.append((code(str(file.relative_to(HOUSE))), count, _thought(text)))
    return markdown.table(("file", "lines", "its thought"), rows)


def _thought(text: str) -> str:
    if not text.startswith('"""'):
        return ""
    paragraph = text[3:].partition('"""')[0].strip().partition("\n\n")[0]
    return " ".join(paragraph.split()).removesuffix("::").removesuffix(":")


