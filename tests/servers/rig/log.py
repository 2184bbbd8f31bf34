"""
A log file that a test reads: what it says since a moment, and that it comes to say something; and records.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.servers.rig.waiting import PATIENCE, waitFor


class Log:
    """
    A file that somebody else writes to; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def position(self) -> int:
        """
        Where it ends now: what is written from here on is news.
        """
        return self.path.stat().st_size if self.path.exists() else 0

    def since(self, position: int = 0) -> str:
        """
        What was written from a position on.
        """
        if not self.path.exists():
            return ""
        with self.path.open("rb") as file:
            file.seek(position)
            return file.read().decode("utf-8", "replace")

    def waitFor(
        self, pattern: str, position: int = 0, seconds: float = PATIENCE, alive: Callable[[], bool] | None = None
    ) -> re.Match[str]:
        """
        Wait until it says something that a regular expression describes.
        """
        compiled = re.compile(pattern)
        what = f"{pattern!r} in {self.path.name}"
        match = waitFor(lambda: compiled.search(self.since(position)), what, seconds, alive)
        assert match is not None
        return match


def recorded(path: Path) -> list[Any]:
    """
    What somebody else writes down, a line of JSON each; it need not exist yet, and a line that is only half there is
    not there yet.
    """
    if not path.exists():
        return []
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    return [json.loads(line) for line in whole.splitlines()]
