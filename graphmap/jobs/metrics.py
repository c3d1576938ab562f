"""What runs by itself, for Prometheus: asked of ledger and lake at each scrape, so it outlives every process."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from graphmap.errors import GraphmapError
from graphmap.jobs.scheduler import DAEMON
from graphmap.store.lake import Lake
from graphmap.store.ledger import Ledger, RunState
from graphmap.watch.standing import standings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphmap.config import Settings
    from graphmap.store.ledger import Run
    from graphmap.watch.standing import Standing


class Collector:
    """Gives the metrics of a home folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now; those that cannot be read are left out, and ``graphmap_up`` is 0."""
        up = GaugeMetricFamily("graphmap_up", "Whether ledger and lake could be read (1) or not (0).")
        try:
            found = [*self._of_runs(), *self._of_alerts(), *self._of_watches(), *self._of_lake()]
        except GraphmapError:
            found = []
        up.add_metric([], float(bool(found)))
        yield up
        yield from found

    def _of_runs(self) -> Iterator[Metric]:
        with Ledger(self._settings.ledger) as ledger:
            runs, schedule, leader = ledger.last_runs(), ledger.schedule(), ledger.holder(DAEMON)
            findings = ledger.count_findings()
        yield GaugeMetricFamily(
            "graphmap_daemon_leads", "Whether some daemon schedules jobs (1) or none (0).", float(leader is not None)
        )
        yield GaugeMetricFamily("graphmap_findings", "Findings in the ledger.", findings)
        numbers: dict[str, tuple[str, Callable[[Run], float | None]]] = {
            "last_start_timestamp_seconds": (
                "When the last run of the job began.",
                lambda run: run.started.timestamp(),
            ),
            "last_duration_seconds": (
                "How long the last run of the job took.",
                lambda run: (run.ended - run.started).total_seconds() if run.ended else None,
            ),
            "last_success": (
                "Whether the last run of the job that ended did all it had to (1) or not (0).",
                lambda run: None if run.state is RunState.RUNNING else float(run.state is RunState.DONE),
            ),
        }
        for name, (text, value) in numbers.items():
            family = GaugeMetricFamily(f"graphmap_job_{name}", text, labels=["job"])
            for job, run in sorted(runs.items()):
                if (number := value(run)) is not None:
                    family.add_metric([job], number)
            yield family
        counts = GaugeMetricFamily(
            "graphmap_job_last_count", "What the last run of the job counted.", labels=["job", "what"]
        )
        for job, run in sorted(runs.items()):
            for what, number in sorted(run.counts.items()):
                counts.add_metric([job, what], number)
        yield counts
        due = GaugeMetricFamily("graphmap_job_next_timestamp_seconds", "When the job is due next.", labels=["job"])
        for job, (_, following) in sorted(schedule.items()):
            if following is not None:
                due.add_metric([job], following.timestamp())
        yield due

    def _of_alerts(self) -> Iterator[Metric]:
        with Ledger(self._settings.ledger) as ledger:
            counted = ledger.count_deliveries()
        family = GaugeMetricFamily(
            "graphmap_deliveries", "Alerts by output and by what became of them.", labels=["output", "state"]
        )
        for (output, state), number in sorted(counted.items()):
            family.add_metric([output, state.value], number)
        yield family

    def _of_watches(self) -> Iterator[Metric]:
        found = standings(self._settings)
        numbers: dict[str, tuple[str, Callable[[Standing], float]]] = {
            "up": (
                "Whether the watch goes on (1), or waits, was stopped or is gone (0).",
                lambda one: float(one.state in {"following", "reading"}),
            ),
            "behind_bytes": ("Bytes of its logs that were not read.", lambda one: one.behind),
            "lag_seconds": (
                "How long a line of the last batch was there before it was in the lake.",
                lambda one: one.lag,
            ),
            "lines": ("Lines that it has read since it was started.", lambda one: one.lines),
            "rejects": ("Lines of them that were not understood.", lambda one: one.rejects),
            "dropped": (
                "Datagrams that the system dropped for want of room.",
                lambda one: sum(listener["dropped"] or 0 for listener in one.listeners),
            ),
        }
        for name, (text, value) in numbers.items():
            family = GaugeMetricFamily(f"graphmap_watch_{name}", text, labels=["watch"])
            for one in found:
                family.add_metric([one.name], value(one))
            yield family

    def _of_lake(self) -> Iterator[Metric]:
        snapshot = Lake(self._settings.lake).snapshot()
        yield GaugeMetricFamily("graphmap_lake_events", "Events in the lake.", snapshot.events)
        yield GaugeMetricFamily("graphmap_lake_files", "Files of the lake.", snapshot.files.height)
        last = snapshot.files["max.time"].max() if snapshot.files.height else None
        if isinstance(last, datetime):
            yield GaugeMetricFamily(
                "graphmap_lake_last_event_timestamp_seconds",
                "Time of the last event in the lake.",
                last.replace(tzinfo=last.tzinfo or UTC).timestamp(),
            )
        yield GaugeMetricFamily(
            "graphmap_disk_free_bytes",
            "Free on the disk of the home folder.",
            shutil.disk_usage(self._settings.home).free,
        )


def metrics_text(settings: Settings) -> tuple[bytes, str]:
    """The metrics of a home folder as they are now, in the text format of Prometheus, and its media type."""
    registry = CollectorRegistry()
    registry.register(Collector(settings))
    return generate_latest(registry), CONTENT_TYPE_LATEST
