"""
APNs keeps the contract, over HTTP/2 and TLS against a stand-in for Apple; and whatever goes wrong on the way to it.
"""

import json
from collections import Counter
from uuid import uuid4

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred, ensureDeferred, gatherResults

from pushsvc import errors
from pushsvc.errors import DeviceGone, ProviderDown, ProviderRefused, Throttled
from pushsvc.exchange import Request
from pushsvc.httpclient.client import makeHTTP
from pushsvc.httpclient.http2.client import makeHTTP2
from pushsvc.providers import apns
from tests.providers.apnssupport import makeAPNs, optionsOf
from tests.providers.contract import NOTIFICATION, ProviderContract, targetOf
from tests.standins.apns import APNsStandIn, refusal
from tests.standins.apnsserver import listen
from tests.standins.applekeys import KEY_ID, TEAM_ID, TOPIC, AppleCA, pem, publicPEM, signingKey
from tests.standins.certificates import CA

KEYS = {KEY_ID: (TEAM_ID, publicPEM(signingKey("first")))}
ANSWERS = {
    errors.DeviceGone: refusal(410, "Unregistered", timestamp=1_790_000_000_000),
    errors.Throttled: refusal(429, "TooManyRequests"),
    errors.ProviderDown: {"status": 502, "text": "<html>502</html>"},
    errors.ProviderRefused: refusal(403, "Forbidden"),
    # However little is left in it.
    errors.PayloadTooLarge: refusal(413, "PayloadTooLarge", times=10),
    errors.BadRequest: refusal(400, "BadCollapseId"),
}


@pytest.fixture
def clock():
    """
    Real sockets live in real time.
    """
    return reactor


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return CA(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def certificate(ca):
    return ca.issue("localhost")


@pytest.fixture(scope="module")
def appleCA():
    return AppleCA()


@pytest_twisted.async_yield_fixture
async def http(ca):
    http = makeHTTP2(reactor, ca.certificate)
    yield http
    await http.close()


@pytest.fixture
def apple():
    return APNsStandIn([TOPIC], KEYS)


@pytest_twisted.async_yield_fixture
async def url(apple, certificate, appleCA, tmp_path):
    trusted = tmp_path / "apple.pem"
    trusted.write_bytes(appleCA.pem)
    port = await listen(reactor, apple, certificate.certificate, certificate.key, clientCA=trusted, lively=True)
    yield f"https://localhost:{port.getHost().port}"
    await port.stopListening()


@pytest.fixture
def provider(http, url):
    return makeAPNs(http, reactor, deadline=5.0, endpoint=url)


def device(number):
    return targetOf(f"{number:064x}")


async def push(provider, number=1, pushId=None):
    """
    Whether a push got through; else what became of it.
    """
    try:
        return await provider.send(device(number), NOTIFICATION, pushId or str(uuid4()), reactor.seconds() + 60)
    except errors.DeliveryError as e:
        return e


def pushes(provider, count):
    return gatherResults([ensureDeferred(push(provider, number)) for number in range(1, count + 1)])


class TestAPNs(ProviderContract):
    """
    APNs keeps the contract.
    """

    @pytest.fixture
    def target(self):
        return targetOf("5ec7e7" * 11)

    @pytest.fixture
    def arrived(self, apple):
        return lambda: [asked["headers"]["apns-id"] for asked in apple.taken]

    @pytest.fixture
    def provoke(self, apple, target):
        def provoke(error):
            if error not in ANSWERS:
                return None
            apple.script.append(ANSWERS[error])
            return target

        return provoke


@pytest_twisted.ensureDeferred
async def test_burst(provider, apple):
    """
    A burst of pushes arrives, each once, under one token.
    """
    assert [True] * 200 == await pushes(provider, 200)

    assert Counter(asked["headers"]["apns-id"] for asked in apple.taken).most_common(1)[0][1] == 1
    assert 200 == len({asked["token"] for asked in apple.taken})
    assert 1 == len({asked["headers"]["authorization"] for asked in apple.requests})
    assert 2 <= len({asked["connection"] for asked in apple.requests}) <= 10


@pytest_twisted.ensureDeferred
async def test_everyDeviceItsAnswer(provider, apple):
    """
    In a burst, every device gets its own answer, whatever the others get, and whatever becomes of the connections.
    """
    for number in range(1, 101):
        token = device(number).token
        if number % 10 == 3:
            apple.devices[token] = refusal(410, "Unregistered", timestamp=1_790_000_000_000 + number)
        elif number % 10 == 6:
            apple.devices[token] = refusal(429, "TooManyRequests")
    apple.script += [
        {"stream": 7, "token": device(20).token},
        {"goaway": "hard", "token": device(40).token},
        {"goaway": "graceful", "token": device(60).token},
    ]

    results = await pushes(provider, 100)

    for number, result in enumerate(results, 1):
        if number % 10 == 3:
            assert (DeviceGone, 1_790_000_000 + number / 1000) == (type(result), result.since)
        elif number % 10 == 6:
            assert Throttled is type(result)
        else:
            assert result is True
    assert 80 == len(apple.taken) == len({asked["token"] for asked in apple.taken})


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("trouble", [{"reset": "after"}, {"reset": "middle"}, {"hang": True}])
async def test_lostAnswers(provider, apple, trouble):
    """
    An answer that never comes, or not whole, is nobody's fault; the push may have arrived, and the next attempt bears
    the same id.
    """
    provider._deadline = 3.0
    apple.script.append(trouble)
    pushId = str(uuid4())

    down = await push(provider, pushId=pushId)

    assert ProviderDown is type(down) and down.maybeSent
    assert await push(provider, pushId=pushId) is True
    assert {pushId} == {asked["headers"]["apns-id"] for asked in apple.requests}


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("said", [(503, "Shutdown"), (503, "ServiceUnavailable"), (400, "IdleTimeout")])
async def test_repeatedByAnotherConnection(provider, apple, said):
    """
    What is said of a connection is no verdict on the push: it goes by another one, under the same id.
    """
    assert await push(provider) is True
    apple.script.append(refusal(*said))

    assert await push(provider) is True

    refused, taken = apple.requests[1:]
    assert refused["headers"]["apns-id"] == taken["headers"]["apns-id"]
    assert refused["connection"] != taken["connection"]


@pytest_twisted.ensureDeferred
async def test_certificateNotTaken(http, apple, certificate, appleCA, tmp_path):
    """
    A client certificate that Apple does not take, any more, is the operator's move.
    """
    port = await listen(reactor, apple, certificate.certificate, certificate.key, clientCA=certificate.certificate)
    issued = appleCA.issue(TOPIC)
    path = tmp_path / "revoked.pem"
    path.write_bytes(issued.pem + pem(issued.key))
    options = optionsOf(topic=None, certificate=str(path), endpoint=f"https://localhost:{port.getHost().port}")
    provider = apns.makeProvider("chatninja", options, http, reactor, 5.0)

    result = await push(provider)
    await port.stopListening()

    assert ProviderRefused is type(result) and "our certificate is not taken (unknown ca)" in str(result)
    assert [] == apple.requests


@pytest_twisted.ensureDeferred
async def test_D3_clientCertificate(http, url, apple, appleCA, tmp_path):
    """
    D3: with a client certificate there is no token; two apps' certificates, and a key, do not meet on one connection.
    """
    apps = []
    for topic in (TOPIC, "org.example.beta"):
        issued = appleCA.issue(topic)
        path = tmp_path / f"{topic}.pem"
        path.write_bytes(issued.pem + pem(issued.key))
        options = optionsOf(topic=None, certificate=str(path), endpoint=url)
        apps.append(apns.makeProvider("chatninja", options, http, reactor, 5.0))
    apps.append(makeAPNs(http, reactor, deadline=5.0, endpoint=url))

    for provider in (*apps, *apps):
        assert await push(provider) is True
        await provider.check()

    topics = {}
    for asked in apple.requests:
        who = asked["headers"]["apns-topic"], "authorization" in asked["headers"]
        topics.setdefault(asked["connection"], set()).add(who)
    assert all(len(each) == 1 for each in topics.values())
    assert {(TOPIC, False), ("org.example.beta", False), (TOPIC, True)} == set.union(*topics.values())


@pytest_twisted.ensureDeferred
async def test_keysApart(http, url, apple):
    """
    Two keys do not meet on one connection: APNs would not have it.
    """
    apple.rules.keys["ZZZZZZZZZZ"] = KEYS[KEY_ID]
    apps = [makeAPNs(http, reactor, endpoint=url, key_id=keyId) for keyId in (KEY_ID, "ZZZZZZZZZZ")]

    for provider in (*apps, *apps):
        assert await push(provider) is True


@pytest_twisted.ensureDeferred
async def test_wrongKey(http, url, apple):
    """
    A key that APNs does not know is the operator's move, and checking says so.
    """
    provider = makeAPNs(http, reactor, endpoint=url, team_id="ZZZZZZZZZZ")

    with pytest.raises(ProviderRefused, match="403 InvalidProviderToken"):
        await provider.check()
    assert ProviderRefused is type(await push(provider))


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("whose", ["another CA's", "another host's"])
async def test_MP74_somebodyElse(http, apple, ca, tmp_path, whose):
    """
    MP-74: somebody who cannot prove to be Apple gets neither token nor push, and the operator is told.
    """
    issued = CA(tmp_path, "Somebody").issue("localhost") if whose == "another CA's" else ca.issue("elsewhere.example")
    port = await listen(reactor, apple, issued.certificate, issued.key)
    provider = makeAPNs(http, reactor, endpoint=f"https://localhost:{port.getHost().port}")

    result = await push(provider)
    await port.stopListening()

    assert ProviderRefused is type(result) and "certificate" in str(result)
    assert [] == apple.requests


@pytest_twisted.ensureDeferred
async def test_nobodyThere(http, url, certificate):
    """
    When nobody listens, it is certain that nothing was sent.
    """
    port = await listen(reactor, APNsStandIn([TOPIC], KEYS), certificate.certificate, certificate.key)
    provider = makeAPNs(http, reactor, deadline=2.0, endpoint=f"https://localhost:{port.getHost().port}")
    await port.stopListening()

    result = await push(provider)

    assert ProviderDown is type(result) and not result.maybeSent


@pytest_twisted.ensureDeferred
async def test_cancelled(provider, apple):
    """
    A push that nobody waits for any more leaves its place to the next.
    """
    apple.script.append({"hang": True, "times": 20})
    hanging = [Deferred.fromCoroutine(push(provider, number)) for number in range(1, 21)]
    waited = Deferred()
    reactor.callLater(0.3, waited.callback, None)
    await waited

    for each in hanging:
        each.cancel()

    assert all(ProviderDown is type(result) for result in await gatherResults(hanging))
    apple.script.clear()
    assert [True] * 30 == await pushes(provider, 30)


@pytest_twisted.ensureDeferred
async def test_desk(provider, url, ca):
    """
    Who speaks HTTP/1.1 to the stand-in, on the same port, tells it what to do and learns what it saw.
    """
    desk = makeHTTP(reactor, ca.certificate)
    entry = json.dumps([refusal(503, "ServiceUnavailable", times=2)]).encode()

    await desk.request(Request("PUT", f"{url}/_script", body=entry))
    result = await push(provider)
    seen = (await desk.request(Request("GET", f"{url}/_record"))).body
    await desk.close()

    assert ProviderDown is type(result)
    assert ["ServiceUnavailable"] * 2 == [asked["reason"] for asked in json.loads(seen)]
