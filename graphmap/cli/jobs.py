"""Jobs: what runs by itself, when, and what became of it."""

from __future__ import annotations

import logging
import signal
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from graphmap.cli.hunt import FOUND
from graphmap.cli.logs import IN_PART
from graphmap.cli.options import Moment, author_option, home_option, json_option, limit_option, settings_of
from graphmap.cli.output import note, print_json, print_table
from graphmap.cli.progress import working

if TYPE_CHECKING:
    from graphmap.jobs.config import Job
    from graphmap.store.ledger import Run

BUSY = 75
"""Exit code where another process runs the job: EX_TEMPFAIL of sysexits.h."""


@click.group(invoke_without_command=True)
@home_option
@click.pass_context
def jobs(ctx: click.Context) -> None:
    """List the jobs, run one, see what became of them, or let them run by themselves.

    Jobs are named in graphmap.toml in the home folder (docs/jobs.md); some are built in.

    \b
    Examples:
      graphmap jobs
      graphmap jobs run hunt
      graphmap jobs history
      graphmap jobs daemon
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_jobs)


@jobs.command("list")
@json_option
@home_option
@click.pass_context
def list_jobs(ctx: click.Context, as_json: bool = False) -> None:
    """List the jobs: what each does, when it is due, and how its last run ended.

    \b
    Examples:
      graphmap jobs list
      graphmap jobs list --json
    """
    from graphmap.jobs.config import load_jobs
    from graphmap.jobs.scheduler import DAEMON, next_due
    from graphmap.store.ledger import Ledger
    from graphmap.store.ledger.owners import shown_name

    settings = settings_of(ctx)
    found = load_jobs(settings)
    with Ledger(settings.ledger) as ledger:
        last, schedule, leader = ledger.last_runs(), ledger.schedule(), ledger.holder(DAEMON)
    now = datetime.now(UTC)
    rows = []
    for job in found.values():
        trigger, kept = schedule.get(job.name, (None, None))
        due = kept if leader is not None and trigger == job.trigger else next_due(job, now)
        rows.append((job, due, last.get(job.name)))
    if as_json:
        print_json({**_job(job), "next": due, "last": run and _document(run)} for job, due, run in rows)
        return
    print_table(
        [(job.name, job.task, _when(job), due, run and run.started, run and run.state) for job, due, run in rows],
        ("job", "task", "when", "next", "last", "state"),
        total=len(rows),
    )
    scheduled = any(job.trigger for job, _, _ in rows)
    if leader is not None:
        note(f"scheduled by {shown_name(leader)}")
    elif scheduled:
        note("nothing schedules them: graphmap jobs daemon does")
    else:
        note(f"none has a schedule: {settings.home / 'graphmap.toml'} may give them one (docs/jobs.md)")


@jobs.command()
@click.argument("name", metavar="NAME")
@click.option("--due", type=Moment(), help="The moment of a schedule that this run is for: it is run once.")
@click.option("--exit-code", is_flag=True, help=f"Exit with {FOUND} where something told is new or has changed.")
@click.option("--quiet", is_flag=True, help="Say nothing but errors.")
@json_option
@home_option
@click.pass_context
def run(ctx: click.Context, name: str, due: datetime | None, exit_code: bool, quiet: bool, as_json: bool) -> None:
    """Run a job now, in this process, and put it on record.

    Never twice at one time: where another process is at it, this one ends with 75. This is what the daemon calls, and
    what cron or a Kubernetes CronJob may call instead of it.

    \b
    Exit codes: 0 done, 1 failed, 3 done but for some inputs, 4 something new
    (--exit-code), 5 stopped (time limit, jobs cancel, SIGTERM), 75 another
    process runs it.

    \b
    Examples:
      graphmap jobs run hunt
      graphmap jobs run compact --json
    """
    from graphmap.cli.output import complain
    from graphmap.jobs.config import find_job
    from graphmap.jobs.runner import run_job
    from graphmap.store.ledger import RunState
    from graphmap.store.ledger.owners import shown_name

    settings = settings_of(ctx)
    job = find_job(settings, name)
    logging.basicConfig(format="graphmap: %(message)s")
    with working(f"running {name}"):
        claim = run_job(job, settings, due=due)
    done = claim.run
    if not claim.granted:
        again = done.state is RunState.RUNNING
        if not quiet:
            note(
                f"{name} is running: run {done.id} on {shown_name(done.owner)}"
                if again
                else f"run {done.id} was for that moment"
            )
        ctx.exit(BUSY if again else 0)
    if as_json:
        print_json([_document(done)])
    elif not quiet:
        click.echo(f"run {done.id} of {name} {done.state} in {_seconds(done)}: {_counts(done)}")
    if done.state is RunState.FAILED:
        complain(f"{name}: {done.error}", None)
        ctx.exit(1)
    if done.error is not None:
        complain(f"{name}: {done.error}", None)
    fresh = exit_code and done.counts.get("to_read", 0)
    ctx.exit(IN_PART if done.state is RunState.PARTLY else FOUND if fresh else 0)


@jobs.command()
@click.argument("name", metavar="[NAME]", required=False)
@limit_option
@json_option
@home_option
@click.pass_context
def history(ctx: click.Context, name: str | None, limit: int, as_json: bool) -> None:
    """List the runs, the last first: the window, the counts, how long it took, how it ended.

    \b
    Examples:
      graphmap jobs history
      graphmap jobs history hunt --json
    """
    from graphmap.store.ledger import Ledger

    with Ledger(settings_of(ctx).ledger) as ledger:
        found = ledger.runs(name)
    if as_json:
        print_json(_document(one) for one in found)
        return
    rows = [
        (one.id, one.job, one.started, _seconds(one), one.state, one.since, one.error or _counts(one))
        for one in found[: limit or None]
    ]
    columns = ("run#", "job", "started", "took", "state", "looked back to", "what")
    print_table(rows, columns, total=len(found), none="no job has run yet")


@jobs.command()
@click.argument("number", metavar="RUN", type=int)
@author_option
@home_option
@click.pass_context
def cancel(ctx: click.Context, number: int, author: str) -> None:
    """Ask that a run be stopped. Its process looks every few seconds, and what it was at can be done again.

    \b
    Examples:
      graphmap jobs cancel 12
    """
    from graphmap.store.ledger import Ledger
    from graphmap.store.ledger.owners import shown_name

    with Ledger(settings_of(ctx).ledger) as ledger:
        stopped = ledger.cancel_run(number, author=author)
    note(f"asked {shown_name(stopped.owner)} to stop run {number} of {stopped.job}")


@jobs.command()
@click.option("--metrics", metavar="HOST:PORT", help="Answer at /metrics, /health and /ready of http://HOST:PORT.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to say what happens.",
)
@home_option
@click.pass_context
def daemon(ctx: click.Context, metrics: str | None, log_format: str) -> None:
    """Run the jobs when they are due, until Ctrl-C or SIGTERM.

    Several daemons may serve one home folder: one schedules, the others wait to take over. Moments that passed while
    none was there are made good by one run. What jobs there are is read once, at the start.

    \b
    Examples:
      graphmap jobs daemon
      graphmap jobs daemon --metrics 127.0.0.1:9464 --log-format json
    """
    from graphmap.cli.logging import set_up
    from graphmap.jobs.scheduler import Daemon

    settings = settings_of(ctx)
    served = Daemon(settings)
    set_up(log_format)
    stop_metrics = _metrics(ctx, metrics)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: served.stop())
    try:
        served.serve()
    finally:
        stop_metrics()
    note("stopped")


def _metrics(ctx: click.Context, where: str | None) -> Any:
    """Serve metrics where that is wanted; give what stops it."""
    if where is None:
        return lambda: None
    from graphmap.errors import InputError
    from graphmap.jobs.serving import serve

    host, _, port = where.rpartition(":")
    if not host or not port.isdigit():
        raise click.UsageError(f"--metrics {where!r}: write HOST:PORT, such as 127.0.0.1:9464")
    try:
        return serve(settings_of(ctx), host.strip("[]"), int(port))
    except (OSError, OverflowError) as error:
        raise InputError(f"metrics cannot be served at {where}: {error}", hint="choose another port") from error


def _job(job: Job) -> dict[str, object]:
    return {
        "job": job.name,
        "task": job.task,
        "cron": job.cron,
        "every": job.every and job.every.total_seconds(),
        "window": job.window and job.window.total_seconds(),
        "detectors": list(job.detectors),
        "outputs": list(job.outputs),
        "alerts_per_day": job.alerts_per_day,
        "least_bits": job.least_bits,
        "time_limit": job.time_limit.total_seconds(),
    }


def _document(one: Run) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__}


def _when(job: Job) -> str:
    return "by hand" if job.trigger is None else job.trigger.removesuffix(" UTC")


def _seconds(one: Run) -> str | None:
    return None if one.ended is None else f"{(one.ended - one.started).total_seconds():,.1f} s"


def _counts(one: Run) -> str:
    return ", ".join(f"{count:,} {what.replace('_', ' ')}" for what, count in one.counts.items()) or "nothing counted"


COMMANDS = (jobs,)
