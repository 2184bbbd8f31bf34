"""
Policies of one's own, in files.
"""

import sys
from types import ModuleType

import pytest
from twisted.internet.task import Clock

from pushsvc.assembly.policies import policyOf
from pushsvc.config import ConfigurationError, read, readFile
from pushsvc.event import Occasion
from pushsvc.publisher.content import Content
from pushsvc.publisher.default import Default
from pushsvc.publisher.older import Older
from pushsvc.tap import compose
from tests.publisher.conftest import House

FRAME = """
[storage]
url = "memory:"
[[links]]
kind = "component"
endpoint = "tcp:127.0.0.1:5347"
domain = "push.example.net"
secret = "s"
[hosts."push.example.net"]
[apps.trial]
provider = "demo"
[publisher]
domains = ["example.org"]
policies = [{policies}]
"""

QUIET = '''
from dataclasses import dataclass


@dataclass(frozen=True)
class Quiet:
    """
    Nobody is to be told.
    """

    default: object

    async def shouldPublish(self, event, services):
        return [] if event.stanzas[-1].body == "secret" else await self.default.shouldPublish(event, services)


def makePolicy(default):
    return Quiet(default)
'''


@pytest.fixture
def composed(tmp_path):
    def composed(*policies, **files):
        (tmp_path / "policies").mkdir()
        for name, text in files.items():
            (tmp_path / "policies" / f"{name}.py").write_text(text)
        file = tmp_path / "pushsvc.toml"
        file.write_text(FRAME.format(policies=", ".join(f'"{each}"' for each in policies)))
        return compose(readFile(file), Clock())

    return composed


def test_besideTheConfiguration(composed, tmp_path):
    """
    A policy may be a file; its path begins where the configuration is. Nothing is written beside it.
    """
    composition = composed("policies/quiet.py", "default", quiet=QUIET)

    assert composition.publisher is not None
    assert ["quiet.py"] == [each.name for each in (tmp_path / "policies").iterdir()]


def test_whatItSaysHolds(tmp_path, clock, says):
    """
    MIM-34: it is asked as any other is.
    """
    file = tmp_path / "quiet.py"
    file.write_text(QUIET)
    house = House(clock, policies=(lambda default: policyOf(str(file), default),))
    house.enable()

    house.happens(Occasion.OFFLINE, says.message("secret"))
    house.happens(Occasion.OFFLINE, says.message("Hi"))

    assert ["phone"] == house.nodes


def test_ofTheOlderShape(tmp_path):
    """
    A file may hold functions of the older shape.
    """
    file = tmp_path / "older.py"
    file.write_text("def should_publish(sender, account, packet):\n    return False\n")

    assert isinstance(policyOf(str(file), Default(Content())), Older)


def test_absolutePaths(composed, tmp_path):
    """
    A path that says where it begins is left as it is; so are names that are no paths.
    """
    elsewhere = tmp_path / "elsewhere.py"
    elsewhere.write_text(QUIET)

    assert composed(str(elsewhere), "hints").publisher is not None
    assert ("./a.py", "default") == read(FRAME.format(policies='"./a.py", "default"')).publisher.policies


@pytest.mark.parametrize(
    "text, why",
    [
        ("def makePolicy(:\n", r"line 1: "),
        ("\n\n1 / 0\n", r"line 3: ZeroDivisionError: division by zero"),
        ("\nopen('/nowhere/words')\n", r"line 2: FileNotFoundError: .*/nowhere/words"),
        ("import sys\nsys.exit(0)\n", r"line 2: SystemExit: 0"),
        ("import nowhere_to_be_found\n", r"line 1: ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("", r"is no policy: it has neither makePolicy\(default\) nor should_publish"),
        ("def makePolicy():\n    pass\n", r"is no policy"),
        ("def makePolicy(default):\n    1 / 0\n", r"makePolicy fails: ZeroDivisionError"),
        ("def makePolicy(default):\n    raise SystemExit(0)\n", r"makePolicy fails: SystemExit"),
        ("def makePolicy(default):\n    pass\n", r"makePolicy returns no policy: concerning, prepareNotification, "),
        ("\0", r"ValueError|SyntaxError|null bytes"),
    ],
)
def test_whatDoesNotWork(composed, text, why):
    """
    What is wrong with a file is said before anything starts: which it is, where in the configuration it is named, and
    which line of it does not work.
    """
    with pytest.raises(ConfigurationError, match=rf"^publisher\.policies: '.*/policies/mine\.py': .*{why}"):
        composed("default", "policies/mine.py", mine=text)


def test_noSuchFile(composed):
    """
    A file that is not there is told, and so is what cannot be meant as one.
    """
    with pytest.raises(ConfigurationError, match=r"^publisher\.policies: '.*/nowhere\.py': cannot be read: No such"):
        composed("nowhere.py")
    with pytest.raises(ConfigurationError, match=r"^publisher\.policies: 'policies/quiet': the name of a file ends in"):
        policyOf("policies/quiet", Default(Content()))


def test_modulesThatDoNotWork(tmp_path, monkeypatch):
    """
    So it is with modules: a bug in one, and what one needs and does not find, are told in a line.
    """
    for name, text in (("tests_broken", "1 / 0\n"), ("tests_needy", "import nowhere_to_be_found\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
        (tmp_path / name / "mine.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(ConfigurationError, match=r"^publisher\.policies: 'tests_broken\.mine': ZeroDivisionError"):
        policyOf("tests_broken.mine", Default(Content()))
    with pytest.raises(ConfigurationError, match=r"^publisher\.policies: 'tests_needy\.mine': No module named"):
        policyOf("tests_needy.mine", Default(Content()))
    monkeypatch.setitem(sys.modules, "tests_none", ModuleType("tests_none"))
    with pytest.raises(ConfigurationError, match=r"^publisher\.policies: there is no 'tests_none\.mine'"):
        policyOf("tests_none.mine", Default(Content()))
