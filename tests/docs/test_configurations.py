"""
Whoever copies a configuration from the documentation gets one that works.
"""

import tomllib

import pytest
from twisted.internet.testing import MemoryReactorClock

from pushsvc.config import read
from pushsvc.tap import compose
from tests.docs.pages import Block, blocks, pages
from tests.docs.standins import standing

# What a page leaves out because it speaks of something else.
LINK = """
[[links]]
kind = "component"
endpoint = "tcp:127.0.0.1:5347"
domain = "{}"
secret = "s"
"""


def completed(text: str) -> str:
    """
    A configuration with what a part of one needs around it.
    """
    said = tomllib.loads(text)
    hosts = list(said.get("hosts", {})) or ["push.example.org"]
    if "hosts" not in said:
        linked = [link["domain"] for link in said.get("links", []) if "domain" in link]
        hosts = linked or hosts
        text += "".join(f'\n[hosts."{host}"]\n' for host in hosts)
    if "links" not in said:
        text += "".join(LINK.format(host) for host in hosts)
    return text if "storage" in said else f'{text}\n[storage]\nurl = "memory:"\n'


# The blocks of these pages that name their file are tried by following them.
SHOWN = [block for page in pages() for block in blocks(page, "toml") if block.caption is None]


@pytest.mark.parametrize("block", SHOWN, ids=str)
def test_configurationsWork(block: Block, tmp_path, monkeypatch):
    """
    Every configuration on every page is understood, and can be put together once the files that it names exist.
    """
    monkeypatch.chdir(tmp_path)

    composition = compose(read(completed(standing(block.text, tmp_path)), str(block)), MemoryReactorClock())

    assert composition.hosts


def test_thereAreSome():
    """
    Configurations are found on the pages.
    """
    assert {"howto/prosody", "howto/ejabberd", "reference/configuration"} <= {block.page for block in SHOWN}
