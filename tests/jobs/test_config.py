from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from graphmap.config import Settings, parse_zone
from graphmap.detect import DETECTORS
from graphmap.errors import InputError, QueryError
from graphmap.jobs.config import BUILT_IN, TASK_NAMES, Job, find_job, load_jobs
from graphmap.jobs.scheduler import next_due
from graphmap.jobs.tasks import TASKS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)


def write(settings: Settings, text: str) -> None:
    (settings.home / "graphmap.toml").write_text(text)


def test_what_is_built_in_names_what_exists(settings: Settings) -> None:
    assert load_jobs(settings) == {job.name: job for job in BUILT_IN}
    assert set(TASKS) == set(TASK_NAMES)
    assert {detector for job in BUILT_IN for detector in job.detectors} <= {detector.name for detector in DETECTORS}


def test_entries_change_what_is_built_in_and_add_to_it(settings: Settings) -> None:
    write(
        settings,
        """
        [jobs.chains]
        every = "15m"
        window = "7d"
        outputs = ["soc", "mail"]
        alerts_per_day = 20
        least_bits = 2.5

        [jobs.nightly]
        task = "ingest"
        cron = "30   3 * * 1-5"
        timezone = "Europe/Berlin"
        paths = ["/srv/logs"]
        time_limit = "4h"
        misfire = "skip"

        [alerts.soc]
        [alerts.mail]
        """,
    )
    jobs = load_jobs(settings)
    chains = next(job for job in BUILT_IN if job.name == "chains")
    minutes, week = timedelta(minutes=15), timedelta(days=7)
    assert jobs["chains"] == Job(
        "chains",
        "hunt",
        every=minutes,
        window=week,
        detectors=chains.detectors,
        outputs=("soc", "mail"),
        alerts_per_day=20,
        least_bits=2.5,
    )
    assert jobs["nightly"] == Job(
        "nightly", "ingest", cron="30 3 * * 1-5", timezone=parse_zone("Europe/Berlin"), paths=("/srv/logs",),
        time_limit=timedelta(hours=4), misfire="skip",
    )  # fmt: skip
    assert find_job(settings, "nightly") == jobs["nightly"]
    with pytest.raises(QueryError, match="no job 'nightlie'"):
        find_job(settings, "nightlie")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[jobs.mine]\nevery = '1h'", "jobs.mine: which task?"),
        ("[jobs.mine]\ntask = 'dance'", "jobs.mine.task: 'dance' is not known"),
        ("[jobs.hunt]\nevry = '1h'", "jobs.hunt.evry: no such key"),
        ("[jobs.hunt]\nevery = 3600", "jobs.hunt.every: must be text in quotes"),
        ("[jobs.hunt]\nevery = 'often'", "jobs.hunt.every: 'often' is no length of time"),
        ("[jobs.hunt]\nevery = '1h'\ncron = '0 3 * * *'", "jobs.hunt: both cron and every"),
        ("[jobs.hunt]\ncron = '0 3 * *'", "jobs.hunt.cron: '0 3 * *' has 4 fields"),
        ("[jobs.hunt]\ndetectors = ['spy']", "jobs.hunt.detectors: no 'spy' in graphmap.detectors"),
        ("[jobs.hunt]\ndetectors = []", "jobs.hunt.detectors: must be a list of texts"),
        ("[jobs.hunt]\noutputs = 'soc'", "jobs.hunt.outputs: must be a list of texts"),
        ("[jobs.hunt]\nalerts_per_day = true", "jobs.hunt.alerts_per_day: must be a whole number from 1 to 1,000,000"),
        ("[jobs.hunt]\nleast_bits = '4'", "jobs.hunt.least_bits: must be a number from 0 to 1,000"),
        ("[jobs.hunt]\nleast_bits = -0.1", "jobs.hunt.least_bits: must be a number from 0 to 1,000"),
        ("[jobs.compact]\nleast_bits = 4", "jobs.compact.least_bits: means nothing to compact"),
        ("[jobs.hunt]\noutputs = ['soc']", "jobs.hunt.outputs: there is no [alerts.soc]"),
        ("[jobs.hunt]\nalerts_per_day = 0", "jobs.hunt.alerts_per_day: must be a whole number from 1 to 1,000,000"),
        ("[jobs.hunt]\ntimezone = 'Mars/Olympus'", "jobs.hunt.timezone: no time zone 'Mars/Olympus'"),
        ("[jobs.hunt]\nmisfire = 'maybe'", "jobs.hunt.misfire: 'maybe' is not known"),
        ("[jobs.hunt]\npaths = ['x']", "jobs.hunt.paths: means nothing to hunt"),
        ("[jobs.compact]\nwindow = '1d'", "jobs.compact.window: means nothing to compact"),
        ("[jobs.retention]\nevery = '1d'", "jobs.retention: retention needs keep"),
        ("[jobs.mine]\ntask = 'ingest'", "jobs.mine: ingest needs paths"),
    ],
)
def test_an_entry_that_cannot_be_used_says_where(settings: Settings, text: str, message: str) -> None:
    write(settings, text)
    with pytest.raises(InputError) as error:
        load_jobs(settings)
    assert error.value.message == f"{settings.home / 'graphmap.toml'}: {message}"


@pytest.mark.parametrize(
    ("job", "now", "due"),
    [
        (Job("j", "hunt"), "2026-03-10T12:00:00Z", None),
        (Job("j", "hunt", every=timedelta(minutes=15)), "2026-03-10T12:00:01Z", "2026-03-10T12:15:00Z"),
        (Job("j", "hunt", every=timedelta(days=1)), "2026-03-10T12:00:00Z", "2026-03-11T00:00:00Z"),
        (Job("j", "hunt", cron="30 3 * * *"), "2026-03-10T12:00:00Z", "2026-03-11T03:30:00Z"),
        # 02:30 does not exist in Berlin on the day on which summer time begins
        (
            Job("j", "hunt", cron="30 3 * * *", timezone=parse_zone("Europe/Berlin")),
            "2026-03-28T12:00:00Z",
            "2026-03-29T01:30:00Z",
        ),
        (Job("j", "hunt", cron="0 12 * * mon"), "2026-03-10T12:00:00Z", "2026-03-16T12:00:00Z"),
    ],
)
def test_when_a_job_is_due(job: Job, now: str, due: str | None) -> None:
    found = next_due(job, datetime.fromisoformat(now))
    assert found == (None if due is None else datetime.fromisoformat(due))
    assert found is None or found.tzinfo is UTC


def test_a_cron_expression_that_nobody_can_read_is_named() -> None:
    with pytest.raises(InputError, match=r"job j: cron '61 \* \* \* \*'"):
        next_due(Job("j", "hunt", cron="61 * * * *"), datetime(2026, 3, 10, tzinfo=UTC))
