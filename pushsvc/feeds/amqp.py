"""
MongooseIM's events from RabbitMQ (``mod_event_pusher`` with ``rabbit``): messages with a body, and who is there.

Needs pika: ``pip install pushsvc[amqp]``. We make a queue of our own, which collects what happens while we are away;
its exchanges are MongooseIM's, of type ``topic``, and are there when MongooseIM has made them.
"""

from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr
from pydantic.dataclasses import dataclass
from twisted.application.service import IService
from zope.interface import moduleProvides

from pushsvc.config import ConfigurationError, FeedOptions, options, secret
from pushsvc.config.endpoints import connectingTo
from pushsvc.feeds.mongooseim import MongooseIM, Presences
from pushsvc.ipushsvc import IFeedKind, IPublisher

moduleProvides(IFeedKind)


@dataclass(frozen=True, config=options)
class Options(FeedOptions):
    """
    ``[[publisher.feeds]]`` with ``kind = "amqp"``.

    :ivar endpoint: where RabbitMQ is, as Twisted spells client endpoints; ``tls:…`` for AMQPS.
    :ivar virtualHost: RabbitMQ's.
    :ivar username: who may make a queue and bind it to these exchanges.
    :ivar password: of the username; or in ``passwordFile``.
    :ivar queue: ours; processes that share one share the work, but who is there each knows only in part: one process
        listens.
    :ivar presenceExchange: where MongooseIM says who comes and goes.
    :ivar chatExchange: where it tells of messages to accounts.
    :ivar chatTopic: which it calls those that were received.
    :ivar groupchatExchange: where it tells of messages of rooms.
    :ivar groupchatTopic: which it calls those that were received.
    :ivar prefetch: messages that may be under way at once.
    """

    endpoint: str = "tcp:127.0.0.1:5672"
    virtualHost: str = "/"
    username: str = "guest"
    password: SecretStr | None = None
    passwordFile: Path | None = None
    queue: str = "pushsvc"
    presenceExchange: str = "presence"
    chatExchange: str = "chat_msg"
    chatTopic: str = "chat_msg_recv"
    groupchatExchange: str = "groupchat_msg"
    groupchatTopic: str = "groupchat_msg_recv"
    prefetch: int = Field(default=100, ge=1, le=10_000)


def makeFeed(options: Options, publisher: IPublisher, reactor: Any) -> IService:
    at = "publisher.feeds: amqp"
    try:
        from pushsvc.feeds._rabbit import Rabbit, Wanted
    except ModuleNotFoundError:
        raise ConfigurationError(f"{at}: pika is not installed: pip install pushsvc[amqp]") from None
    password = secret(at, "password", options.password, options.passwordFile)
    assert password is not None
    try:
        endpoint = connectingTo(reactor, options.endpoint)
    except ValueError as e:
        raise ConfigurationError(f"{at}: endpoint {options.endpoint!r}: {e}") from None
    # Topics stand behind the account, and there are dots in domains.
    bindings = (
        (options.presenceExchange, "#"),
        (options.chatExchange, f"#.{options.chatTopic}"),
        (options.groupchatExchange, f"#.{options.groupchatTopic}"),
    )
    wanted = Wanted(options.queue, bindings, options.prefetch, options.virtualHost, options.username, password)
    reader = MongooseIM(Presences(), options.presenceExchange, options.chatExchange, options.groupchatExchange)
    service: IService = Rabbit(endpoint, wanted, reader.read, publisher, reactor)
    return service
