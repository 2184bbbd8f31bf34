"""
Secrets that everybody on the machine could read.
"""

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# Keys of files that hold a secret, beside those that end in one of these.
_NAMES = {"private-key", "service-account"}
_ENDINGS = ("secret-file", "key-file", "password-file", "passphrase-file")
# A certificate beside which none of these stands has its key in the same file, and in clear.
_BESIDE = {"private-key", "passphrase", "passphrase-file"}


def exposed(table: Any, at: str = "", below: Path = Path("/")) -> Iterator[tuple[str, Path]]:
    """
    Where a table, or one below it, names the file of a secret that everybody may read, and which file that is.

    :param below: a folder to which everybody comes.
    """
    items = table.items() if isinstance(table, Mapping) else enumerate(table)
    for key, value in items:
        where = f"{at}.{key}" if at else str(key)
        if isinstance(value, (Mapping, list, tuple)):
            yield from exposed(value, where, below)
        elif isinstance(key, str) and isinstance(value, str) and _isOfSecret(key, table):
            path = Path(value).absolute()
            if _isOpen(path, below):
                yield where, path


def _isOfSecret(key: str, beside: Any) -> bool:
    return key in _NAMES or key.endswith(_ENDINGS) or (key == "certificate" and not _BESIDE & beside.keys())


def _isOpen(path: Path, below: Path) -> bool:
    try:
        # Whoever cannot come near it cannot read it either: neither near a link to it, nor near itself.
        ways = {each for place in (path, path.resolve()) for each in place.parents if below in each.parents}
        return bool(path.stat().st_mode & stat.S_IROTH) and all(each.stat().st_mode & stat.S_IXOTH for each in ways)
    except (OSError, ValueError):
        return False
