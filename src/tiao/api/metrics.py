"""What Prometheus may know: counts, times and sizes by route, never by person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from tiao.checkout.desk import Answer, Desk
from tiao.checkout.model import Order
from tiao.checkout.offers import OfferBook
from tiao.checkout.screening import Screen
from tiao.runtime.db import Database
from tiao.runtime.programme import MomentSource

MEDIA_TYPE = "text/plain; version=0.0.4"
#: From what a read takes in memory to what a caller still waits for.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The figures of one process; each has its own registry, so that two apps in a process stay apart."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tiao_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "tiao_request_seconds", "Time to answer.", ["method", "route"], buckets=_SECONDS, registry=self.registry
        )
        #: By method, route and status, whose values are few: looking them up costs more than counting.
        self._of: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.authorisations = Histogram(
            "tiao_authorisation_set_size",
            "Purchases decided in one transaction.",
            buckets=_SIZES,
            registry=self.registry,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request and the time it took."""
        found = self._of.get((method, route, status))
        if found is None:
            found = self.requests.labels(method, route, str(status)), self.seconds.labels(method, route)
            self._of[(method, route, status)] = found
        count, histogram = found
        count.inc()
        histogram.observe(seconds)

    def watch(self, databases: Sequence[Database]) -> None:
        """Show the state of the connection pools, by the number of their server."""
        self.registry.register(_Pool(databases))

    def page(self) -> bytes:
        """Write everything in Prometheus's text format."""
        return generate_latest(self.registry)


class MeasuredDesk(Desk):
    """A desk that notes how many purchases it decides together."""

    def __init__(
        self, db: Database, moments: MomentSource, book: OfferBook, metrics: Metrics, screen: Screen | None
    ) -> None:
        super().__init__(db, moments, book, screen=screen)
        self._metrics = metrics

    async def decide(self, orders: Sequence[Order]) -> list[Answer]:
        """Decide a set, and note its size."""
        self._metrics.authorisations.observe(len(orders))
        return await super().decide(orders)


class _Pool(Collector):
    def __init__(self, databases: Sequence[Database]) -> None:
        self._databases = databases

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily("tiao_pool", "The database connections of this process.", labels=["shard", "figure"])
        for number, db in enumerate(self._databases):
            stats = db.pool.get_stats()
            for name in ("pool_size", "pool_available", "requests_waiting", "requests_num", "requests_errors"):
                family.add_metric([str(number), name], stats.get(name, 0))
        yield family
