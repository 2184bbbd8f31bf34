"""
Attempts: hands notifications to their provider and says what became of them.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Mapping

from twisted.internet.defer import CancelledError
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from pushsvc.apps import App
from pushsvc.concealed import concealed
from pushsvc.delivery.alarms import Alarms
from pushsvc.delivery.backoff import Backoff
from pushsvc.delivery.dismissals import Dismissals
from pushsvc.delivery.patience import Patience
from pushsvc.delivery.verdict import DELIVERED, DISCARDED, Verdict, ofError, ofGone
from pushsvc.errors import BadRequest, DeliveryError, DeviceGone, ProviderDown, ProviderRefused
from pushsvc.ipushsvc import IVerdicts
from pushsvc.model import Waiting
from pushsvc.targets import isOfPublish

# Seconds after which a provider that has not answered is not waited for any longer.
PATIENCE = 60.0
# Lanes of which it is remembered what their networks said of devices.
REMEMBERED = 4096


class Attempts:
    """
    What the networks say, app by app: counted, believed or doubted, and told to the operator when it is their move.

    :ivar counts: (app, word of the verdict) to how often.
    :ivar underWay: app to how many it is waiting for an answer to.
    :ivar tell: told of each verdict: the key of the target, and the word.
    """

    log = Logger()

    def __init__(
        self, apps: Mapping[str, App], verdicts: IVerdicts, clock: IReactorTime, backoff: Backoff | None = None
    ) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.underWay: Counter[str] = Counter()
        self.tell: Callable[[str, str], None] = lambda key, word: None
        self._apps = apps
        self._verdicts = verdicts
        self._patience = Patience(clock, PATIENCE)
        self._backoff = backoff or Backoff()
        # By lane; apart from those that were registered are those of which anybody may say that they are devices.
        self._dismissals: OrderedDict[str, Dismissals] = OrderedDict()
        self._alarms = Alarms(clock)
        # What is no alarm, but would fill the log.
        self._complaints = Alarms(clock)

    @property
    def alarms(self) -> Collection[tuple[str, str]]:
        """
        What the operator was told and has not passed yet, by app: ``refused``, ``dismissals``, ``unknown``.
        """
        return self._alarms.on

    async def attempt(self, waiting: Waiting) -> Verdict:
        """
        Hand one notification to its provider.

        :raises TryLater: storage trouble while a device was to be forgotten.
        """
        app = waiting.target.app
        self.underWay[app] += 1
        try:
            verdict = await self._judged(waiting)
        finally:
            self.underWay[app] -= 1
        self.counts[app, verdict.word] += 1
        self.tell(waiting.target.key, verdict.word)
        return verdict

    def refused(self, app: str, error: ProviderRefused) -> None:
        """
        The network does not take an app's credentials.
        """
        self._refused(app, app, error)

    def mended(self, app: str) -> None:
        """
        The network takes an app's credentials.
        """
        if self._alarms.ended(app, "refused"):
            self.log.info("{app}: the network accepts our credentials again", app=app)

    async def _judged(self, waiting: Waiting) -> Verdict:
        app = self._apps.get(waiting.target.app)
        if app is None:
            # The operator took the app out of the configuration, and may put it back.
            name = waiting.target.app
            self._alarm(name, name, "unknown", "{app}: notifications wait for an app that is not configured")
            return Verdict("unknown-app", self._backoff.delay(waiting.attempts), isWell=None)
        try:
            willArrive = await self._patience.of(
                app.provider.send(waiting.target, waiting.notification, waiting.pushId, waiting.expires)
            )
        except DeviceGone as e:
            return await self._gone(waiting, e)
        except DeliveryError as e:
            return self._trouble(waiting, e)
        except CancelledError:
            return self._trouble(waiting, ProviderDown("no answer in time", maybeSent=True))
        except GeneratorExit:
            raise
        except BaseException:
            # Of whatever kind: not for one provider's sake does anything else end.
            self.log.failure("{app}: the provider failed in a way that no provider may", concealed(), app=app.name)
            return Verdict("crashed", self._backoff.delay(waiting.attempts), isWell=None)
        self._dismissalsOf(waiting).answered(gone=False)
        if not self._alarms.areNone:
            self._relieve(waiting)
        return DELIVERED if willArrive else DISCARDED

    async def _gone(self, waiting: Waiting, error: DeviceGone) -> Verdict:
        dismissals = self._dismissalsOf(waiting)
        dismissals.answered(gone=True)
        if dismissals.incredible:
            self._alarm(
                waiting.target.app,
                _whoseDismissals(waiting),
                "dismissals",
                "{lane}: the network disowns most devices; none is forgotten until it knows some again. "
                "Is this the right environment, topic or project?",
            )
            return Verdict("doubted", self._backoff.delay(waiting.attempts))
        return ofGone(waiting, await self._verdicts.gone(waiting.target, error.since), self._backoff)

    def _trouble(self, waiting: Waiting, error: DeliveryError) -> Verdict:
        app, lane = waiting.target.app, waiting.lane
        if isinstance(error, ProviderRefused):
            self._refused(app, lane, error)
        elif isinstance(error, BadRequest) and (lane == app or self._complaints.raised(app, lane, "bad-request")):
            self.log.error("{app}: the network does not understand us: {reason}", app=app, reason=str(error))
        return ofError(error, waiting, self._backoff)

    def _dismissalsOf(self, waiting: Waiting) -> Dismissals:
        # Those of one lane: whoever names a server may have it disown whom it likes, and that says nothing of others.
        which = _whoseDismissals(waiting)
        dismissals = self._dismissals.get(which)
        if dismissals is None:
            dismissals = self._dismissals[which] = Dismissals()
            if len(self._dismissals) > REMEMBERED:
                self._dismissals.popitem(last=False)
        elif len(self._dismissals) > 1:
            self._dismissals.move_to_end(which)
        return dismissals

    def _refused(self, app: str, lane: str, error: ProviderRefused) -> None:
        said = "{app}: the network refuses our credentials: {reason}"
        self._alarm(app, lane, "refused", said, reason=str(error))

    def _alarm(self, app: str, lane: str, what: str, format: str, **fields: str) -> None:
        if self._alarms.raised(app, lane, what):
            self.log.critical(format, app=app, lane=lane, **fields)

    def _relieve(self, waiting: Waiting) -> None:
        app, lane, disowned = waiting.target.app, waiting.lane, _whoseDismissals(waiting)
        # What one lane takes, the app itself has credentials for.
        passed = [self._alarms.passed(app, which, "refused") for which in {lane, app}]
        if self._alarms.isRaised(app, disowned, "dismissals") and not self._dismissalsOf(waiting).incredible:
            passed.append(self._alarms.passed(app, disowned, "dismissals"))
        if any(passed):
            self.log.info("{lane}: the network accepts our pushes again", app=app, lane=lane)


def _whoseDismissals(waiting: Waiting) -> str:
    return f"{waiting.lane} (tokens of publishes)" if isOfPublish(waiting.target) else waiting.lane
