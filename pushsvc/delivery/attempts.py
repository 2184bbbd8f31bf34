"""
Attempts: hands notifications to their provider and says what became of them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from pushsvc.apps import App
from pushsvc.concealed import concealed
from pushsvc.delivery.backoff import Backoff
from pushsvc.delivery.dismissals import Dismissals
from pushsvc.delivery.verdict import Verdict, ofError, ofGone
from pushsvc.errors import BadRequest, DeliveryError, DeviceGone, ProviderDown, ProviderRefused
from pushsvc.ipushsvc import IVerdicts
from pushsvc.model import Waiting

# Seconds after which a provider that has not answered is not waited for any longer.
PATIENCE = 60.0


class Attempts:
    """
    What the networks say, app by app: counted, believed or doubted, and told to the operator when it is their move.

    :ivar counts: (app, word of the verdict) to how often.
    :ivar underWay: app to how many it is waiting for an answer to.
    """

    log = Logger()

    def __init__(
        self, apps: Mapping[str, App], verdicts: IVerdicts, clock: IReactorTime, backoff: Backoff | None = None
    ) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.underWay: Counter[str] = Counter()
        self._apps = apps
        self._verdicts = verdicts
        self._clock = clock
        self._backoff = backoff or Backoff()
        self._dismissals: defaultdict[str, Dismissals] = defaultdict(Dismissals)
        self._alarmed: set[tuple[str, str]] = set()

    @property
    def alarms(self) -> Collection[tuple[str, str]]:
        """
        What the operator was told and has not passed yet, by app: ``refused``, ``dismissals``, ``unknown``.
        """
        return self._alarmed

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
        return verdict

    async def _judged(self, waiting: Waiting) -> Verdict:
        app = self._apps.get(waiting.target.app)
        if app is None:
            # The operator took the app out of the configuration, and may put it back.
            self._alarm(waiting.target.app, "unknown", "{app}: notifications wait for an app that is not configured")
            return Verdict("unknown-app", self._backoff.delay(waiting.attempts))
        try:
            willArrive = await self._send(app, waiting)
        except DeviceGone as e:
            return await self._gone(waiting, e)
        except DeliveryError as e:
            return self._trouble(waiting, e)
        except Exception:
            self.log.failure("{app}: the provider failed in a way that no provider may", concealed(), app=app.name)
            return Verdict("crashed", self._backoff.delay(waiting.attempts))
        self._dismissals[app.name].answered(gone=False)
        self._relieve(app.name)
        return Verdict("delivered" if willArrive else "discarded")

    async def _send(self, app: App, waiting: Waiting) -> bool:
        sending = Deferred.fromCoroutine(
            app.provider.send(waiting.target, waiting.notification, waiting.pushId, waiting.expires)
        )
        try:
            return await sending.addTimeout(PATIENCE, self._clock)
        except (DeferredTimeout, CancelledError):
            raise ProviderDown("no answer in time", maybeSent=True) from None

    async def _gone(self, waiting: Waiting, error: DeviceGone) -> Verdict:
        app = waiting.target.app
        dismissals = self._dismissals[app]
        dismissals.answered(gone=True)
        if dismissals.incredible:
            self._alarm(
                app,
                "dismissals",
                "{app}: the network disowns most devices; none is forgotten until it knows some again. "
                "Is this the right environment, topic or project?",
            )
            return Verdict("doubted", self._backoff.delay(waiting.attempts))
        return ofGone(waiting, await self._verdicts.gone(waiting.target, error.since), self._backoff)

    def _trouble(self, waiting: Waiting, error: DeliveryError) -> Verdict:
        app = waiting.target.app
        if isinstance(error, ProviderRefused):
            self._alarm(app, "refused", "{app}: the network refuses our credentials: {reason}", reason=str(error))
        elif isinstance(error, BadRequest):
            self.log.error("{app}: the network does not understand us: {reason}", app=app, reason=str(error))
        return ofError(error, waiting, self._backoff)

    def _alarm(self, app: str, what: str, format: str, **fields: str) -> None:
        # Once: an operator needs to be told, not to be drowned.
        if (app, what) not in self._alarmed:
            self._alarmed.add((app, what))
            self.log.critical(format, app=app, **fields)

    def _relieve(self, app: str) -> None:
        for what in ("refused", "dismissals"):
            if (app, what) in self._alarmed and not (what == "dismissals" and self._dismissals[app].incredible):
                self._alarmed.discard((app, what))
                self.log.info("{app}: the network accepts our pushes again", app=app)
