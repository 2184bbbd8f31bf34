"""
Everything that stanzas are handed to.
"""

from collections.abc import Mapping

from pushsvc import __version__
from pushsvc.hosts import ServedHost
from pushsvc.xmpp.adhoc import Commands
from pushsvc.xmpp.basics import Basics, Presence, Unanswered
from pushsvc.xmpp.disco import Disco
from pushsvc.xmpp.edge import Handler, Requests
from pushsvc.xmpp.ongoing import Ongoing
from pushsvc.xmpp.pubsub import PushResource
from pushsvc.xmpp.sessions import Sessions


def makeHandlers(
    hosts: Mapping[str, ServedHost], sessions: Sessions, ongoing: Ongoing, version: str = __version__
) -> list[Handler]:
    """
    Handlers for one link: a handler belongs to one stream at a time, so that every link needs its own.

    :param hosts: by their names.
    :param sessions: shared by all links.
    :param ongoing: shared by all links.
    """
    tables = [answerer.answers for answerer in (PushResource(), Commands(sessions), Disco(), Basics(version))]
    return [Requests(hosts, ongoing, *tables), Presence(hosts), Unanswered()]
