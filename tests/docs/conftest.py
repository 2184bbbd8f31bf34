"""
Real servers for the pages that speak of them.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.docs.running import Running
from tests.servers.conftest import rig

__all__ = ["rig"]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[[str], Running]]:
    """
    Starts a pushsvc with a configuration; it is stopped when the test is over.
    """
    with ExitStack() as running:

        def start(configuration: str) -> Running:
            return running.enter_context(Running(configuration, tmp_path))

        yield start
