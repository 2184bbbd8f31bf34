"""
The way from one domain of ours to one of others: the stream, what waits for it, and when it is worth another try.
"""

import random
from collections.abc import Awaitable, Callable

from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.internet.defer import TimeoutError as TooLate
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.words.protocols.jabber.error import StanzaError
from twisted.words.protocols.jabber.xmlstream import TimeoutError as NoAnswer
from twisted.words.xish.domish import Element

from pushsvc.concealed import concealed
from pushsvc.links.s2s.approach import Disbelieved, Unreached
from pushsvc.links.s2s.dialback import Pair
from pushsvc.links.s2s.domains import LookupTrouble, NoSuchDomain
from pushsvc.links.s2s.ourselves import Ourselves
from pushsvc.links.s2s.outages import Outages
from pushsvc.links.s2s.peerstream import PeerStream
from pushsvc.links.s2s.waiting import DISBELIEVED, NOT_FOUND, TIMEOUT, TOO_MUCH, Letter, Room, Trouble, Waiting

Open = Callable[[Pair], Awaitable[PeerStream]]
Ping = Callable[[Pair, PeerStream], "Deferred[Element]"]
Bounce = Callable[[Letter, Trouble], object]


class Route:
    """
    One way.

    :ivar pair: from where to where.
    """

    log = Logger()

    def __init__(
        self,
        pair: Pair,
        ourselves: Ourselves,
        open: Open,
        ping: Ping,
        bounce: Bounce,
        room: Room,
        randomly: Callable[[], float] = random.random,
        outages: Outages | None = None,
    ) -> None:
        """
        :param open: makes a stream.
        :param ping: asks the other side whether it is there, on this stream.
        :param bounce: sends a stanza back.
        :param room: shared by all routes.
        :param outages: too.
        """
        self.pair = pair
        self._settings = ourselves.settings
        self._clock = ourselves.clock
        self._open = open
        self._ping = ping
        self._bounce = bounce
        self._random = randomly
        self._outages = outages or Outages(self._clock)
        self._waiting = Waiting(self._settings.maxWaiting, self._settings.maxWaitingSize, room)
        self._stream: PeerStream | None = None
        self._opening: Deferred[None] | None = None
        self._asked: PeerStream | None = None  # whether it is still there
        self._failures = 0
        self._stalls = 0
        self._retryAt = 0.0
        self._pardonedAt: float | None = None
        self._trouble = TIMEOUT

    def send(self, letter: Letter, isProofOfLife: bool = False) -> None:
        """
        Send a stanza, now or as soon as there is a stream.

        :param isProofOfLife: the other side has asked whether we are there. If that waited until we know that it is,
            two of our kind would wait for each other.
        """
        if self._stream is not None and not self._stream.usable:
            # On its way out.
            self._stream = None
        stream = self._stream
        if stream is not None and self._isReady(stream, isProofOfLife):
            stream.send(letter.text)
        elif stream is None and self._opening is None and self._isResting():
            self._bounce(letter, self._trouble)
        elif not self._waiting.add(letter, self._clock.seconds()):
            self._bounce(letter, TOO_MUCH)
        elif stream is None and self._opening is None:
            self._dial()

    def attach(self, stream: PeerStream) -> None:
        """
        From now on stanzas leave by this stream. The newest wins: who comes back after a crash has forgotten the
        former, which still looks alive to us.
        """
        self._stream = stream
        self._recovered()
        stream.ends.append(self._lost)
        stream.drains.append(self._drained)
        self._flush()

    def heardOf(self) -> None:
        """
        The other side is there: it has come to us. What was held against it is forgotten; but not each time, or who
        comes again and again has us go again and again.
        """
        now = self._clock.seconds()
        if self._pardonedAt is None or not 0 <= now - self._pardonedAt < self._settings.longestDelay:
            self._pardonedAt = now
            self._retryAt = 0.0

    def expire(self) -> None:
        """
        What has waited for too long comes back: whoever wanted it has stopped waiting.
        """
        since = self._clock.seconds() - self._settings.maxWaitingTime
        while self._waiting and self._waiting.since <= since:
            self._bounce(self._waiting.pop(), TIMEOUT)

    def stop(self) -> None:
        """
        No further attempts; what waits leaves if it can, else it comes back.
        """
        if self._opening is not None:
            self._opening.cancel()
        while self._waiting and self._stream is not None and self._stream.usable:
            self._stream.send(self._waiting.pop().text)
        self._stream = None
        self._return(TIMEOUT)

    @property
    def isForgettable(self) -> bool:
        """
        Whether nothing would be different without it.
        """
        isResting = self._stream is None and self._opening is None and not self._waiting
        return isResting and self._clock.seconds() >= self._retryAt + self._settings.longestDelay * bool(self._failures)

    def _isResting(self) -> bool:
        # It rests no longer than that, but for what times are rounded by, unless the clock was set back.
        rest: float = self._retryAt - self._clock.seconds()
        return 0 < rest < self._settings.longestDelay + 1

    def _isReady(self, stream: PeerStream, isProofOfLife: bool) -> bool:
        if isProofOfLife and not stream.congested:
            return True
        if self._waiting or stream.congested or stream is self._asked:
            return False
        if 0 <= self._clock.seconds() - max(stream.heardAt, stream.saidAt) <= self._settings.quiet:
            return True
        # Whether anybody is there the connection does not tell, and what is written to nobody is lost.
        self._asked = stream
        self._ping(self.pair, stream).addCallbacks(lambda _: self._alive(stream), self._silent, errbackArgs=(stream,))
        return False

    def _alive(self, stream: PeerStream) -> None:
        if self._asked is stream:
            self._asked = None
        self._flush()

    def _silent(self, reason: Failure, stream: PeerStream) -> None:
        if isinstance(reason.value, StanzaError):
            # That it does not know what a ping is is an answer.
            self._alive(stream)
            return
        if self._asked is stream:
            self._asked = None
        if isinstance(reason.value, NoAnswer) and stream.usable:
            stream.hangUp("it does not answer")

    def _flush(self) -> None:
        stream = self._stream
        if stream is None or stream is self._asked:
            return
        while self._waiting and stream.usable and not stream.congested:
            stream.send(self._waiting.pop().text)

    def _lost(self, stream: PeerStream) -> None:
        if stream is not self._stream:
            return
        self._stream = None
        if self._opening is not None:
            return
        if stream.congested:
            # It would have the next one filled as well. That it lets us in is no sign that it reads.
            self._failures = max(self._failures, self._stalls)
            self._stalls += 1
            self._failed(TIMEOUT, "it does not read")
        elif self._waiting:
            self._dial()

    def _drained(self) -> None:
        self._stalls = 0
        self._flush()

    # Opening

    def _dial(self) -> None:
        opening = ensureDeferred(self._reach())
        if not opening.called:
            self._opening = opening

    async def _reach(self) -> None:
        trouble, why = TIMEOUT, ""
        try:
            stream = await self._open(self.pair)
        except CancelledError:
            self._opening = None
            return
        except NoSuchDomain as e:
            trouble, why = NOT_FOUND, str(e)
        except Disbelieved as e:
            trouble, why = DISBELIEVED, str(e)
        except (LookupTrouble, Unreached) as e:
            why = str(e)
        except TooLate:
            why = "no stream in time"
        except Exception:
            self.log.failure("{remote}: it could not be reached: this is a bug", concealed(), remote=self.pair.remote)
        else:
            self._opening = None
            self.attach(stream)
            return
        self._opening = None
        self._failed(trouble, why)

    def _failed(self, trouble: Trouble, why: str) -> None:
        if self._stream is not None:
            # It came to us meanwhile.
            return
        self._failures += 1
        delay = min(self._settings.firstDelay * 2.0 ** min(self._failures - 1, 30), self._settings.longestDelay)
        # Between half of it and all of it: what broke together does not come back together.
        delay = max(self._settings.firstDelay, delay * (1 + self._random()) / 2)
        self._retryAt = self._clock.seconds() + delay
        self._trouble = trouble
        self._outages.began(self.pair, why)
        self._return(trouble)

    def _recovered(self) -> None:
        if self._failures:
            self._outages.ended(self.pair)
        self._failures = 0
        self._retryAt = 0.0

    def _return(self, trouble: Trouble) -> None:
        while self._waiting:
            self._bounce(self._waiting.pop(), trouble)
