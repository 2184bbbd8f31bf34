"""
Ad-hoc commands that wait for their form to be filled in (XEP-0050 section 3.4).

A session belongs to the full JID that opened it and to the host. Sessions end after ten minutes, or give way when
there are too many, first those of the domain that has most: accounts cost a server nothing. Of those that ended, some
are remembered so that their owner can be told.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from secrets import token_hex

from twisted.internet.interfaces import IReactorTime

from pushsvc.errors import BadCommand, SessionExpired
from pushsvc.jids import Address


@dataclass(frozen=True)
class Session:
    """
    One command that goes on.
    """

    id: str = field(repr=False)
    host: str
    node: str
    requester: Address = field(repr=False)
    deadline: float

    def belongsTo(self, host: str, node: str, requester: Address) -> bool:
        """
        Whether this is the session of this requester, for this command on this host.
        """
        return (self.host, self.node, self.requester.full) == (host, node, requester.full)


class Sessions:
    """
    The sessions of all hosts and links: an answer may come by another link than its question.
    """

    def __init__(
        self,
        clock: IReactorTime,
        lifetime: float = 600,
        limit: int = 10_000,
        limitPerAccount: int = 8,
        remembered: int = 1_000,
    ) -> None:
        """
        :param limit: of sessions at a time.
        :param limitPerAccount: of sessions of one bare JID at a time.
        :param remembered: how many of those that ended are kept in mind.
        """
        self._clock = clock
        self._lifetime = lifetime
        self._limit = limit
        self._limitPerAccount = limitPerAccount
        self._remembered = remembered
        # Both oldest first; all live equally long, so the oldest is the next to end.
        self._open: OrderedDict[str, Session] = OrderedDict()
        self._ended: OrderedDict[str, Session] = OrderedDict()
        self._ofAccount: dict[str, list[Session]] = {}
        self._ofDomain: dict[str, OrderedDict[str, Session]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def open(self, host: str, node: str, requester: Address) -> Session:
        """
        Begin one. The oldest of the account, or of the domain that has most, gives way to it when there are too many.
        """
        self._endOverdue()
        ofAccount = self._ofAccount.get(requester.bare, [])
        if len(ofAccount) >= self._limitPerAccount:
            self.end(ofAccount[0])
        elif len(self._open) >= self._limit:
            self.end(next(iter(max(self._ofDomain.values(), key=len).values())))
        session = Session(newSessionId(), host, node, requester, self._clock.seconds() + self._lifetime)
        self._open[session.id] = session
        self._ofAccount.setdefault(requester.bare, []).append(session)
        self._ofDomain.setdefault(requester.domain, OrderedDict())[session.id] = session
        return session

    def get(self, id: str, host: str, node: str, requester: Address) -> Session:
        """
        The session of this id.

        :raises BadCommand: it is not the requester's; there never was one, as far as others can tell.
        :raises SessionExpired: it is over.
        """
        self._endOverdue()
        session = self._open.get(id)
        if session is not None and session.belongsTo(host, node, requester):
            return session
        ended = self._ended.get(id)
        if ended is not None and ended.belongsTo(host, node, requester):
            raise SessionExpired("the session is over")
        raise BadCommand("bad-sessionid", "there is no such session")

    def end(self, session: Session) -> None:
        """
        It is done, or given up.
        """
        if self._open.pop(session.id, None) is None:
            return
        ofAccount = self._ofAccount[session.requester.bare]
        ofAccount.remove(session)
        if not ofAccount:
            del self._ofAccount[session.requester.bare]
        ofDomain = self._ofDomain[session.requester.domain]
        del ofDomain[session.id]
        if not ofDomain:
            del self._ofDomain[session.requester.domain]
        self._ended[session.id] = session
        if len(self._ended) > self._remembered:
            self._ended.popitem(last=False)

    def _endOverdue(self) -> None:
        now = self._clock.seconds()
        while self._open:
            oldest = next(iter(self._open.values()))
            if oldest.deadline > now:
                return
            self.end(oldest)


def newSessionId() -> str:
    """
    A name for a session that nobody can guess.
    """
    return token_hex(16)
