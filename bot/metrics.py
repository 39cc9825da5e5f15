"""What is counted, for Prometheus: never who or what, only how many and how long.

Each process counts in memory and adds its counts to one table in Redis every second. Any web part shows the sum of all
processes, so that workers need no port of their own and a restart starts nothing from zero.
"""

import asyncio
import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, Protocol

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.errors import StoreUnavailable

log = structlog.get_logger()

SECONDS: Final = 1.0
BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)  # seconds

COUNTERS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "motcua_events": ("What platforms brought, by what they were answered", ("channel", "status")),
    "motcua_turns": ("Messages of citizens, by what became of them", ("channel", "language", "decision")),
    "motcua_sends": ("Messages to citizens, by whether the platform took them", ("channel", "outcome")),
}
SECONDS_OF_A_TURN: Final = "motcua_turn_seconds"
GAUGES: Final[dict[str, str]] = {
    "motcua_workers": "Worker processes that are alive",
    "motcua_waiting": "Conversations that have mail and no worker yet",
    "motcua_parked": "Conversations that must wait for a platform",
    "motcua_set_aside": "Messages that nobody could answer, of the last week",
    "motcua_troubles": "Platforms that need an admin before anything can be sent",
    "motcua_nlu_up": "Whether the NLU server answers",
    "motcua_content_problems": "Mistakes in the newest content files",
}


class Counts(Protocol):
    """The table of all processes."""

    async def add(self, counts: Mapping[str, float]) -> None: ...
    async def all(self) -> dict[str, float]: ...


def key_of(name: str, *labels: str) -> str:
    """Under which a counter stands in the table; `labels` in the order of COUNTERS."""
    return json.dumps([name, *labels])


class Tally:
    """The counts of this process since they were last added to the table."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, name: str, *labels: str, by: float = 1.0) -> None:
        """One more of a counter, or `by` more."""
        self._counts[key_of(name, *labels)] += by  # type: ignore[assignment]

    def turn(self, channel: str, language: str, decision: str, seconds: float) -> None:
        """A message was answered."""
        self.add("motcua_turns", channel, language, decision)
        self.add(SECONDS_OF_A_TURN, channel, str(bisect_left(BUCKETS, seconds)))
        self.add(SECONDS_OF_A_TURN, channel, "sum", by=seconds)

    async def flush(self, table: Counts) -> None:
        """Add what was counted to the table; what cannot be added is kept."""
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            await table.add(counts)
        except StoreUnavailable as error:
            self._counts.update(counts)
            log.warning("metrics.not_added", error=str(error))

    async def run(self, table: Counts) -> None:
        """Until cancelled; the last counts are added too."""
        try:
            while True:
                await asyncio.sleep(SECONDS)
                await self.flush(table)
        finally:
            await asyncio.shield(self.flush(table))


def exposition(counts: Mapping[str, float], gauges: Mapping[str, float]) -> bytes:
    """The text that Prometheus reads."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Shown(counts, gauges))
    return generate_latest(registry)


class _Shown(Collector):
    def __init__(self, counts: Mapping[str, float], gauges: Mapping[str, float]) -> None:
        self._counts = {tuple(json.loads(key)): value for key, value in counts.items()}
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        for name, (words, labels) in COUNTERS.items():
            counter = CounterMetricFamily(name, words, labels=labels)
            for (counted, *values), number in sorted(self._counts.items()):
                if counted == name:
                    counter.add_metric(values, number)
            yield counter
        seconds = HistogramMetricFamily(SECONDS_OF_A_TURN, "From a message taken to its reply made", labels=["channel"])
        for channel in sorted({key[1] for key in self._counts if key[0] == SECONDS_OF_A_TURN}):
            seconds.add_metric([channel], *self._histogram(channel))
        yield seconds
        for name, value in self._gauges.items():
            yield GaugeMetricFamily(name, GAUGES[name], value)

    def _histogram(self, channel: str) -> tuple[list[tuple[str, float]], float]:
        """Cumulative buckets and the sum of seconds."""
        total, buckets = 0.0, []
        for number, bound in enumerate([*map(str, BUCKETS), "+Inf"]):
            total += self._counts.get((SECONDS_OF_A_TURN, channel, str(number)), 0.0)
            buckets.append((bound, total))
        return buckets, self._counts.get((SECONDS_OF_A_TURN, channel, "sum"), 0.0)
