"""
What the documentation says of push networks is what they are.
"""

import re
from pathlib import Path

import pytest
from twisted.internet.testing import MemoryReactorClock

import pushsvc.providers
from docs.generators import answers
from pushsvc import kinds
from pushsvc.assembly.apps import appsOf
from pushsvc.config import read
from tests.docs.pages import DOCS, ROOT
from tests.docs.standins import standing

PAGE = (DOCS / "reference/providers.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))
FOLDER = Path(next(iter(pushsvc.providers.__path__)))


def fieldsOn(section):
    table = section.partition("| field | |")[2].partition("\n\n")[0]
    return re.findall(r"^\| `([^`]+)` \|", table, re.M)


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    """
    What clients who ask are told, by provider, of the apps in the complete configuration.
    """
    text = standing((ROOT / "tap/pushsvc.toml").read_text("utf-8"), tmp_path_factory.mktemp("apps"))
    apps = appsOf(read(text), {}, MemoryReactorClock())
    return {app.kind: [field.var for field in app.form if field.type != "fixed"] for app in apps.values()}


def test_everyNetworkHasASection():
    """
    Every network that ships is there, and no other.
    """
    assert sorted(SECTIONS) == kinds.names("providers")


@pytest.mark.parametrize("kind", kinds.names("providers"))
def test_fields(forms, kind):
    """
    The fields of each are those that a client who asks is told; where clients are told none, they are at least words
    that its files know.
    """
    shown = fieldsOn(SECTIONS[kind])
    source = "".join(file.read_text("utf-8") for file in FOLDER.glob(f"{kind}*.py"))

    assert shown
    assert forms.get(kind, shown if "IForms" not in source else None) in ([], shown)
    assert [] == [field for field in shown if f'"{field}"' not in source]


@pytest.mark.parametrize("kind", answers.networks())
def test_answersStandInTheirSection(kind):
    """
    What a network answers stands in its own section, with something about devices that are gone.
    """
    assert f"<!-- generated: answers-{kind} -->" in SECTIONS[kind]
    assert "`DeviceGone`" in answers.text(kind)


def test_answersAreTheCodes():
    """
    The tables are those that the code decides by.
    """
    lines = answers.text("huawei").splitlines()

    (gone,) = [line for line in lines if line.startswith("| `DeviceGone`")]
    assert "code `80100000`, `80300007`; reason `tokenFormatError`" in gone
    (refused,) = [line for line in answers.text("mongoosepush").splitlines() if line.startswith("| `ProviderRefused`")]
    assert "reason `no_matching_pool`" in refused
    assert "HTTP `401`" in refused
