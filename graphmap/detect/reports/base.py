"""What a report is made of: sections, each a question with its answer as a table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import polars as pl

Cell = str | int | float | datetime | None

SSH = pl.col("service") == "ssh"
ACCEPTED = pl.col("count") > 0


@dataclass(frozen=True, slots=True)
class Section:
    """One question and its answer.

    Parameters
    ----------
    name
        Short, lower case: the key of the section in JSON.
    title
        The question, for people.
    mitigation
        That of MITRE ATT&CK that the answer is about, as in M1042; None where it is about none.
    says
        What a row means, and what to do about it.
    columns
        Names of the columns.
    rows
        The answer; empty where there is nothing to tell.
    missing
        Why the question cannot be answered; None where it can.
    """

    name: str
    title: str
    mitigation: str | None
    says: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...] = ()
    missing: str | None = None
