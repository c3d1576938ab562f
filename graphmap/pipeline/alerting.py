"""Alerts: what outputs have to be told is queued in the ledger, and what is due is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from graphmap.alerts import Gist, Item, Message, Output, Quoted, gist_of, news, read_outputs, wait_before
from graphmap.alerts.material import RANK, gist_from_text
from graphmap.alerts.message import items_from_text, items_text
from graphmap.alerts.trial import trial_item
from graphmap.detect import DETECTORS
from graphmap.errors import DeliveryError, GraphmapError, InputError, QueryError
from graphmap.graph.explain import stable_id
from graphmap.model import TriageState
from graphmap.pipeline.cases import cases_of
from graphmap.pipeline.lines import quote
from graphmap.store.lake import Lake
from graphmap.store.ledger import Delivery, DeliveryState, Ledger, NewDelivery
from graphmap.store.ledger.owners import process_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from graphmap.config import Settings
    from graphmap.model import Finding, Line, Story
    from graphmap.pipeline.cases import Case
    from graphmap.pipeline.lines import Quotation

LINES = 20
"""Lines of a finding that an alert quotes."""
CHARACTERS = 1000
"""Characters of each."""
MARGIN = timedelta(minutes=1)
"""How much longer a claim lasts than the longest delivery."""


class Queued(NamedTuple):
    """How many deliveries were queued, and of how many findings; one finding for two outputs counts twice."""

    deliveries: int
    findings: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of deliveries.

    Parameters
    ----------
    sent
        Their receivers took them.
    held
        It is quiet hours at their outputs.
    failed
        They were tried, and will be again.
    dead
        They were given up in this run.
    dropped
        Nobody needs to see their findings any more.
    waiting
        They are not due yet, or another process has them.
    problems
        A sentence for each output that had trouble; receivers' text in it is inert and without secrets.
    """

    sent: int = 0
    held: int = 0
    failed: int = 0
    dead: int = 0
    dropped: int = 0
    waiting: int = 0
    problems: tuple[str, ...] = ()

    def __add__(self, other: Delivered) -> Delivered:
        """Both together."""
        names = ("sent", "held", "failed", "dead", "dropped", "waiting")
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        return Delivered(**sums, problems=self.problems + other.problems)


class _News(NamedTuple):
    """A finding that an output has to be told of, and what it will have been told then."""

    finding: Finding
    news: tuple[str, ...]
    gist: Gist


def load_outputs(settings: Settings) -> dict[str, Output]:
    """Read the outputs of ``graphmap.toml`` by their names.

    Raises
    ------
    InputError
        A key is wrong, or there is no detector of a name.
    """
    outputs = read_outputs(settings)
    for output in outputs.values():
        for name in sorted(output.detectors or ()):
            try:
                _ = DETECTORS[name]
            except GraphmapError as error:
                place = f"{settings.home / 'graphmap.toml'}: alerts.{output.name}.detectors"
                raise InputError(f"{place}: {error.message}", hint=error.hint) from error
    return outputs


def find_output(settings: Settings, name: str) -> Output:
    """The output of a name.

    Raises
    ------
    InputError, QueryError
        A key of an output is wrong; there is none of that name.
    """
    found = load_outputs(settings)
    if name not in found:
        raise QueryError(f"no output {name!r} in graphmap.toml", hint=f"one of: {', '.join(found)}" if found else None)
    return found[name]


def queue(
    settings: Settings,
    cases: Iterable[Case],
    *,
    stories: Iterable[Story] = (),
    outputs: Collection[str] | None = None,
    now: datetime | None = None,
) -> Queued:
    """Queue what the outputs have to be told of findings, the gravest first: each once, and again on material change.

    A finding that a suppression hides, or that was judged benign, is left out.

    Parameters
    ----------
    settings
        Where the stores are, and ``graphmap.toml``.
    cases
        What a hunt found.
    stories
        Which findings belong together, for outputs that want to be told so.
    outputs
        Only these are told; None for all.
    now
        The moment to note; None for the present one.

    Returns
    -------
    Queued. The same cases again queue nothing.

    Raises
    ------
    InputError, QueryError, StoreError
        An output is wrong, or there is none of a name; the ledger cannot be written.
    """
    at = now or datetime.now(UTC)
    chosen = (
        [find_output(settings, name) for name in outputs] if outputs is not None else load_outputs(settings).values()
    )
    findings = sorted((case.finding for case in cases if _worth_telling(case)), key=lambda one: -RANK[one.severity])
    story_of = {part.id: story.id for story in stories for part in story.parts}
    quotations: dict[Line, Quotation] = {}
    total = Queued(0, 0)
    with Ledger(settings.ledger) as ledger:
        for output in chosen:
            while True:
                before = ledger.told(output.name)
                told = list(_untold(output, findings, before))
                if output.evidence:
                    _quote_into(quotations, [one.finding for one in told], settings)
                made = [_delivery(output, part, quotations) for part in _parts(told, output, story_of)]
                added = ledger.queue_deliveries(output.name, before, made, now=at)
                if added is not None:  # else another process was quicker: what is left is looked at anew
                    total = Queued(total.deliveries + added, total.findings + len(told))
                    break
    return total


def skip(settings: Settings, output: Output, cases: Iterable[Case]) -> int:
    """Take all findings as told to an output, so that only what comes after is sent, and say how many there were."""
    findings = [case.finding for case in cases if _worth_telling(case)]
    with Ledger(settings.ledger) as ledger:
        told = list(_untold(output, findings, ledger.told(output.name)))
        ledger.tell(output.name, {one.finding.id: one.gist.text() for one in told})
    return len(told)


def deliver(settings: Settings, *, now: datetime | None = None, early: bool = False) -> Delivered:
    """Send what is due.

    Each output gets its deliveries one after the other, until one fails: then its others wait, too. Any number of
    processes may do this at once; no delivery is claimed by two. One that dies between sending and noting leaves a
    claim, after whose end (on one machine: at once) the same is sent again under the same key.

    Parameters
    ----------
    settings
        Where the stores are, and ``graphmap.toml``.
    now
        The moment to go by; None for the present one, again and again.
    early
        Send also what waits for another attempt or for the end of quiet hours.

    Raises
    ------
    InputError, StoreError
        An output is wrong; the ledger cannot be read or written.
    """
    outputs = load_outputs(settings)
    total = Delivered()
    with Ledger(settings.ledger) as ledger:
        for name in ledger.waiting_outputs():
            at = now or datetime.now(UTC)
            output = outputs.get(name)
            if output is None:
                gone = f"there is no [alerts.{name}] any more"
                total += Delivered(
                    dead=ledger.bury_deliveries(name, answer=gone, now=at), problems=(f"{name}: {gone}",)
                )
            elif output.quiet is not None and output.quiet.hold(at) and not early:
                total += Delivered(held=ledger.pending_deliveries(name))
            else:
                total += _Sender(ledger, output, now, early=early).run()
    return total


def send_test(output: Output, *, now: datetime | None = None) -> str:
    """Send an alert that says that it is a test, and give the receiver's answer. Nothing is stored.

    Raises
    ------
    DeliveryError
        It was not taken.
    """
    at = now or datetime.now(UTC)
    key = stable_id("a", "test", output.name, uuid4().hex)
    return output.send(Message(key, output.name, at, (trial_item(at),), test=True))


class _Sender:
    """Sends what is due at one output."""

    def __init__(self, ledger: Ledger, output: Output, now: datetime | None, *, early: bool) -> None:
        self._ledger = ledger
        self._output = output
        self._now = now
        self._early = early
        self._name = f"{uuid4().hex}/{process_name()}"

    def run(self) -> Delivered:
        done = Delivered()
        while (claimed := self._claim()) is not None:
            step = self._send(claimed)
            done += step
            if step.problems and not step.dead:
                break
        return done + Delivered(waiting=self._ledger.pending_deliveries(self._output.name) - done.failed)

    def _claim(self) -> Delivery | None:
        at = self._moment()
        until = at + timedelta(seconds=self._output.longest) + MARGIN
        return self._ledger.claim_delivery(self._output.name, by=self._name, now=at, until=until, early=self._early)

    def _moment(self) -> datetime:
        return self._now or datetime.now(UTC)

    def _send(self, claimed: Delivery) -> Delivered:
        items = self._shown(claimed)
        if not items:
            self._ledger.end_delivery(
                claimed.id, DeliveryState.DROPPED, answer="suppressed or judged benign", now=self._moment()
            )
            return Delivered(dropped=1)
        try:
            answer = self._output.send(Message(claimed.id, claimed.output, claimed.created, items))
        except DeliveryError as error:
            return self._failed(claimed, error)
        self._ledger.end_delivery(claimed.id, DeliveryState.SENT, answer=answer, now=self._moment())
        return Delivered(sent=1)

    def _shown(self, claimed: Delivery) -> tuple[Item, ...]:
        """Its findings without those that nobody needs to see any more."""
        items = items_from_text(claimed.content)
        cases = cases_of([item.finding for item in items], self._ledger, now=self._now)
        hidden = [case.finding.id for case in cases if not _worth_telling(case)]
        if hidden:
            self._ledger.untell(claimed.id, hidden)
        return tuple(item for item in items if item.finding.id not in hidden)

    def _failed(self, claimed: Delivery, error: DeliveryError) -> Delivered:
        problem = (f"{self._output.name}: {error.message}",)
        attempts = claimed.attempts + 1
        if error.lasting or attempts >= self._output.attempts:
            self._ledger.end_delivery(claimed.id, DeliveryState.DEAD, answer=error.message, now=self._moment())
            return Delivered(dead=1, problems=problem)
        due = self._moment() + wait_before(attempts, error.after)
        self._ledger.fail_delivery(claimed.id, by=self._name, answer=error.message, due=due)
        return Delivered(failed=1, problems=problem)


def _worth_telling(case: Case) -> bool:
    return case.hidden_by is None and case.triage.state != TriageState.BENIGN


def _untold(output: Output, findings: Iterable[Finding], before: dict[str, str]) -> Iterator[_News]:
    """The findings that an output has to be told of."""
    for finding in findings:
        if not output.wants(finding):
            continue
        known = before.get(finding.id)
        if known is None:
            yield _News(finding, (), gist_of(finding))
            continue
        gist = gist_from_text(known)
        if changes := news(gist, finding):
            yield _News(finding, changes, gist | gist_of(finding))


def _parts(told: Sequence[_News], output: Output, story_of: Mapping[str, str]) -> Iterator[Sequence[_News]]:
    """What goes together: of a story or, by the output's wish or for want of one, of all; so many at most."""
    together: dict[str, list[_News]] = {}
    for one in told:
        together.setdefault(story_of.get(one.finding.id, "") if output.by_story else "", []).append(one)
    for some in together.values():
        for start in range(0, len(some), output.group):
            yield some[start : start + output.group]


def _delivery(output: Output, told: Sequence[_News], quotations: dict[Line, Quotation]) -> NewDelivery:
    gists = {one.finding.id: one.gist.text() for one in told}
    evidence = [_evidence(one.finding, quotations) if output.evidence else () for one in told]
    items = tuple(Item(one.finding, one.news, quoted) for one, quoted in zip(told, evidence, strict=True))
    key = stable_id("a", output.name, *sorted(gists.items()))
    summary = Message(key, output.name, datetime.now(UTC), items).summary
    return NewDelivery(key, summary, items_text(items), gists)


def _evidence(finding: Finding, quotations: dict[Line, Quotation]) -> tuple[Quoted, ...]:
    quoted = ((line, quotations[line]) for line in finding.lines[:LINES])
    return tuple(
        Quoted(line.file, line.line, None if said.text is None else _cut(said.text), said.problem)
        for line, said in quoted
    )


def _cut(text: str) -> str:
    return text if len(text) <= CHARACTERS else f"{text[: CHARACTERS - 1]}…"


def _quote_into(quotations: dict[Line, Quotation], findings: Iterable[Finding], settings: Settings) -> None:
    wanted = {line for finding in findings for line in finding.lines[:LINES]} - quotations.keys()
    if wanted:
        quotations |= quote(sorted(wanted), Lake(settings.lake))
