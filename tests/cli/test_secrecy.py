"""
Secrets that everybody on the machine could read.
"""

import pytest

from pushsvc.cli.secrecy import exposed


@pytest.fixture
def folder(tmp_path):
    """
    A folder that everybody may enter.
    """
    folder = tmp_path / "etc"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    return folder


def file(folder, name, mode):
    (folder / name).write_text("hush")
    (folder / name).chmod(mode)
    return str(folder / name)


def test_secretsThatEverybodyMayRead(folder, tmp_path):
    """
    Files of secrets that everybody may read are found, wherever they are named; others are not.
    """
    open_, closed = file(folder, "open", 0o644), file(folder, "closed", 0o640)
    said = {
        "apps": {"a": {"service-account": open_, "trust": open_}, "b": {"key-file": closed, "version-file": open_}},
        "links": [{"secret-file": closed}, {"certificates": {"c": {"certificate": open_, "private-key": open_}}}],
        "feeds": ({"password-file": open_}, {"secret-file": "/nowhere", "secret": "hush"}),
    }

    found = {where: str(path) for where, path in exposed(said, below=tmp_path)}

    assert found == {
        "apps.a.service-account": open_,
        "links.1.certificates.c.private-key": open_,
        "feeds.0.password-file": open_,
    }


def test_certificatesWithTheirKeys(folder, tmp_path):
    """
    A certificate may have its key in the same file; it has not if the key is elsewhere, or encrypted.
    """
    both = {"certificate": file(folder, "both", 0o644)}
    others = [{**both, "passphrase": "hush"}, {**both, "private-key": file(folder, "closed", 0o600)}]

    assert ["0.certificate"] == [where for where, _ in exposed([both, *others], below=tmp_path)]


def test_aFolderThatNobodyEnters(folder, tmp_path):
    """
    What lies in a folder that only its owner may enter nobody else can read, also when a link elsewhere names it.
    """
    link = folder.with_name("link")
    link.symlink_to(file(folder, "open", 0o644))
    named = {"secret-file": str(folder / "open"), "key-file": str(link)}
    assert 2 == len(list(exposed(named, below=tmp_path)))

    folder.chmod(0o700)

    assert [] == list(exposed(named, below=tmp_path))
