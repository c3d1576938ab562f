"""A hunt: every detector looks at the estate, and the ledger keeps what they find."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphmap.detect import DETECTORS
from graphmap.detect.needs import learns_of, needs_of
from graphmap.pipeline.cases import Case, cases_of, judged_in
from graphmap.pipeline.coverage import Unseen, Young, coverage, unseen, young
from graphmap.pipeline.estate import load_estate
from graphmap.pipeline.stories import keep_stories, stories_of
from graphmap.store.ledger import Ledger, Saved

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from graphmap.config import Settings
    from graphmap.detect import Detector
    from graphmap.model import Finding, Story
    from graphmap.pipeline.estate import Maker


class Hunted(NamedTuple):
    """What a hunt found, the highest score first, and how much of it was new, changed or known.

    `cases` are all findings, `stories` what those tell that no suppression hides (`graphmap.detect.stories`); `saved`
    counts these. `bounded` tells that not every chain was looked at (`graphmap.pipeline.estate.Estate.chains`),
    `unseen` where detectors could not look, since the logs do not answer what they ask, and `young` which of them have
    too little past to compare with (`graphmap.pipeline.coverage`).
    """

    cases: list[Case]
    stories: list[Story]
    saved: Saved
    bounded: bool
    unseen: list[Unseen]
    young: list[Young]

    @property
    def shown(self) -> list[Case]:
        """Those that no suppression hides."""
        return [case for case in self.cases if case.hidden_by is None]

    def parts_of(self, stories: Iterable[Story]) -> list[Case]:
        """The findings that are parts of some stories, the highest score first."""
        ids = {part.id for story in stories for part in story.parts}
        return [case for case in self.shown if case.finding.id in ids]


def is_since(one: Finding | Story, since: datetime | None) -> bool:
    """Whether there is evidence at or after a moment; nothing tells where nobody knows when."""
    return since is None or one.last is None or one.last >= since


def hunt(
    settings: Settings,
    detectors: Iterable[Detector] | None = None,
    *,
    since: datetime | None = None,
    maker: Maker | None = None,
) -> Hunted:
    """Run detectors over all of the lake and store what they find.

    Parameters
    ----------
    settings
        Where the stores are.
    detectors
        Which ones; None for all.
    since
        Keep what has evidence at or after this moment; None for all. The detectors look at all events either way: what
        is rare is rare beside everything that was before.
    maker
        As for `load_estate`.

    Returns
    -------
    Hunted. A hunt over the same events, inventory and judgements changes nothing.

    Raises
    ------
    StoreError, InputError
        The lake, the ledger or the inventory cannot be read or written.
    """
    estate = load_estate(settings, maker=maker)
    chosen = list(DETECTORS if detectors is None else detectors)
    with Ledger(settings.ledger) as ledger:
        judged = judged_in(ledger)
    findings = estate.hunt(chosen, judged)
    seen = coverage(estate) if any(needs_of(one) or learns_of(one) for one in chosen) else []
    with Ledger(settings.ledger) as ledger:
        every = cases_of(findings, ledger)
        cases = [case for case in every if is_since(case.finding, since)]
        ledger.save_findings(case.finding for case in cases if case.hidden_by is not None)
        saved = ledger.save_findings(case.finding for case in cases if case.hidden_by is None)
        told = [story for story in stories_of(every, ledger) if is_since(story, since)]
        keep_stories(told, ledger)
    blind, learning = unseen(seen, chosen), young(seen, chosen)
    return Hunted(cases, told, saved, estate.bounded, blind, learning)
