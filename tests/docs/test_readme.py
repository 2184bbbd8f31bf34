"""
README.md, which is read before anything runs.
"""

import re
import shlex

import pytest
from twisted.internet.testing import MemoryReactorClock
from twisted.scripts.twistd import ServerOptions

from pushsvc.cli import main
from pushsvc.config import read
from pushsvc.tap import compose
from tests.docs.pages import DOCS, ROOT, Block, blocks
from tests.docs.standins import standing
from tests.docs.test_commands import targets, understood
from tests.docs.test_configurations import completed

README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = re.findall(r"^    (?:/opt/pushsvc/bin/)?((?:pushsvc|twistd|make) .*?) *(?:# .*)?$", README, re.M)
SHOWN = [*blocks("../README", "toml"), *blocks("../CONTRIBUTING", "toml")]


@pytest.mark.parametrize("block", SHOWN, ids=str)
def test_configurationsWork(block: Block, tmp_path, monkeypatch):
    """
    Every piece of configuration is understood.
    """
    monkeypatch.chdir(tmp_path)

    composition = compose(read(completed(standing(block.text, tmp_path)), str(block)), MemoryReactorClock())

    assert composition.hosts


@pytest.mark.parametrize("command", COMMANDS)
def test_commandsExist(command):
    """
    Every command of ours has the options that it is shown with.
    """
    program, *words = shlex.split(command)

    if program == "pushsvc":
        understood(main, words)
    elif program == "twistd":
        ServerOptions().parseOptions(words)
    else:
        assert set(words) <= targets()


def test_thereAreSome():
    """
    Commands and configurations are found.
    """
    assert {"pushsvc", "twistd", "make"} == {command.split()[0] for command in COMMANDS}
    assert SHOWN


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/index.md", "docs/tour.md"])
def test_linksLeadSomewhere(page):
    """
    What these pages link to in the checkout is there.
    """
    text = (ROOT / page).read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]

    assert [] == [link for link in links if not ((ROOT / page).parent / link).exists()]


def test_everyNetworkIsNamed():
    """
    A newcomer sees which networks and vocabularies there are: each has its section in the reference.
    """
    from pushsvc import kinds

    networks = (DOCS / "reference" / "providers.md").read_text("utf-8")
    dialects = (DOCS / "reference" / "dialects.md").read_text("utf-8")

    assert [] == [name for name in kinds.names("providers") if f"\n## {name}\n" not in networks]
    assert [] == [name for name in kinds.names("dialects") if f"\n## {name}\n" not in dialects]
