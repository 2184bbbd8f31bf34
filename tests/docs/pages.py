"""
The documentation as a reader meets it: pages, and the blocks in them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"

_BLOCK = re.compile(r"^```(?:\{code-block\} *)?(?P<language>[^\n]*)\n(?P<text>.*?)^```$", re.M | re.S)
_CAPTION = re.compile(r"\A:caption: (?P<caption>\S+)\n\n")


@dataclass(frozen=True)
class Block:
    """
    Something to be copied from a page.

    :ivar caption: the file that it belongs into; None: the page does not say.
    """

    page: str
    number: int
    language: str
    text: str
    caption: str | None = None

    def __str__(self) -> str:
        return f"{self.page}:{self.number}"


def pages() -> list[str]:
    """
    All of them, without their ending.
    """
    return sorted(
        str(path.relative_to(DOCS).with_suffix("")) for path in DOCS.rglob("*.md") if "_build" not in path.parts
    )


def blocks(page: str, language: str | None = None) -> Iterator[Block]:
    """
    The blocks of a page in their order.
    """
    text = (DOCS / page).with_suffix(".md").read_text("utf-8")
    for number, found in enumerate(_BLOCK.finditer(text), 1):
        caption = _CAPTION.match(found["text"])
        inside = found["text"][caption.end() :] if caption else found["text"]
        if language in (None, found["language"]):
            yield Block(page, number, found["language"], inside, caption["caption"] if caption else None)


def commands(page: str) -> list[str]:
    """
    What is to be typed, with ``$`` or, for root, ``#`` before it.
    """
    found = []
    for block in blocks(page, "console"):
        for line in block.text.replace("\\\n", " ").splitlines():
            if line.startswith(("$ ", "# ")):
                found.append(" ".join(line[2:].split()))
    return found


def write(page: str, folder: Path) -> list[Path]:
    """
    Do as a page says: put every block that names a file into that file.
    """
    written = []
    for block in blocks(page):
        if block.caption is not None:
            file = folder / block.caption
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, "utf-8")
            written.append(file)
    return written
