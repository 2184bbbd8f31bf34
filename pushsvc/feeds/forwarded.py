"""
Stanzas that a server forwards to us because nobody was there to take them: Prosody's mod_firewall does, by a script of
four lines; and events in our own words, as the modules in contrib/ report them.
"""

from collections.abc import Callable

from pydantic.dataclasses import dataclass
from twisted.application.service import Service
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.words.xish.domish import Element
from zope.interface import implementer, moduleProvides

from pushsvc.config import FeedOptions, options
from pushsvc.event import Event
from pushsvc.feeds.telling import Telling
from pushsvc.ipushsvc import IFeedKind, IPublisher, IStanzaFeed
from pushsvc.jids import addressOf, domainOf
from pushsvc.wire.reports import readEvent, readForwarded
from pushsvc.wire.view import View, viewOf

moduleProvides(IFeedKind)


@dataclass(frozen=True, config=options)
class Options(FeedOptions):
    """
    ``[[publisher.feeds]]`` with ``kind = "forwarded"``. Servers report of their own accounts only.
    """


Reader = Callable[[View], Event | None]

# Seconds a clean stop waits for what is being told.
LAST_WORDS = 5.0


@implementer(IStanzaFeed)
class StanzaFeed(Service):
    """
    Reads reports out of messages.

    :param ofServers: what servers say of their accounts: each returns an event, or None when it is none of its kind.
    :param ofAccounts: what accounts are made to say of themselves.
    """

    def __init__(self, telling: Telling, ofServers: tuple[Reader, ...], ofAccounts: tuple[Reader, ...] = ()) -> None:
        self._telling = telling
        # With who may speak for an account so.
        self._readers: list[tuple[Reader, Callable[[str], str]]] = [(read, domainOf) for read in ofServers]
        self._readers += [(read, str) for read in ofAccounts]

    def stopService(self) -> Deferred[None]:
        super().stopService()  # type: ignore[no-untyped-call]
        return ensureDeferred(self._telling.finish(LAST_WORDS))

    def heard(self, message: Element) -> bool:
        view = viewOf(message)
        reporter = addressOf(view.attribute("from") or "")
        if reporter is None:
            return False
        for read, speaker in self._readers:
            event = read(view)
            # Nobody speaks for anybody else; and what a server says of an account the account cannot say.
            if event is not None and reporter.bare == speaker(event.account):
                self._telling.tell(event)
                return True
        return False


def makeFeed(options: Options, publisher: IPublisher, reactor: object) -> StanzaFeed:
    return StanzaFeed(Telling(publisher, reactor), (readEvent, readForwarded))  # type: ignore[arg-type]
