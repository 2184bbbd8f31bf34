"""
The requests that are on one connection.
"""

from typing import Any

from twisted.internet.interfaces import IReactorTime

from pushsvc.exchange import AnswerTooLarge, ConnectionBroke, ExchangeFailed
from pushsvc.httpclient.http2.allowance import Allowance
from pushsvc.httpclient.http2.asking import Asking
from pushsvc.httpclient.http2.conduct import Conduct
from pushsvc.httpclient.http2.engine import Answered, Code, Data, Ended, Reset
from pushsvc.httpclient.http2.outgoing import Outgoing
from pushsvc.httpclient.http2.owner import Owner
from pushsvc.httpclient.http2.tuning import Tuning


class Streams:
    """
    Each request on a stream of its own; and what becomes of it.

    :ivar asked: them, by the numbers of their streams.
    :ivar limit: how many there may be, as was promised.
    :ivar idleSince: since when there has been none.

    :param session: whose streams they are.
    """

    def __init__(
        self,
        session: Any,
        owner: Owner,
        engine: Any,
        outgoing: Outgoing,
        conduct: Conduct,
        clock: IReactorTime,
        tuning: Tuning,
    ) -> None:
        self.idleSince = clock.seconds()
        self._session = session
        self._owner = owner
        self._engine = engine
        self._outgoing = outgoing
        self._conduct = conduct
        self._clock = clock
        self._most = tuning.streams
        self._allowance = Allowance(tuning.streams)
        self.limit = 0
        self.asked: dict[int, Asking] = {}

    def changed(self) -> None:
        """
        Something else may be promised.
        """
        self.limit = min(self._engine.limit, self._most)

    @property
    def room(self) -> int:
        """
        How many more would be taken: fewer than promised, where promises were not kept.
        """
        kept = self._allowance.now
        return (self.limit if self.limit < kept else kept) - len(self.asked)

    def has(self, asking: Asking) -> bool:
        """
        Whether this is one of them.
        """
        return self.asked.get(asking.stream) is asking

    def open(self, asking: Asking) -> None:
        """
        One more. There has to be room.
        """
        asking.session = self._session
        asking.since = self._clock.seconds()
        asking.stream = self._engine.open(asking.headers, not asking.body)
        self.asked[asking.stream] = asking
        self._outgoing.add(asking)

    def reset(self, asking: Asking) -> None:
        """
        Nobody wants the answer.
        """
        self._remove(asking)
        self._engine.reset(asking.stream, Code.CANCEL)

    def happened(self, event: Answered | Data | Ended | Reset) -> None:
        """
        The other side says something of one of them.
        """
        asking = self.asked.get(event.stream)
        if asking is None:
            return
        if isinstance(event, Answered):
            asking.begun(event.status, event.headers)
            if event.ends:
                self._ended(asking)
            else:
                self._conduct.spoke()
            return
        if isinstance(event, Ended):
            self._ended(asking)
            return
        self._conduct.spoke()
        if isinstance(event, Data):
            try:
                asking.continued(event.data)
            except AnswerTooLarge as e:
                self.reset(asking)
                asking.failed(e)
        else:
            self._wasReset(asking, event.code)

    def goneAbove(self, last: int, why: str) -> None:
        """
        Nothing of those above this one was processed.
        """
        for asking in [asking for stream, asking in self.asked.items() if stream > last]:
            if self.has(asking):
                # Nothing is said to the other side of these: it may not know their numbers.
                self._remove(asking)
                self._unprocessed(asking, why)

    def broke(self, error: ExchangeFailed) -> None:
        """
        There is no connection any more.

        :param error: what to tell of those that may have reached the other side.
        """
        asked, self.asked = self.asked, {}
        for asking in asked.values():
            if self._outgoing.wasWritten(asking):
                asking.failed(type(error)(str(error), error.maybeSent))
            else:
                self._owner.unprocessed(asking)

    def _ended(self, asking: Asking) -> None:
        self._remove(asking)
        if not asking.sentWhole:
            # Whoever answers early does not want the rest.
            self._engine.reset(asking.stream, Code.CANCEL)
        self._allowance.answered()
        if self._conduct.answered(asking.status):
            self._owner.answered(self._session)
        asking.ended()

    def _wasReset(self, asking: Asking, code: int) -> None:
        self._remove(asking)
        if code == Code.REFUSED_STREAM:
            self._allowance.refused(len(self.asked))
            asking.refusedBy = self._session
            self._unprocessed(asking, "")
        else:
            asking.failed(ConnectionBroke(f"the request was reset (code {code})", maybeSent=True))

    def _unprocessed(self, asking: Asking, why: str) -> None:
        if asking.begins:
            # Whoever says so of what it has begun to answer cannot be believed.
            asking.failed(ConnectionBroke("an answer that was taken back", maybeSent=True))
        else:
            asking.why = why
            self._owner.unprocessed(asking)

    def _remove(self, asking: Asking) -> None:
        del self.asked[asking.stream]
        self._outgoing.remove(asking)
        if not self.asked:
            self.idleSince = self._clock.seconds()
