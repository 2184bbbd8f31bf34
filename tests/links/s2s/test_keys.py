"""
Dialback keys, and where their secret is kept.
"""

import stat
from pathlib import Path

import pytest

from pushsvc.config import ConfigurationError
from pushsvc.links.s2s.keys import Keys, readSecret


def test_keysAreThoseOfTheStandard() -> None:
    """
    XEP-0185 has an example; its key is ours.
    """
    keys = Keys("s3cr3tf0rd14lb4ck")

    key = keys.key("xmpp.example.com", "example.org", "D60000229F")

    assert "37c69b1cf07a3f67c04a5ef5902fa5114f2c76fe4a2686482ba5b89323075643" == key
    assert keys.isOurs(key, "xmpp.example.com", "example.org", "D60000229F")


def test_keysAreGoodForOneStreamOnly() -> None:
    """
    Of another stream, pair or secret, a key is not ours.
    """
    keys = Keys("secret")
    key = keys.key("them", "us", "1")

    assert not keys.isOurs(key, "them", "us", "2")
    assert not keys.isOurs(key, "us", "them", "1")
    assert not Keys("another").isOurs(key, "them", "us", "1")
    assert not keys.isOurs("не ключ", "them", "us", "1")


def test_secretsAreMadeOnceAndKept(tmp_path: Path) -> None:
    """
    The first to start makes the secret, for its own eyes; everybody after that has the same.
    """
    path = tmp_path / "dialback.secret"

    first, second = readSecret(path), readSecret(path)

    assert first == second
    assert 64 == len(first)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert [path] == list(tmp_path.iterdir())


def test_secretsThatAreThereAreTaken(tmp_path: Path) -> None:
    """
    What an operator has put there is the secret.
    """
    path = tmp_path / "dialback.secret"
    path.write_text("sixteen or longer\n")

    assert "sixteen or longer" == readSecret(path)


def test_withoutAFileEveryProcessHasItsOwn() -> None:
    """
    A secret that is not kept is a new one each time.
    """
    assert readSecret(None) != readSecret(None)


@pytest.mark.parametrize("content", ["", "short"])
def test_noSecretIsBetterThanABadOne(tmp_path: Path, content: str) -> None:
    """
    An empty file is no secret that anybody should be able to guess.
    """
    path = tmp_path / "dialback.secret"
    path.write_text(content)

    with pytest.raises(ConfigurationError, match="too short"):
        readSecret(path)


def test_placesThatCannotBeWrittenAreNamed(tmp_path: Path) -> None:
    """
    Where no secret can be kept, the operator learns where that was.
    """
    with pytest.raises(ConfigurationError, match=r"nowhere.secret: cannot be used"):
        readSecret(tmp_path / "nowhere" / "secret")
