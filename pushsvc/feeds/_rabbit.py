"""
Messages of a queue at RabbitMQ, one after another, by pika.

What is taken is acknowledged when it is on disk, so that a message is delivered again to who has lost it; so many may
be under way at once. Of one account things are told in their order.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from pika import ConnectionParameters, PlainCredentials
from pika.adapters.twisted_connection import TwistedProtocolConnection
from pika.exceptions import AMQPError
from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred, DeferredList, ensureDeferred
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.endpoints import connectProtocol
from twisted.internet.error import ConnectError, ConnectionClosed, DNSLookupError
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.task import deferLater
from twisted.logger import Logger

from pushsvc.concealed import concealed
from pushsvc.errors import TryLater
from pushsvc.event import Event
from pushsvc.feeds.telling import ended
from pushsvc.ipushsvc import IPublisher

# Seconds between attempts to connect: at first, and at last.
FIRST = 1.0
LAST = 60.0
# Seconds that the broker has for answering.
PATIENCE = 20.0
HEARTBEAT = 30
# Seconds between attempts while our storage does not answer.
AGAIN = 5.0
# Seconds a clean stop waits for what is being told.
LAST_WORDS = 5.0

# What becomes of connections, and is nobody's mistake here: there is no such broker now, or no way to it.
_TROUBLE = AMQPError, ConnectError, ConnectionClosed, DNSLookupError, DeferredTimeout

# We say ourselves what becomes of a connection.
logging.getLogger("pika").addHandler(logging.NullHandler())
logging.getLogger("pika").propagate = False


@dataclass(frozen=True)
class Wanted:
    """
    What is to be heard.

    :ivar bindings: exchanges, each with the keys of what of it is of interest.
    :ivar prefetch: messages that may be under way at once.
    """

    queue: str
    bindings: Sequence[tuple[str, str]]
    prefetch: int
    virtualHost: str
    username: str
    password: str = field(repr=False)


class Rabbit(Service):
    """
    Listens to a queue for as long as it runs, and connects again when the connection is lost.

    :ivar connection: the one there is, or that is being made.
    :ivar isListening: whether what is said there is heard.
    """

    log = Logger()
    name = "amqp feed"
    first = FIRST
    again = AGAIN
    lastWords = LAST_WORDS

    def __init__(
        self,
        endpoint: IStreamClientEndpoint,
        wanted: Wanted,
        read: Callable[[str, bytes], Event | None],
        publisher: IPublisher,
        reactor: Any,
    ) -> None:
        """
        :param read: handed the exchange and the body of each message, in their order; raises when nobody can say what
            it means.
        """
        self._endpoint = endpoint
        self._wanted = wanted
        self._read = read
        self._publisher = publisher
        self._reactor = reactor
        self._running: Deferred[None] | None = None
        self.connection: Any = None
        self.isListening = False
        # The latest of each account that is being told.
        self._tails: dict[str, Deferred[None]] = {}
        self._under: set[Deferred[None]] = set()
        self._unread = 0

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]
        self._running = ensureDeferred(self._run())

    def stopService(self) -> Deferred[None]:
        super().stopService()  # type: ignore[no-untyped-call]
        return ensureDeferred(self._stop())

    async def _stop(self) -> None:
        if self._under:
            waiting = DeferredList(list(self._under), consumeErrors=True)
            await waiting.addTimeout(self.lastWords, self._reactor, onTimeoutCancel=lambda late, _: [])
        for telling in list(self._under):
            telling.cancel()
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            with suppress(CancelledError):
                await running

    async def _run(self) -> None:
        pause = self.first
        while self.running:
            try:
                await self._listen()
            except CancelledError:
                raise
            except _TROUBLE as e:
                pause = self._pauseAfter(pause)
                self.log.warn("RabbitMQ: {reason}; tried again in {pause:g} seconds", reason=_reason(e), pause=pause)
            except Exception:
                pause = self._pauseAfter(pause)
                self.log.failure("listening to RabbitMQ failed: this is a bug", concealed())
            finally:
                self.isListening = False
            await deferLater(self._reactor, pause)

    def _pauseAfter(self, pause: float) -> float:
        # Who got through begins anew.
        return self.first if self.isListening else min(pause * 2, LAST)

    async def _listen(self) -> None:
        parameters = ConnectionParameters(
            virtual_host=self._wanted.virtualHost,
            credentials=PlainCredentials(self._wanted.username, self._wanted.password),
            heartbeat=HEARTBEAT,
        )
        self.connection = connection = TwistedProtocolConnection(parameters, custom_reactor=self._reactor)
        ready = connection.ready
        await connectProtocol(self._endpoint, connection)  # type: ignore[no-untyped-call]
        try:
            await ready.addTimeout(PATIENCE, self._reactor)
            await self._consume(await self._inTime(connection.channel()))
        finally:
            await self._close(connection)

    async def _consume(self, channel: Any) -> None:
        wanted = self._wanted
        await self._inTime(channel.basic_qos(prefetch_count=wanted.prefetch))
        await self._inTime(channel.queue_declare(wanted.queue, durable=True))
        for exchange, key in wanted.bindings:
            await self._inTime(channel.queue_bind(wanted.queue, exchange, key))
        messages, _ = await self._inTime(channel.basic_consume(wanted.queue))
        self.log.info("RabbitMQ: listening to {queue}", queue=wanted.queue)
        self.isListening = True
        while True:
            self._take(channel, await messages.get())

    async def _inTime(self, asked: Deferred[Any]) -> Any:
        return await asked.addTimeout(PATIENCE, self._reactor)

    async def _close(self, connection: Any) -> None:
        closed = connection.closed
        if connection.is_closed or closed is None:
            if connection.transport is not None:
                connection.transport.abortConnection()
            return
        connection.close()
        try:
            await closed.addTimeout(PATIENCE, self._reactor)
        except (DeferredTimeout, CancelledError):
            connection.transport.abortConnection()

    def _take(self, channel: Any, message: Any) -> None:
        tag = message.method.delivery_tag
        try:
            event = self._read(message.method.exchange, message.body)
        except Exception:
            # Whatever it was: it will not be any better the next time.
            self._unreadable()
            event = None
        if event is None:
            _acknowledge(channel, tag)
            return
        telling = ensureDeferred(self._tell(event, self._tails.get(event.account), channel, tag))
        if not telling.called:
            self._tails[event.account] = telling
            self._under.add(telling)
            telling.addBoth(self._told, event.account, telling)

    def _told(self, _: object, account: str, telling: Deferred[None]) -> None:
        self._under.discard(telling)
        if self._tails.get(account) is telling:
            del self._tails[account]

    async def _tell(self, event: Event, before: Deferred[None] | None, channel: Any, tag: int) -> None:
        if before is not None:
            await ended(before)
        while True:
            try:
                await self._publisher.happened(event)
                break
            except TryLater:
                # There are so many under way at most: the broker keeps the others.
                await deferLater(self._reactor, self.again)
            except CancelledError:
                return
            except Exception:
                self.log.failure("an event could not be told: this is a bug", concealed())
                break
        _acknowledge(channel, tag)

    def _unreadable(self) -> None:
        # Once in a while: whoever reads the log needs to know, not to count lines.
        self._unread += 1
        if self._unread & (self._unread - 1) == 0:
            self.log.warn(
                "RabbitMQ: messages that nobody understands ({unread} by now): are these MongooseIM's exchanges?",
                unread=self._unread,
            )


def _acknowledge(channel: Any, tag: int) -> None:
    # To a channel that is gone nobody can say anything: what was not acknowledged comes again.
    if channel.is_open:
        channel.basic_ack(tag)


def _reason(error: Exception) -> str:
    # What the broker says names exchanges and queues, and no secrets.
    return f"{type(error).__name__} {' '.join(map(str, error.args))}".strip()
