"""
Registering over HTTP, as the configuration has it.
"""

import pytest
import treq
from pytest_twisted import async_yield_fixture, ensureDeferred
from treq.client import HTTPClient
from twisted.internet import reactor
from twisted.internet.testing import MemoryReactorClock
from twisted.web.client import Agent

from pushsvc.config import ConfigurationError, read
from pushsvc.tap import compose

FRAME = """
[storage]
url = "memory:"
[[links]]
kind = "component"
endpoint = "tcp:127.0.0.1:1"
domain = "push.example.net"
secret = "s"
[hosts."push.example.net"]
dialects = ["modpush", "tigase"]
{host}
[apps.chat]
provider = "demo"
provider-ids = ["example:chat:1"]
[registration]
listen = "tcp:0:interface=127.0.0.1"
"""


def frame(host=""):
    return FRAME.format(host=host)


def refusal(text):
    with pytest.raises(ConfigurationError) as caught:
        compose(read(text), MemoryReactorClock())
    return str(caught.value)


@async_yield_fixture
async def service():
    service = compose(read(frame()), reactor).service
    service.startService()
    yield service
    await service.stopService()


@ensureDeferred
async def test_aWholeService(service):
    """
    A phone registers over HTTP, is pushed to, and unregisters; the operators' pages are not here.
    """
    port = service.getServiceNamed("registration")._ports[0].getHost().port
    client = HTTPClient(Agent(reactor))

    async def post(path, form):
        response = await client.post(f"http://127.0.0.1:{port}{path}", form)
        return response.code, await treq.text_content(response)

    status, said = await post("/v1/register", {"type": "demo", "node": "device", "token": "t"})
    ok, node, secret = said.split("\n")
    assert (200, "OK") == (status, ok)
    assert (200, f"OK\n{node}") == await post("/v1/push", {"node": node, "secret": secret})
    assert (200, "OK\ndevice") == await post("/v1/unregister", {"type": "demo", "node": "device"})
    assert (200, "ERROR\nNode not found!") == await post("/v1/unregister", {"type": "demo", "node": "device"})

    response = await client.get(f"http://127.0.0.1:{port}/metrics")
    assert (404, "") == (response.code, await treq.text_content(response))


def test_offByDefault():
    """
    Without the table there is no such server; with it, nothing listens before the service starts.
    """
    memory = MemoryReactorClock()

    without = compose(read(frame().partition("[registration]")[0]), memory).service
    made = compose(read(frame()), memory).service

    assert "registration" not in [part.name for part in without]
    assert "registration" in [part.name for part in made]
    assert [] == memory.tcpServers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (frame('access = ["example.org"]'), "hosts.push.example.net.access: says who may register, but"),
        (frame('publishers = ["owner"]'), "hosts.push.example.net.publishers: only the owner's server may publish"),
        (frame() + 'host = "other.example"', "registration.host: 'other.example' is not among the hosts that have"),
        (frame() + 'proxies = ["localhost"]', "registration.proxies: 'localhost' does not appear to be"),
        (frame() + 'dialects = ["modpush"]', "registration.dialects.0: Input should be 'appserver' or 'tigase'"),
        (frame().replace("tcp:0:interface=127.0.0.1", "pigeon:1"), "registration.listen: 'pigeon:1': "),
        (frame().partition("listen")[0], "registration.listen: is missing"),
        (frame() + 'burst = 1', "registration.burst: there is no such key"),
    ],
)
def test_whatCannotWork(text, said):
    """
    What could not do what it is for is refused at the start, with what to do about it.
    """
    assert refusal(text).startswith(said)


@pytest.mark.parametrize("host", ['access = ["example.org"]', 'publishers = ["owner"]'])
def test_unregisteringNeedsNobody(host):
    """
    Where only accounts may register, those that were removed can unregister all the same.
    """
    text = frame(host) + 'dialects = ["tigase"]'

    assert compose(read(text), MemoryReactorClock())


def test_whichHost():
    """
    Where several hosts register devices, it has to be said which is meant.
    """
    other = '[[links]]\nkind = "component"\nendpoint = "tcp:127.0.0.1:1"\ndomain = "b.example"\nsecret = "s"\n'
    text = frame() + other + '[hosts."b.example"]\nnodetypes = []\n'
    text = text.replace('provider = "demo"', 'provider = "demo"\nregister-host = "push.example.net"')

    assert "registration.host: is missing: 2 hosts have dialects" == refusal(text)
    assert compose(read(text.replace("[registration]", '[registration]\nhost = "b.example"')), MemoryReactorClock())
