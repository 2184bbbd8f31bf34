"""
What is told of nodes that somebody created: those who have subscribed, of what is published (XEP-0060 section 7.1.2);
others, of what an owner has made of them (sections 8.8 and 8.9.4).

What goes beyond the limits on publishes waits, and something newer of the same kind takes its place, as it does with
devices. What an owner makes of others is told so often, and then no more: they find out when they ask for something.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from secrets import token_hex

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.words.xish.domish import Element

from pushsvc.errors import NoSuchNode, TryLater
from pushsvc.hosts import ServedHost
from pushsvc.jids import Address, bareOf
from pushsvc.leaf import Leaf, Notice
from pushsvc.wire.nodes import writeEvent, writeUnsubscribed
from pushsvc.wire.withdrawal import writeAffiliation
from pushsvc.xmpp.ongoing import Ongoing

# Notices that wait, of one node (as many as encrypted ones of one device do) and of all.
OF_NODE_MAX = 8
WAITING_MAX = 1_000
# In an hour: to somebody, and because of the owners on one domain.
TO_ONE_MAX = 5
OF_DOMAIN_MAX = 200
HOUR = 3600.0


@dataclass
class _Later:
    """
    What a node has to tell.
    """

    host: ServedHost
    notices: list[Notice]
    call: IDelayedCall


class Telling:
    """
    Tells it by one link.
    """

    def __init__(self, send: Callable[[Element], object], ongoing: Ongoing) -> None:
        """
        :param send: takes a stanza.
        """
        self._send = send
        self._ongoing = ongoing
        self._later: dict[tuple[str, str], _Later] = {}
        self._count = 0
        self._toOne = Hourly(ongoing.clock, TO_ONE_MAX)
        self._ofDomain = Hourly(ongoing.clock, OF_DOMAIN_MAX)
        ongoing.last.append(self._tellAll)

    def tell(self, host: ServedHost, notice: Notice) -> None:
        """
        Tell those who have subscribed.
        """
        if not notice.subscribers:
            return
        place = notice.host, notice.node
        later = self._later.get(place)
        if later is not None:
            self._forget(place, later, notice)
        if not notice.wait or self._ongoing.closing:
            # While we stop, nothing waits any more.
            self._say(notice)
        elif self._count < WAITING_MAX:
            self._putOff(place, host, notice)

    def affiliated(self, host: ServedHost, owner: Address, node: str, jid: str, word: str) -> None:
        """
        Tell somebody what an owner has made of him, in the shapes in which the host tells that nodes are gone.
        """
        self._tellOne(host, owner, jid, [writeAffiliation(shape, node, jid, word) for shape in host.withdrawals])

    def unsubscribed(self, host: ServedHost, owner: Address, node: str, jid: str) -> None:
        """
        Tell somebody that an owner has ended his subscription.
        """
        self._tellOne(host, owner, jid, [writeUnsubscribed(node, jid)])

    def _tellOne(self, host: ServedHost, owner: Address, jid: str, payloads: Sequence[Element]) -> None:
        # In this order: so nobody makes us remember more than he may have us write to.
        if not (self._ofDomain.lets(owner.domain) and self._toOne.lets(bareOf(jid))):
            return
        for payload in payloads:
            self._message(host.name, jid, payload)

    def _say(self, notice: Notice) -> None:
        for jid in notice.subscribers:
            self._message(notice.host, jid, writeEvent(notice), notice.type)

    def _message(self, host: str, jid: str, payload: Element, type: str | None = None) -> None:
        attributes = {"from": host, "to": jid, "id": token_hex(8)}
        message = Element((None, "message"), attribs={**attributes, "type": type} if type else attributes)
        message.addChild(payload)
        self._send(message)

    def _putOff(self, place: tuple[str, str], host: ServedHost, notice: Notice) -> None:
        later = self._later.get(place)
        if later is None:
            call = self._ongoing.clock.callLater(notice.wait, self._tellLate, place)
            later = self._later[place] = _Later(host, [], call)
        elif len(later.notices) >= OF_NODE_MAX:
            later.notices.pop(0)
            self._count -= 1
        later.notices.append(notice)
        self._count += 1

    def _forget(self, place: tuple[str, str], later: _Later, newer: Notice) -> None:
        # What is told of a node as a whole ends what was to be told of its items.
        kept = [notice for notice in later.notices if not _isOver(notice, newer)]
        self._count -= len(later.notices) - len(kept)
        later.notices[:] = kept
        if not kept and not newer.wait:
            later.call.cancel()
            del self._later[place]

    def _tellLate(self, place: tuple[str, str]) -> None:
        later = self._later.pop(place)
        self._count -= len(later.notices)
        self._ongoing.run(self._tellWhoStillListens(later))

    async def _tellWhoStillListens(self, later: _Later) -> None:
        for notice in later.notices:
            assert later.host.tree is not None
            try:
                node = await later.host.tree.getNode(notice.host, notice.node)
            except (NoSuchNode, TryLater):
                return
            left = node.subscribers if isinstance(node, Leaf) else ()
            self._say(replace(notice, subscribers=tuple(jid for jid in notice.subscribers if jid in left)))

    def _tellAll(self) -> None:
        for place, later in list(self._later.items()):
            later.call.cancel()
            self._tellLate(place)


def _isOver(notice: Notice, newer: Notice) -> bool:
    if newer.what == "item":
        return notice.instead is not None and notice.instead == newer.instead
    if newer.what == "retract":
        return notice.item is not None and newer.item is not None and notice.item.id == newer.item.id
    return newer.what in ("purge", "delete")


class Hourly:
    """
    So many in an hour, of each.
    """

    def __init__(self, clock: IReactorTime, most: int) -> None:
        self._clock = clock
        self._most = most
        self._ends = 0.0
        self._counts: Counter[str] = Counter()

    def lets(self, key: str) -> bool:
        """
        Whether one more is within it; then it is counted.
        """
        now = self._clock.seconds()
        if now >= self._ends:
            self._ends = now + HOUR
            self._counts.clear()
        if self._counts[key] >= self._most:
            return False
        self._counts[key] += 1
        return True
