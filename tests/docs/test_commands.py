"""
Whoever types a command of the documentation types one that exists.
"""

import ast
import re
import shlex
from configparser import ConfigParser

import click
import pytest
from twisted.scripts.twistd import ServerOptions

from pushsvc.cli import main
from tests.docs.pages import ROOT, commands, pages

# Pages whose commands are run to the letter by a test of their own.
FOLLOWED = {
    "tutorial": "tests/docs/test_tutorial.py",
    **{f"howto/add-a-{what}": "tests/docs/test_following.py" for what in ("provider", "node-type", "store", "dialect")},
}

# What other programs do, and which test lets them do it.
ELSEWHERE = {
    "systemctl restart prosody": "tests/docs/test_servers.py::test_behindProsody",
    "ejabberdctl reload_config": "tests/docs/test_servers.py::test_behindEjabberd",
    **dict.fromkeys(
        [command for command in commands("howto/publisher-prosody") if command.startswith("install ")],
        "tests/docs/test_publisher.py::test_behindProsody",
    ),
    **dict.fromkeys(
        [command for command in commands("howto/publisher-ejabberd") if command.startswith(("mkdir ", "cp ", "erlc "))],
        "tests/docs/test_publisher.py::test_behindEjabberd",
    ),
    "systemctl restart ejabberd": "tests/docs/test_publisher.py::test_behindEjabberd",
    **dict.fromkeys(commands("reference/events"), "tests/docs/test_publisher.py::test_events"),
    **dict.fromkeys(commands("howto/webpush"), "tests/docs/test_webpush.py::test_theKey"),
    **dict.fromkeys(
        [command for command in commands("howto/clients") if command.startswith("curl ")],
        "tests/docs/test_clients.py::test_overHTTP",
    ),
}

TYPED = [(page, command) for page in pages() if page not in FOLLOWED for command in commands(page)]


@pytest.mark.parametrize(("page", "command"), TYPED)
def test_commandsExist(page, command):
    """
    Every command is one of ours, with options that it has, or is tried elsewhere.
    """
    words = shlex.split(re.sub(r"^([A-Z_]+=\S* )+", "", command))
    program = words[0].rpartition("/")[2]

    if program == "pushsvc":
        understood(main, words[1:])
    elif program == "twistd":
        ServerOptions().parseOptions(words[1:])
    elif program == "make":
        assert words[1:] and set(words[1:]) <= targets()
    elif program == "pip":
        assert words[1] == "install" and set(words[2:]) <= packages() | {"."}
    else:
        assert exists(ELSEWHERE.get(command, "")), f"nobody tries {command!r}: which test does?"


def test_followedPagesAreFollowed():
    """
    The tests that follow whole pages are there.
    """
    assert all((ROOT / test).exists() for test in FOLLOWED.values())


def understood(command: click.Command, words: list[str]) -> None:
    """
    See that a command takes these words; it is not run.
    """
    context = command.make_context(command.name, list(words), resilient_parsing=isinstance(command, click.Group))
    if isinstance(command, click.Group) and words and not words[0].startswith("-"):
        further = command.get_command(context, words[0])
        assert further is not None, words[0]
        understood(further, words[1:])


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))


def packages() -> set[str]:
    parsed = ConfigParser()
    parsed.read(ROOT / "setup.cfg")
    return set(re.findall(r"^([A-Za-z0-9-]+)", parsed["options.extras_require"]["test"], re.M))


def exists(test: str) -> bool:
    file, _, name = test.partition("::")
    if not name:
        return False
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in ast.walk(tree))
