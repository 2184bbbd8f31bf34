"""
Everything that stanzas are handed to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pushsvc import __version__
from pushsvc.hosts import ServedHost
from pushsvc.xmpp.adhoc import Commands
from pushsvc.xmpp.basics import Basics, Presence, Unanswered
from pushsvc.xmpp.delegation import Delegation
from pushsvc.xmpp.disco import Disco
from pushsvc.xmpp.edge import Handler, Requests
from pushsvc.xmpp.nodes import Bounces, NodeRequests
from pushsvc.xmpp.ongoing import Ongoing
from pushsvc.xmpp.publishing import Answers, Publishing
from pushsvc.xmpp.pubsub import PushResource
from pushsvc.xmpp.push2 import Push2Messages
from pushsvc.xmpp.sessions import Sessions


@dataclass(frozen=True)
class HandlerParts:
    """
    What not every service has; all of it is shared by all links.

    :ivar publishing: what we publish to push services elsewhere.
    :ivar delegation: of the publisher.
    :ivar hearing: makes what hears messages, for one link.
    :ivar accounts: makes what answers accounts, for a link that serves their domain.
    """

    publishing: Publishing | None = None
    delegation: Delegation | None = None
    hearing: Callable[[], Handler] | None = None
    accounts: Callable[[], Handler] | None = None


def makeHandlers(
    hosts: Mapping[str, ServedHost],
    sessions: Sessions,
    ongoing: Ongoing,
    version: str = __version__,
    parts: HandlerParts | None = None,
) -> list[Handler]:
    """
    Handlers for one link: a handler belongs to one stream at a time, so that every link needs its own.

    :param hosts: by their names.
    :param sessions: shared by all links.
    :param ongoing: shared by all links.
    """
    parts = parts or HandlerParts()
    delegation = parts.delegation
    disco = Disco([delegation.infoOf] if delegation is not None else [])
    # Whoever is told of what happens to a node is told by the link that its host is on.
    nodes = NodeRequests(lambda stanza: requests.send(stanza))
    tables = [answerer.answers for answerer in (PushResource(nodes), Commands(sessions), disco, Basics(version))]
    handlers: list[Handler] = [Bounces(hosts, ongoing)]
    if delegation is not None:
        tables.append(delegation.answers)
    if parts.publishing is not None:
        handlers.append(Answers(parts.publishing))
    handlers += [make() for make in (parts.hearing, parts.accounts) if make is not None]
    requests = Requests(hosts, ongoing, *tables)
    if any(host.push2 for host in hosts.values()):
        handlers.append(Push2Messages(hosts, ongoing))
    return [requests, Presence(hosts), *handlers, Unanswered()]
