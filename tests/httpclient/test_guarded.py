"""
Servers that others have named, over real sockets: DNS says what it likes, and we go where we may.
"""

from typing import Any

import pytest
import pytest_twisted
from hyperlink import EncodedURL
from twisted.internet import reactor
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import ConnectError
from twisted.internet.interfaces import IHostnameResolver, IReactorPluggableNameResolver
from zope.interface import implementer

from pushsvc.exchange import NotConnected, NotPermitted, Request
from pushsvc.guard import allowing
from pushsvc.httpclient.client import makeHTTP
from pushsvc.httpclient.http2.client import makeHTTP2
from tests.httpclient.servers import OK, Script, listenTLS, says
from tests.standins.certificates import CA
from tests.standins.http2 import StandIn, answers, listen

HOST = "push.example"


@implementer(IHostnameResolver)
class Names:
    """
    Says for each look-up what is next; the last for all that follow.
    """

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def resolveHostName(self, receiver: Any, hostName: str, portNumber: int = 0, *args: Any, **named: Any) -> Any:
        self.asked.append(hostName)
        receiver.resolutionBegan(self)
        for address in self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, portNumber))
        receiver.resolutionComplete()
        return self


@implementer(IReactorPluggableNameResolver)
class Network:
    """
    The reactor, with names of its own; it notes what is dialled. Out there nobody answers.
    """

    def __init__(self, names: Names) -> None:
        self.nameResolver = names
        self.dialled: list[str] = []

    def connectTCP(self, host: str, *args: Any, **named: Any) -> Any:
        self.dialled.append(host)
        if host not in ("127.0.0.1", "::1"):
            raise ConnectError("nobody there")
        return reactor.connectTCP(host, *args, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(reactor, name)


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return CA(tmp_path_factory.mktemp("ca"))


@pytest.fixture(params=["HTTP/1.1", "HTTP/2"])
def version(request):
    return request.param


@pytest_twisted.async_yield_fixture
async def port(version, ca):
    """
    Somebody who answers on loopback.
    """
    issued = ca.issue(HOST, "localhost", "127.0.0.1", "::1")
    if version == "HTTP/2":
        port = await listen(reactor, StandIn(answers(200, b"ok")), issued)
    else:
        port = await listenTLS(reactor, Script(says(OK)), issued)
    yield port.getHost().port
    await port.stopListening()


@pytest_twisted.async_yield_fixture
async def client(version, ca):
    """
    Makes clients.
    """
    made = []

    def client(network: Any, *allowed: str) -> Any:
        make = makeHTTP if version == "HTTP/1.1" else makeHTTP2
        made.append(make(network, ca.certificate, guard=allowing(allowed)))
        return made[-1]

    yield client
    for http in made:
        await http.close()


def get(port: int, host: str = HOST) -> Request:
    return Request("POST", f"https://{host}:{port}/", deadline=5.0)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "10.0.0.1", "169.254.169.254", "0.0.0.0", "fe80::1%lo"],
)
async def test_namesThatLeadIntoOurNetworkAreNotFollowed(client, port, address):
    """
    A name of which DNS says that it is in our own network is not dialled at all.
    """
    network = Network(Names([address]))

    with pytest.raises(NotPermitted) as raised:
        await client(network).request(get(port))

    assert [] == network.dialled
    assert not raised.value.maybeSent
    assert HOST not in str(raised.value)


@pytest_twisted.ensureDeferred
async def test_theSystemsNamesLeadNowhereElse(client, port):
    """
    The same with what the system says of localhost.
    """
    with pytest.raises(NotPermitted):
        await client(reactor).request(get(port, "localhost"))


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"])
async def test_addressesAreLookedAtToo(client, port, host):
    """
    A URL with an address in it that got here unread leads nowhere either.
    """
    with pytest.raises(NotPermitted):
        await client(reactor).request(get(port, host))


@pytest_twisted.ensureDeferred
async def test_whatIsDialledIsWhatWasLookedAt(client, port):
    """
    A name is looked up once for each connection: what DNS says a moment later leads nowhere.
    """
    names = Names(["8.8.8.8"], ["127.0.0.1"])
    network = Network(names)

    with pytest.raises(NotConnected):
        await client(network).request(get(port))

    assert ([HOST], ["8.8.8.8"]) == (names.asked, network.dialled)
    with pytest.raises(NotPermitted):
        await client(network).request(get(port))
    assert ([HOST, HOST], ["8.8.8.8"]) == (names.asked, network.dialled)


@pytest_twisted.ensureDeferred
async def test_onlyThePublicOnesAreDialled(client, port):
    """
    Of the addresses of a name those are tried that may be.
    """
    network = Network(Names(["10.0.0.1", "255.255.255.255", "8.8.8.8", "127.0.0.1"]))

    with pytest.raises(NotConnected):
        await client(network).request(get(port))

    assert ["8.8.8.8"] == network.dialled


@pytest_twisted.ensureDeferred
async def test_namesThatAreNotThereAreTroubleOfTheNetwork(client, port):
    """
    That DNS knows nothing is nobody's fault.
    """
    with pytest.raises(NotConnected):
        await client(Network(Names([]))).request(get(port))


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    ("allowed", "host", "opens"),
    [
        (f"https://{HOST}:*", HOST, True),
        ("https://127.0.0.1:*", "127.0.0.1", True),
        ("https://[::1]:*", "[::1]", True),
        ("https://[::1]:*", "127.0.0.1", False),
        ("https://127.0.0.1:*", HOST, False),
        ("https://127.0.0.1", "127.0.0.1", False),
        (f"https://{HOST}", HOST, False),
        ("https://localhost:*", HOST, False),
    ],
)
async def test_allowedEndpointsOpenWhatTheyName(client, port, allowed, host, opens):
    """
    What the operator names is reached wherever it is, on the ports that were named, and nothing else is.
    """
    http = client(Network(Names(["127.0.0.1"])), allowed)

    if opens:
        assert b"ok" == (await http.request(get(port, host))).body
    else:
        with pytest.raises(NotPermitted):
            await http.request(get(port, host))


@pytest_twisted.ensureDeferred
async def test_aPortThatIsNamedIsOpen(client, port):
    """
    A port may be named instead of all.
    """
    http = client(Network(Names(["127.0.0.1"])), f"https://{HOST}:{port}")

    assert 200 == (await http.request(get(port))).status


@pytest_twisted.ensureDeferred
async def test_redirectsAreNotFollowed(ca, version, client):
    """
    Who says that it is elsewhere is not believed, allowed or not.
    """
    issued = ca.issue(HOST)
    if version == "HTTP/2":
        server: Any = StandIn(answers(307, location=f"https://{HOST}/elsewhere"))
        listening = await listen(reactor, server, issued)
    else:
        head = f"HTTP/1.1 307 X\r\nLocation: https://{HOST}/elsewhere\r\nContent-Length: 0\r\n\r\n"
        server = Script(says(head.encode()))
        listening = await listenTLS(reactor, server, issued)
    network = Network(Names(["127.0.0.1"]))
    try:
        response = await client(network, f"https://{HOST}:*").request(get(listening.getHost().port))
    finally:
        await listening.stopListening()

    assert 307 == response.status
    assert 1 == len(network.dialled)


@pytest_twisted.ensureDeferred
async def test_notWithoutTLS(ca):
    """
    Under guard nothing is asked without TLS, by whichever version of HTTP.
    """
    network = Network(Names(["8.8.8.8"]))
    guard = allowing(())
    http = makeHTTP2(network, ca.certificate, otherwise=makeHTTP(network, ca.certificate, guard), guard=guard)

    with pytest.raises(NotPermitted):
        await http.request(Request("POST", f"http://{HOST}/", deadline=5.0))

    assert [] == network.dialled
    await http.close()


@pytest.mark.xfail(strict=True, reason="hyperlink takes addresses of IPv6 for names that have to be encoded")
def test_COMPAT_addressesAreNoNames():
    """
    A URL with an IPv6 address in it needs no encoding.
    """
    assert "https://[::1]/x" == EncodedURL.from_text("https://[::1]/x").to_uri().to_text()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("isNamedByOthers", [True, False])
async def test_operatorsAreToldOfTheirOwnServers(ca, logEvents, isNamedByOthers):
    """
    Of a server that others have named there is no line in the log, whatever is wrong with it.
    """
    network = Network(Names(["192.0.2.1", "8.8.8.8"]))
    http = makeHTTP2(network, ca.certificate, guard=allowing(()) if isNamedByOthers else None)

    for _ in range(3):
        with pytest.raises(NotConnected):
            await http.request(get(443))
    await http.close()

    told = [event for event in logEvents if event["log_level"].name not in ("debug", "info")]
    assert (not isNamedByOthers) == bool(told)
