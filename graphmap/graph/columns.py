"""A column of text as numbers, so that bulk is compared and counted without its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from graphmap.graph.index import Flags, Ids


class Column(NamedTuple):
    """The different texts of a column, sorted, and for each row the place of its text among them."""

    names: tuple[str, ...]
    codes: Ids

    @classmethod
    def of(cls, frame: pl.LazyFrame, value: pl.Expr) -> Column:
        """The column of a frame, its rows in order; null is the empty text."""
        texts = frame.select(value.cast(pl.String).fill_null("").alias("text"))
        names = texts.unique().collect(engine="streaming")["text"].sort()
        codes = texts.select(pl.col("text").cast(pl.Enum(names)).to_physical().cast(pl.Int32)).collect()["text"]
        return cls(tuple(names), np.array(codes.to_numpy()))

    @classmethod
    def numbered(cls, texts: Iterable[str]) -> Column:
        """The column of some texts, in their order."""
        listed = list(texts)
        names = sorted(set(listed))
        place = {name: number for number, name in enumerate(names)}
        return cls(tuple(names), np.fromiter((place[text] for text in listed), np.int32, len(listed)))

    def marks(self, wanted: Callable[[str], bool]) -> Flags:
        """Which of `names` are wanted."""
        return marks(self.names, wanted)


def marks(names: tuple[str, ...], wanted: Callable[[str], bool]) -> Flags:
    """Which of some names are wanted, one element a name."""
    return np.fromiter((wanted(name) for name in names), np.bool_, len(names))
