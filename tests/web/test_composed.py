"""
The pages of a whole service, as its configuration describes it.
"""

import re
from pathlib import Path

import pytest
import treq
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_twisted import async_yield_fixture, ensureDeferred
from treq.client import HTTPClient
from twisted.internet import reactor
from twisted.internet.task import deferLater
from twisted.internet.testing import MemoryReactorClock
from twisted.web.client import Agent

from pushsvc.config import ConfigurationError, read
from pushsvc.tap import compose
from tests.links.peer import SECRET, ComponentServer
from tests.standins.applekeys import AppleCA, pem
from tests.standins.certificates import CA

FRAME = """
[storage]
url = "memory:"
[[links]]
kind = "component"
endpoint = "tcp:127.0.0.1:{port}"
domain = "push.example"
secret = "{secret}"
[[links]]
kind = "s2s"
listen = ["tcp:0:interface=127.0.0.1"]
certificate = "{folder}/s2s.pem"
private-key = "{folder}/s2s.key"
[hosts."push.example"]
[hosts."other.example"]
nodetypes = []
dialects = []
[apps.orchard]
provider = "apns"
certificate = "{folder}/apns.pem"
"""
WEB = '[web]\nlisten = "tcp:0:interface=127.0.0.1"'


class Whole:
    """
    A service, the server that it is a component of, and what its pages say.
    """

    def __init__(self, folder: Path) -> None:
        self.server = ComponentServer()
        issued = CA(folder / "ca").issue("other.example")
        (folder / "s2s.pem").write_bytes(issued.certificate.read_bytes())
        self.certificate = x509.load_pem_x509_certificate(issued.certificate.read_bytes())
        (folder / "s2s.key").write_bytes(issued.key.read_bytes())
        self.push = AppleCA().issue(key=rsa.generate_private_key(65537, 2048))
        (folder / "apns.pem").write_bytes(self.push.pem + pem(self.push.key))
        port = self.server.listen(reactor)
        self.text = FRAME.format(port=port, secret=SECRET, folder=folder) + WEB
        self.service = compose(read(self.text), reactor).service
        self._client = HTTPClient(Agent(reactor))

    async def ask(self, path: str) -> tuple[int, str]:
        """
        Status and page.
        """
        port = self.service.getServiceNamed("web")._ports[0].getHost().port
        response = await self._client.get(f"http://127.0.0.1:{port}{path}")
        return response.code, await treq.text_content(response)

    async def until(self, status: int) -> str:
        """
        Wait until this is what /ready answers.
        """
        for _ in range(3000):
            found, page = await self.ask("/ready")
            if found == status:
                return page
            await deferLater(reactor, 0.01)
        raise AssertionError(f"never {status}: {page}")


@async_yield_fixture
async def whole(tmp_path):
    whole = Whole(tmp_path)
    whole.service.startService()
    yield whole
    stopping = whole.service.stopService()
    await whole.server.stop()
    await stopping


@ensureDeferred
async def test_readyWhenItIs(whole):
    """
    A service is ready when its links are, and no longer once its server has gone.
    """
    assert "ready\n" == await whole.until(200)

    await whole.server.stop()

    assert "push.example is not attached to its server\n" == await whole.until(503)


@ensureDeferred
async def test_linksAndCertificates(whole):
    """
    Each link is shown under its name, and until when the certificates of hosts and apps are good.
    """
    await whole.until(200)

    _, page = await whole.ask("/metrics")

    assert 'pushsvc_link_up{link="component push.example"} 1.0' in page
    assert 'pushsvc_link_up{link="s2s other.example"} 1.0' in page
    ends = dict(re.findall(r"^(pushsvc_\w+_certificate_ends_\S+) (\S+)$", page, re.MULTILINE))
    app = ends.pop('pushsvc_app_certificate_ends_timestamp_seconds{app="orchard"}')
    host = ends.pop('pushsvc_host_certificate_ends_timestamp_seconds{host="*"}')
    assert whole.push.certificate.not_valid_after_utc.timestamp() == pytest.approx(float(app))
    assert whole.certificate.not_valid_after_utc.timestamp() == pytest.approx(float(host))
    assert {} == ends


def test_withoutPages(tmp_path):
    """
    Without ``[web]`` nobody listens for HTTP; with it, nobody does before the service starts.
    """
    memory = MemoryReactorClock()
    text = '[storage]\nurl = "memory:"\n'

    without = compose(read(text), memory).service
    made = compose(read(text + WEB), memory).service

    parts = ["delivery", "reloading", "credentials", "expiry"]
    assert parts == [part.name for part in without]
    assert [*parts, "web"] == [part.name for part in made]
    assert [] == memory.tcpServers


def test_nowhereToListen():
    """
    An endpoint that nobody understands is refused with its name.
    """
    with pytest.raises(ConfigurationError, match=r"web.listen: 'carrier-pigeon:8080': "):
        compose(read('[storage]\nurl = "memory:"\n[web]\nlisten = "carrier-pigeon:8080"'), MemoryReactorClock())
