"""
Events from a real RabbitMQ.
"""

import json
import sys
from contextlib import closing

import pika
import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ConnectionRefusedError, DNSLookupError
from twisted.internet.task import deferLater
from twisted.internet.testing import MemoryReactorClock

from pushsvc.config import ConfigurationError, build
from pushsvc.errors import TryLater
from pushsvc.event import Occasion
from pushsvc.feeds import amqp

pytestmark = pytest.mark.servers

JULIET, ROMEO = "juliet@example.org", "romeo@example.net/orchard"
EXCHANGES = ("presence", "chat_msg", "groupchat_msg")


class Listener:
    """
    In place of a publisher: hears, as long as it may.
    """

    def __init__(self):
        self.heard = []
        self.under = 0
        self.trouble = []
        self.holding = None

    def serves(self, account):
        return True

    async def happened(self, event):
        if self.trouble:
            raise self.trouble.pop()
        self.under += 1
        if self.holding is not None:
            await self.holding
        self.under -= 1
        self.heard.append(event)


class Broker:
    """
    RabbitMQ with a queue and exchanges for one test.
    """

    def __init__(self, rabbitmq, name):
        self.rabbitmq = rabbitmq
        self.queue = name
        self.exchanges = {each: f"{name}.{each}" for each in EXCHANGES}
        self.connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", rabbitmq.port))
        self.channel = self.connection.channel()

    def declare(self):
        """
        As MongooseIM does.
        """
        for exchange in self.exchanges.values():
            self.channel.exchange_declare(exchange, "topic")

    def say(self, exchange, key, **said):
        body = json.dumps(said).encode()
        self.channel.basic_publish(self.exchanges[exchange], key, body)

    def message(self, body, account=JULIET):
        said = {"to_user_id": f"{account}/x", "from_user_id": ROMEO, "message": body}
        self.say("chat_msg", f"{account}.chat_msg_recv", **said)

    def presence(self, present):
        self.say("presence", JULIET, user_id=f"{JULIET}/x", present=present)

    @property
    def waiting(self):
        """
        Messages that nobody has been handed.
        """
        return self.channel.queue_declare(self.queue, passive=True).method.message_count

    def options(self, **more):
        said = {
            "kind": "amqp",
            "endpoint": f"tcp:127.0.0.1:{self.rabbitmq.port}",
            "password": "guest",
            "queue": self.queue,
            "presence-exchange": self.exchanges["presence"],
            "chat-exchange": self.exchanges["chat_msg"],
            "groupchat-exchange": self.exchanges["groupchat_msg"],
            **more,
        }
        return build(amqp.Options, said, "publisher.feeds.0")


@pytest.fixture
def broker(rabbitmq, request):
    broker = Broker(rabbitmq, request.node.name)
    broker.declare()
    with closing(broker.connection):
        yield broker


@pytest.fixture
def listener():
    return Listener()


async def until(check):
    for _ in range(6000):
        if check():
            return
        await deferLater(reactor, 0.01)
    raise AssertionError("it did not happen")


class Listening:
    """
    A feed that runs.
    """

    def __init__(self, broker, listener, **more):
        self.feed = amqp.makeFeed(broker.options(**more), listener, reactor)
        self.feed.again = 0.05

    async def __aenter__(self):
        self.feed.startService()
        return self.feed

    async def __aexit__(self, *details):
        await self.feed.stopService()


def bodies(listener):
    return [stanza.body for event in listener.heard for stanza in event.stanzas]


@pytest_twisted.ensureDeferred
async def test_whatMongooseIMSays(broker, listener):
    """
    Messages for who is not there, and who comes and goes; what was sent by somebody is said twice and heard once.
    """
    async with Listening(broker, listener) as feed:
        await until(lambda: feed.isListening)
        broker.message("one")
        broker.say("chat_msg", "romeo@example.net.chat_msg_sent", to_user_id=JULIET, from_user_id=ROMEO, message="one")
        broker.presence(True)
        broker.message("two")
        broker.presence(False)
        said = {"to_user_id": f"{JULIET}/x", "from_user_id": "room@muc.example.org/R", "message": "three"}
        broker.say("groupchat_msg", f"{JULIET}.groupchat_msg_recv", **said)
        await until(lambda: len(listener.heard) == 4)

    occasions = [Occasion.OFFLINE, Occasion.RESUMED, Occasion.ENDED, Occasion.OFFLINE]
    assert occasions == [event.occasion for event in listener.heard]
    assert ["one", "three"] == bodies(listener)
    await until(lambda: broker.waiting == 0)


@pytest_twisted.ensureDeferred
async def test_whileWeAreAway(broker, listener):
    """
    What happens while we are away is told when we are back.
    """
    async with Listening(broker, listener) as feed:
        await until(lambda: feed.isListening)

    broker.message("one")
    await until(lambda: broker.waiting == 1)
    async with Listening(broker, listener):
        await until(lambda: listener.heard)

    assert ["one"] == bodies(listener)


@pytest_twisted.ensureDeferred
async def test_theStorageRests(broker, listener):
    """
    What cannot be taken now is taken later, and what came after it for the same account after it.
    """
    listener.trouble = [TryLater(), TryLater()]
    async with Listening(broker, listener) as feed:
        await until(lambda: feed.isListening)
        for body in ("one", "two", "three"):
            broker.message(body)
        broker.message("other", "nurse@example.org")
        await until(lambda: len(listener.heard) == 4)

    assert ["one", "two", "three"] == [body for body in bodies(listener) if body != "other"]


@pytest_twisted.ensureDeferred
async def test_nothingIsLost(broker, listener):
    """
    What was not on disk when we stopped comes again.
    """
    listener.holding = Deferred()
    listening = Listening(broker, listener)
    listening.feed.lastWords = 0.1
    async with listening as feed:
        await until(lambda: feed.isListening)
        broker.message("one")
        await until(lambda: listener.under)

    listener.holding = None
    async with Listening(broker, listener):
        await until(lambda: listener.heard)

    assert ["one"] == bodies(listener)


@pytest_twisted.ensureDeferred
async def test_soManyAtOnce(broker, listener):
    """
    So many messages are under way at most; the others stay with the broker.
    """
    listener.holding = Deferred()
    async with Listening(broker, listener, prefetch=2) as feed:
        await until(lambda: feed.isListening)
        for name in "abcd":
            broker.message("b", f"{name}@example.org")
        await until(lambda: listener.under == 2)
        await until(lambda: broker.waiting == 2)
        holding, listener.holding = listener.holding, None
        holding.callback(None)
        await until(lambda: len(listener.heard) == 4)


@pytest_twisted.ensureDeferred
async def test_nobodyUnderstands(broker, listener, logEvents):
    """
    What nobody understands is out of the way, and the operator is told.
    """
    async with Listening(broker, listener) as feed:
        await until(lambda: feed.isListening)
        broker.say("presence", JULIET, odd=True)
        broker.message("one")
        await until(lambda: listener.heard)

    await until(lambda: broker.waiting == 0)
    assert [1] == [event["unread"] for event in logEvents if "unread" in event]


@pytest_twisted.ensureDeferred
async def test_bugs(broker, listener, loggedFailures):
    """
    A bug of ours is logged without anybody's name, and is in nobody's way.
    """
    listener.trouble = [ZeroDivisionError(JULIET)]
    async with Listening(broker, listener) as feed:
        await until(lambda: feed.isListening)
        broker.message("one")
        broker.message("two")
        await until(lambda: listener.heard)

    assert ["two"] == bodies(listener)
    (failure,) = loggedFailures
    assert JULIET not in failure.getTraceback()
    loggedFailures.clear()


@pytest_twisted.ensureDeferred
async def test_connectionsAreLost(broker, listener, logEvents):
    """
    Before MongooseIM has made its exchanges, and when the connection is lost, we try again.
    """
    for exchange in broker.exchanges.values():
        broker.channel.exchange_delete(exchange)
    listening = Listening(broker, listener)
    listening.feed.first = 0.05
    async with listening as feed:
        await until(lambda: [event for event in logEvents if "ChannelClosedByBroker" in event.get("reason", "")])
        assert not feed.isListening
        broker.declare()
        await until(lambda: feed.isListening)
        feed.connection.transport.abortConnection()
        await until(lambda: not feed.isListening)
        broker.message("one")
        await until(lambda: listener.heard)

    assert ["one"] == bodies(listener)


@pytest_twisted.ensureDeferred
async def test_wrongPassword(broker, listener, logEvents):
    """
    Who is not let in says why, without saying what he knows, and does not give up.
    """
    async with Listening(broker, listener, password="s3cret-nobody-has") as feed:
        await until(lambda: [event for event in logEvents if "reason" in event])
        assert not feed.isListening

    assert "s3cret" not in str(logEvents)


class Nowhere:
    """
    A way to a broker on which nobody gets anywhere.
    """

    def __init__(self, why):
        self.why = why

    def connect(self, factory):
        return fail(self.why)


@pytest.mark.parametrize(
    "why, isBug",
    [(DNSLookupError("broker.example"), False), (ConnectionRefusedError(), False), (ZeroDivisionError(), True)],
)
def test_noWayToTheBroker(listener, clock, logEvents, loggedFailures, why, isBug):
    """
    Where there is no broker, or nobody knows where it is, we try again less and less often, and say so; whatever it is.
    """
    from pushsvc.feeds._rabbit import LAST, Rabbit, Wanted

    feed = Rabbit(Nowhere(why), Wanted("q", (), 1, "/", "guest", "guest"), None, listener, clock)
    feed.startService()
    for _ in range(600):
        clock.advance(1)

    attempts = [event for event in logEvents if "RabbitMQ" in event.get("log_format", "")]
    assert 600 / LAST < len(attempts) < 20
    assert len(attempts) == len(loggedFailures) if isBug else [] == loggedFailures
    loggedFailures.clear()
    feed.stopService()
    assert not clock.getDelayedCalls()


def test_pikaIsMissing(listener, monkeypatch):
    """
    Without pika it says what to install.
    """
    monkeypatch.setitem(sys.modules, "pika", None)
    monkeypatch.delitem(sys.modules, "pushsvc.feeds._rabbit", raising=False)
    options = build(amqp.Options, {"kind": "amqp", "password": "x"}, "publisher.feeds.0")

    with pytest.raises(ConfigurationError, match=r"pip install pushsvc\[amqp\]"):
        amqp.makeFeed(options, listener, MemoryReactorClock())


@pytest.mark.parametrize("said", [{}, {"password": "x", "endpoint": "nonsense:1"}])
def test_whatCannotWork(listener, said):
    """
    Without a password, or with nowhere to connect to, it says so.
    """
    with pytest.raises(ConfigurationError):
        amqp.makeFeed(
            build(amqp.Options, {"kind": "amqp", **said}, "publisher.feeds.0"), listener, MemoryReactorClock()
        )
