"""
Whoever looks for what the documentation mentions finds it.
"""

import re

import pytest

from tests.docs.pages import DOCS, ROOT, pages

# What a page asks its reader to make.
TO_BE_MADE = {"pushsvc/providers/bell.py"}

_PATH = re.compile(r"`([a-z_0-9]+(?:/[A-Za-z_0-9.-]+)*(?:/|\.py|\.toml|\.tac))`")


@pytest.mark.parametrize("page", pages())
def test_filesAreThere(page):
    """
    Files and folders that a page mentions exist, in the checkout or in the package.
    """
    text = re.sub(r"^```.*?^```$", "", (DOCS / f"{page}.md").read_text("utf-8"), flags=re.M | re.S)
    files = {path for path in _PATH.findall(text) if "/" in path} - TO_BE_MADE

    assert [] == sorted(path for path in files if not ((ROOT / path).exists() or (ROOT / "pushsvc" / path).exists()))


@pytest.mark.parametrize("page", pages())
def test_pagesHaveATitle(page):
    """
    Every page begins with its one title.
    """
    text = (DOCS / f"{page}.md").read_text("utf-8")
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S).splitlines()

    assert text.startswith("# ")
    assert 1 == sum(line.startswith("# ") for line in prose)


@pytest.mark.parametrize("page", ["howto/prosody", "howto/ejabberd", "howto/look-after-it"])
def test_pushsvcSaysSo(page):
    """
    What a page says to look for in pushsvc's log is what pushsvc writes there.
    """
    words = re.findall(r"^\| `([^`]+)` in pushsvc's log", (DOCS / f"{page}.md").read_text("utf-8"), re.M)
    house = "".join(file.read_text("utf-8") for file in (ROOT / "pushsvc").rglob("*.py"))

    assert words
    assert [] == [each for each in words if each not in house]
