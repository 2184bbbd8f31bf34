"""
The name in the configuration is the name of the file.
"""

import pytest
from zope.interface.verify import verifyObject

from pushsvc import kinds


@pytest.mark.parametrize(
    ("folder", "name"), [(folder, name) for folder in kinds.FOLDERS for name in kinds.names(folder)]
)
def test_whatShipsKeepsItsPromise(folder, name):
    """
    Every module in a folder of kinds has what its folder promises.
    """
    assert verifyObject(kinds.FOLDERS[folder], kinds.load(folder, name))


@pytest.mark.parametrize(
    ("folder", "shipped"),
    [
        ("storage", {"memory", "sql"}),
        ("providers", {"demo", "fcm"}),
        ("nodetrees", {"virtual"}),
        ("nodetypes", {"push"}),
        ("dialects", {"modpush"}),
        ("links", {"component"}),
    ],
)
def test_whatShips(folder, shipped):
    """
    The files that are kinds are found; the files beside them that are not, are not.
    """
    assert shipped <= set(kinds.names(folder))
    assert not {"failures", "rules", "stream"} & set(kinds.names(folder))


def test_aDottedNameIsAThirdPartys():
    """
    A dotted name loads somebody else's module.
    """
    assert "tests.claiming" == kinds.load("dialects", "tests.claiming").__name__


def test_oldNamesGoOnWorking():
    """
    What was renamed is still found by its old name.
    """
    assert kinds.load("providers", "fcm") is kinds.load("providers", "gcm")


@pytest.mark.parametrize(
    ("folder", "name", "said"),
    [
        ("providers", "fmc", "there is no 'fmc' among providers ("),
        ("providers", "fcn", "did you mean 'fcm'?"),
        ("providers", "failures", "pushsvc.providers.failures is not one of providers"),
        ("dialects", "tests.nowhere", "there is no 'tests.nowhere' among dialects"),
        ("dialects", "pushsvc.model", "pushsvc.model is not one of dialects"),
        ("links", "../x", "cannot be the name of a module"),
        ("links", "", "cannot be the name of a module"),
    ],
)
def test_whatThereIsNotIsNamed(folder, name, said):
    """
    A name that nothing has is refused with what there is, and with what was likely meant.
    """
    with pytest.raises(kinds.UnknownKind) as caught:
        kinds.load(folder, name)

    assert said in str(caught.value)


def test_whatAModuleLacksIsAnotherStory(tmp_path, monkeypatch):
    """
    A module that cannot be imported because something it needs is missing says so itself.
    """
    (tmp_path / "needy").mkdir()
    (tmp_path / "needy" / "kind.py").write_text("import no_such_module_anywhere\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
        kinds.load("dialects", "needy.kind")
