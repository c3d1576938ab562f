"""A hunt: every detector looks at the estate, and the ledger keeps what they find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.pipeline.estate import load_estate
from graphmap.store.ledger import Ledger, Saved

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmap.config import Settings
    from graphmap.detect import Detector
    from graphmap.model import Finding


def hunt(settings: Settings, detectors: Iterable[Detector] | None = None) -> tuple[list[Finding], Saved]:
    """Run detectors over all of the lake and store what they find.

    Parameters
    ----------
    settings
        Where the stores are.
    detectors
        Which ones; None for all.

    Returns
    -------
    The findings, the highest score first, and how many of them were new, changed or known. A hunt over the same
    events and inventory changes nothing.

    Raises
    ------
    StoreError, InputError
        The lake, the ledger or the inventory cannot be read or written.
    """
    findings = load_estate(settings).hunt(detectors)
    with Ledger(settings.ledger) as ledger:
        return findings, ledger.save_findings(findings)
