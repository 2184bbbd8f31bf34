"""
Metrics, for Prometheus and whoever reads what it reads. docs/reference/metrics.md lists them.

They are put together when somebody asks; until then a push costs two numbers in a table. Labels are apps, hosts and
words of ours: never what a client or a server could invent.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from prometheus_client import ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from twisted.application.service import IService
from twisted.internet.interfaces import IReactorTime

from pushsvc import __version__
from pushsvc.apps import App
from pushsvc.delivery.attempts import Attempts
from pushsvc.delivery.delivery import Delivery
from pushsvc.hosts import ServedHost
from pushsvc.ipushsvc import IExpiring, ILink, IStorage
from pushsvc.web.census import Census, Censuses

Samples = Iterable[tuple[Sequence[str], float]]


class Metrics:
    """
    Reads what others count.
    """

    def __init__(
        self,
        storage: IStorage,
        delivery: Delivery,
        attempts: Attempts,
        apps: Mapping[str, App],
        hosts: Mapping[str, ServedHost],
        links: Sequence[ILink],
        clock: IReactorTime,
    ) -> None:
        self._storage = storage
        self._delivery = delivery
        self._attempts = attempts
        self._apps = apps
        self._hosts = hosts
        self._links = links
        self._clock = clock
        self._censuses = Censuses(storage, clock)
        self._process = ProcessCollector(registry=None)

    async def page(self, accept: str) -> tuple[bytes, str]:
        """
        All of them, and the content type of that.

        :param accept: what the asker takes.
        """
        try:
            write, contentType = choose_encoder(accept)
        except (TypeError, ValueError):
            # It reads versions that are none as it likes: who asks so gets what everybody understands.
            write, contentType = choose_encoder("")
        return write(_Collected(await self.families())), contentType

    async def families(self) -> list[Metric]:
        """
        All of them.
        """
        census = await self._censuses.latest()
        stored = [] if census is None else self._stored(census)
        return [
            InfoMetricFamily("pushsvc", "Which version runs.", {"version": __version__}),
            *self._publishes(),
            *self._pushes(),
            *stored,
            *self._storing(census is not None),
            *self._connections(),
            *self._process.collect(),
        ]

    def _publishes(self) -> Iterator[Metric]:
        answers = {(host, "accepted"): 0 for host in self._hosts}
        for name, host in self._hosts.items():
            answers.update(((name, _word(answer)), count) for answer, count in host.answers.items())
        yield _counter(
            "pushsvc_publishes", "Publishes, by how they were answered.", ("host", "answer"), answers.items()
        )

    def _pushes(self) -> Iterator[Metric]:
        # Made before something happens for the first time: else nobody could tell that it increased.
        verdicts = {(app, "delivered"): 0 for app in self._apps} | self._attempts.counts
        yield _counter("pushsvc_pushes", "Attempts, by what became of them.", ("app", "verdict"), verdicts.items())
        underWay = dict.fromkeys(self._apps, 0) | self._attempts.underWay
        yield _gauge("pushsvc_pushes_in_flight", "Attempts that wait for an answer.", ("app",), _keyed(underWay))
        merged = (((limit,), count) for limit, count in self._delivery.merged.items())
        yield _counter("pushsvc_publishes_merged", "Publishes that a limit made wait.", ("limit",), merged)
        shut = dict.fromkeys(self._apps, 0) | dict(self._delivery.shut)
        yield _gauge("pushsvc_lanes_shut", "Ways to a network that are left alone.", ("app",), _keyed(shut))
        dropped = self._delivery.expired
        yield _counter("pushsvc_pushes_expired", "Dropped after their ttl, undelivered.", (), [((), dropped)])
        alarms = [(alarm, 1.0) for alarm in sorted(self._attempts.alarms)]
        yield _gauge("pushsvc_alarm", "1 as long as an operator has to act.", ("app", "alarm"), alarms)

    def _stored(self, census: Census) -> Iterator[Metric]:
        registrations = dict.fromkeys(self._apps, 0) | dict(census.registrations)
        yield _gauge("pushsvc_registrations", "Devices that may be pushed to.", ("app",), _keyed(registrations))
        now = self._clock.seconds()
        depth = dict.fromkeys(self._apps, 0) | {app: found.count for app, found in census.outbox.items()}
        yield _gauge("pushsvc_outbox", "Accepted and not done with.", ("app",), _keyed(depth))
        age = dict.fromkeys(self._apps, 0.0)
        age |= {app: max(0.0, now - found.oldest) for app, found in census.outbox.items()}
        yield _gauge("pushsvc_outbox_oldest_seconds", "How old the oldest of it is.", ("app",), _keyed(age))

    def _storing(self, answers: bool) -> Iterator[Metric]:
        work = self._storage.work
        isUp = answers and work.trouble is None
        yield _gauge("pushsvc_storage_up", "1 if the storage answers, and keeps things.", (), [((), float(isUp))])
        for name, help, value in (
            ("batches", "Transactions of the storage.", work.batches),
            ("requests", "What was asked for in them.", work.requests),
            ("seconds", "How long they took.", work.seconds),
        ):
            yield _counter(f"pushsvc_storage_{name}", help, (), [((), value)])
        yield _gauge("pushsvc_storage_waiting", "Requests that wait for a transaction.", (), [((), work.waiting)])

    def _connections(self) -> Iterator[Metric]:
        up = [((str(IService(link).name),), float(link.trouble() is None)) for link in self._links]
        yield _gauge("pushsvc_link_up", "1 if stanzas can reach us by it.", ("link",), up)
        for label, name, holders in (
            ("app", "pushsvc_app_certificate_ends", [app.provider for app in self._apps.values()]),
            ("host", "pushsvc_host_certificate_ends", self._links),
        ):
            expiring = [IExpiring(holder) for holder in holders if IExpiring.providedBy(holder)]
            ends = {key: end for holder in expiring for key, end in holder.expires().items()}
            yield _gauge(f"{name}_timestamp_seconds", "When the certificate ends.", (label,), _keyed(ends))


class _Collected:
    """
    What was collected already, for prometheus_client.
    """

    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """
        Here it is.
        """
        return self._families


def _counter(name: str, help: str, labels: Sequence[str], samples: Samples) -> Metric:
    family = CounterMetricFamily(name, help, labels=labels)
    for values, count in samples:
        family.add_metric(values, count)
    return family


def _gauge(name: str, help: str, labels: Sequence[str], samples: Samples) -> Metric:
    family = GaugeMetricFamily(name, help, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family


def _keyed(values: Mapping[str, float]) -> Samples:
    return [((key,), value) for key, value in values.items()]


def _word(name: str) -> str:
    """
    ``WrongSecret`` is ``wrong-secret``.
    """
    return re.sub(r"(?<=[a-z])([A-Z])", r"-\1", name).lower()
