"""
Messages that were put aside, as ejabberd's mod_push_offline publishes them; and events in our own words, as the module
in contrib/ reports them.
"""

from pydantic.dataclasses import dataclass
from zope.interface import moduleProvides

from pushsvc.config import FeedOptions, options
from pushsvc.feeds.forwarded import StanzaFeed
from pushsvc.feeds.telling import Telling
from pushsvc.ipushsvc import IFeedKind, IPublisher
from pushsvc.wire.reports import readEvent, readItem

moduleProvides(IFeedKind)


@dataclass(frozen=True, config=options)
class Options(FeedOptions):
    """
    ``[[publisher.feeds]]`` with ``kind = "ejabberd"``
    """


def makeFeed(options: Options, publisher: IPublisher, reactor: object) -> StanzaFeed:
    return StanzaFeed(Telling(publisher, reactor), (readEvent,), (readItem,))  # type: ignore[arg-type]
