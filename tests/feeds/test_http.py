"""
Events that are posted to us.
"""

import json
from urllib.parse import urlencode

import pytest
from treq.testing import StubTreq
from twisted.application.service import IService
from twisted.internet.testing import MemoryReactorClock, StringTransport
from zope.interface.verify import verifyObject

from pushsvc.config import ConfigurationError, build
from pushsvc.errors import TryLater
from pushsvc.event import Occasion
from pushsvc.feeds import http
from pushsvc.kinds import load
from tests.publisher.conftest import JULIET, House
from tests.support import resultOf

SECRET = "s3cret"
TOKEN = {"Authorization": f"Bearer {SECRET}"}
OFFLINE = {
    "occasion": "offline",
    "account": JULIET,
    "stanzas": [{"type": "chat", "sender": "romeo@example.net/orchard", "body": "Wherefore?", "id": "a1"}],
}


@pytest.fixture
def house(clock):
    house = House(clock)
    house.enable()
    return house


@pytest.fixture
def post(house):
    stub = StubTreq(http.Posts(house.publisher, SECRET).resource)

    def post(body, path="/events", headers=TOKEN):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        response = resultOf(stub.post(f"http://push.example.org{path}", data, headers=headers))
        answer = resultOf(response.content())
        return response.code, json.loads(answer) if answer.startswith(b"{") else answer

    return post


def taken(number=1, refused=(), later=()):
    return {"taken": number, "refused": list(refused), "later": list(later)}


def test_anEvent(post, house):
    """
    An event is taken, and what is to be told of it is told when the answer comes.
    """
    assert (200, taken()) == post(OFFLINE)

    assert ["phone"] == house.nodes
    assert 1 == house.latest.summary.messageCount


def test_several(post, house):
    """
    Several events are taken in their order, whosever they are.
    """
    house.happens(Occasion.ENDED)
    events = [OFFLINE, {"occasion": "resumed", "account": JULIET}, OFFLINE | {"stanzas": [{"body": "b", "id": "2"}]}]

    assert (200, taken(3)) == post({"events": events})

    assert [1, 1] == [told.summary.messageCount for _, told in house.told]
    assert (200, taken(0)) == post({"events": []})


def test_aBadOneAmongThem(post, house):
    """
    One that is none does not take the others along; it is said which it is and why.
    """
    bad = {"occasion": "offline", "acount": JULIET}
    foreign = {"occasion": "ping", "account": "juliet@example.com"}

    status, answer = post({"events": [bad, OFFLINE, foreign, 7]})

    assert (400, 1, []) == (status, answer["taken"], answer["later"])
    assert [0, 2, 3] == [each["event"] for each in answer["refused"]]
    assert "account?" in answer["refused"][0]["why"]
    assert "publisher.domains" in answer["refused"][1]["why"]
    assert ["phone"] == house.nodes


@pytest.mark.parametrize(
    "body", [b"", b"{", b"7", b"[]", {"events": 7}, {"events": [], "more": 1}, {"events": [{}] * 1001}]
)
def test_nothingOfTheKind(post, body):
    """
    What holds no events at all is refused as a whole.
    """
    status, answer = post(body)

    assert (400, 0) == (status, answer["taken"])
    assert answer["refused"][0]["why"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": SECRET},
        {"Authorization": "Bearer other"},
        {"Authorization": "Bearer schlüssel"},
        {"Authorization": f"Basic {SECRET}"},
    ],
)
def test_strangers(post, house, headers):
    """
    Who does not know the secret is not heard.
    """
    status, _ = post(OFFLINE, headers=headers)

    assert 401 == status
    assert [] == house.told


@pytest.mark.parametrize("path", ["/", "/mongooseim/other", "/mongooseim"])
def test_strangersElsewhere(post, house, path):
    """
    Neither are they heard anywhere else.
    """
    status, _ = post(b"author=a&server=example.org&receiver=juliet&message=m", path, {})

    assert status in (401, 404)
    assert [] == house.told


def test_notNow(post, house):
    """
    What cannot be taken now is to be posted again, and what came after it for the same account; the rest is taken.
    """
    other = OFFLINE | {"account": "romeo@example.org"}
    happened = house.publisher.happened

    async def sometimes(event):
        if event.account == JULIET:
            raise TryLater("disk")
        await happened(event)

    house.publisher.happened = sometimes

    status, answer = post({"events": [OFFLINE, other, OFFLINE]})

    assert (503, taken(1, later=[0, 2])) == (status, answer)


def test_bugs(post, house, loggedFailures):
    """
    A bug of ours is trouble that passes, is logged, and tells nothing of whom it concerns.
    """

    async def never(event):
        raise ZeroDivisionError(event.account)

    house.publisher.happened = never

    assert (503, taken(0, later=[0])) == post(OFFLINE)
    (failure,) = loggedFailures
    assert JULIET not in failure.getTraceback()
    loggedFailures.clear()


FORM = {"author": "romeo", "server": "example.org", "receiver": "juliet", "message": "Wherefore? & ü=%"}


@pytest.mark.parametrize("path, headers", [(f"/mongooseim/{SECRET}", {}), ("/mongooseim", TOKEN)])
def test_mongooseIM(post, house, path, headers):
    """
    What MongooseIM's HTTP backend posts is a message for somebody, who may be there or not: a push each time, and none
    is added to the others, for nobody says when they were read.
    """
    for _ in range(2):
        assert (200, taken()) == post(urlencode(FORM).encode(), path, headers)

    assert ["phone", "phone"] == house.nodes
    assert 1 == house.latest.summary.messageCount
    assert "New message" == house.latest.summary.lastMessageBody


@pytest.mark.parametrize(
    "form",
    [
        b"",
        b"author=romeo",
        b"\xff",
        b"author=romeo&server=example.org&receiver=juliet&message=%ff",
        b"author=romeo&server=example.org&receiver=@&message=m",
        b"author=romeo&server=example.com&receiver=juliet&message=m",
    ],
)
def test_mongooseIMSaysSomethingElse(post, house, form):
    """
    What is no such form is refused.
    """
    status, answer = post(form, f"/mongooseim/{SECRET}", {})

    assert (400, 0) == (status, answer["taken"])
    assert [] == house.told


def options(**said):
    return build(http.Options, {"kind": "http", "listen": "tcp:8081", "secret": SECRET, **said}, "publisher.feeds.0")


def test_theKind(house):
    """
    It is a kind of feed, listens when it is started, and not before.
    """
    reactor = MemoryReactorClock()

    feed = load("feeds", "http").makeFeed(options(), house.publisher, reactor)

    assert verifyObject(IService, feed)
    assert not reactor.tcpServers
    feed.startService()
    assert 8081 == reactor.tcpServers[0][0]
    resultOf(feed.stopService())


@pytest.mark.parametrize("said", [{"secret": ""}, {"listen": "nonsense:1"}, {"secret-file": "/nowhere"}])
def test_whatCannotWork(house, said):
    """
    Without a secret, or with nowhere to listen, it says so.
    """
    with pytest.raises(ConfigurationError):
        http.makeFeed(options(**said), house.publisher, MemoryReactorClock())
    assert SECRET not in repr(options())


def test_howMuchIsTaken(house):
    """
    A request larger than we take is refused before it is there.
    """
    site = http._site(http.Posts(house.publisher, SECRET).resource, MemoryReactorClock())
    transport = StringTransport()
    protocol = site.buildProtocol(None)
    protocol.makeConnection(transport)

    protocol.dataReceived(b"POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (http.BODY_MAX + 1))

    assert transport.value().startswith(b"HTTP/1.1 413 ")
    assert transport.disconnecting
