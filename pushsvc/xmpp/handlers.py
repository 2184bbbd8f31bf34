"""
Everything that stanzas are handed to.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pushsvc import __version__
from pushsvc.hosts import ServedHost
from pushsvc.xmpp.adhoc import Commands
from pushsvc.xmpp.basics import Basics, Presence, Unanswered
from pushsvc.xmpp.bounces import Bounces
from pushsvc.xmpp.delegates import CommandsDelegate, EnablingDelegate
from pushsvc.xmpp.delegation import Delegate, Delegation
from pushsvc.xmpp.disco import Disco
from pushsvc.xmpp.edge import Handler, Requests
from pushsvc.xmpp.nodes import NodeRequests
from pushsvc.xmpp.ongoing import Ongoing
from pushsvc.xmpp.publishing import Answers, Publishing
from pushsvc.xmpp.pubsub import PushResource
from pushsvc.xmpp.push2 import Push2Messages
from pushsvc.xmpp.sessions import Sessions
from pushsvc.xmpp.telling import Telling


@dataclass(frozen=True)
class HandlerParts:
    """
    What not every service has; all of it is shared by all links.

    :ivar publishing: what we publish to push services elsewhere.
    :ivar enabling: answers what accounts ask of the publisher, by way of their server or themselves.
    :ivar hearing: makes what hears messages, for one link.
    :ivar accounts: makes what answers accounts, for a link that serves their domain.
    """

    publishing: Publishing | None = None
    enabling: EnablingDelegate | None = None
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
    commands = Commands(sessions)
    delegates: list[Delegate] = [CommandsDelegate(commands)]
    if parts.enabling is not None:
        delegates.append(parts.enabling)
    delegation = Delegation(*delegates)
    disco = Disco([delegation.infoOf])
    # Whoever is told of what happens to a node is told by the link that its host is on.
    nodes = NodeRequests(Telling(lambda stanza: requests.send(stanza), ongoing))
    answerers = PushResource(nodes), commands, disco, delegation, Basics(version)
    tables = [answerer.answers for answerer in answerers]
    if parts.enabling is not None:
        tables.append(parts.enabling.answers)
    handlers: list[Handler] = [Bounces(hosts, ongoing)]
    if parts.publishing is not None:
        handlers.append(Answers(parts.publishing))
    handlers += [make() for make in (parts.hearing, parts.accounts) if make is not None]
    requests = Requests(hosts, ongoing, *tables)
    if any(host.push2 for host in hosts.values()):
        handlers.append(Push2Messages(hosts, ongoing))
    return [requests, Presence(hosts), *handlers, Unanswered()]
