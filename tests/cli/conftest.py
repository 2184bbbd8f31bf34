"""
A configuration, the database it names, and the command.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pushsvc import kinds
from tests.storage.conftest import postgresqlServer, postgresqlURL

__all__ = ["postgresqlServer", "postgresqlURL"]

BIN = Path(sys.executable).parent

FRAME = """
[storage]
url = "{url}"
[[links]]
kind = "component"
endpoint = "tcp:127.0.0.1:5347"
domain = "push.example.net"
secret = "s"
[hosts."push.example.net"]
[apps.trial]
provider = "demo"
default = true
[apps.other]
provider = "demo"
"""


@dataclass
class Operator:
    """
    Types commands, and knows what is in the database.

    :ivar group: the word behind ``pushsvc``.
    """

    url: str
    file: Path
    group: str = "registrations"

    def __call__(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [str(BIN / "pushsvc"), self.group, *arguments, "--config", str(self.file)]
        return subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)

    async def stored(self, ask: Any) -> Any:
        """
        What a storage of this database answers.
        """
        from twisted.internet import reactor

        storage = kinds.load("storage", "sql").makeStorage(self.url, reactor)
        storage.open()
        try:
            return await ask(storage)
        finally:
            await storage.close()


def _operator(url: str, folder: Path) -> Operator:
    file = folder / "pushsvc.toml"
    file.write_text(FRAME.format(url=url))
    return Operator(url, file)


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return _operator(f"sqlite:///{tmp_path}/pushsvc.db", tmp_path)


@pytest.fixture
def forgetful(tmp_path: Path) -> Operator:
    """
    One whose service keeps everything in memory.
    """
    return _operator("memory:", tmp_path)
