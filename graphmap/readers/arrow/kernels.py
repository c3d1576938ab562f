"""Compiled loops that write columns in Arrow's layout: views of texts, numbers, and a bit each for what is not null.

A view is how Arrow and Polars keep a text: two words that hold its length and its bytes, up to twelve of them; else its
length, its first four bytes, and where it is in a buffer. Source: Apache Arrow, "Columnar Format", variable-size binary
view layout.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, cast

import numba
import numba.extending
import numpy as np
from llvmlite import ir
from numba import types

from graphmap.readers.vectors.kernels import compiled

NULL = (1 << 64) - 1
"""The first word of a view that stands for no text."""
INLINE = 12
"""Bytes of the longest text that a view holds by itself."""
FREE, RELEASE, PRIVATE = 0, 64, 72
"""Where the address of `free` stands in memory that is handed over, and two members of struct ArrowArray."""
_NULL = np.uint64(NULL)
_NONE = np.uint64(0)


@compiled
def gather(views: np.ndarray, places: np.ndarray, out: np.ndarray, valid: np.ndarray) -> int:
    """Write the views at some places, and which of them are texts; give how many are none.

    Parameters
    ----------
    views
        Two words each (uint64).
    places
        Rows of `views`.
    out
        Becomes a row of two words for each place (uint64).
    valid
        Becomes a bit for each place, 1 for a text (uint64).
    """
    nulls = 0
    bits = np.uint64(0)
    for i in range(places.size):
        k = np.uint64(places[i])
        first, second = views[k, 0], views[k, 1]
        there = first != _NULL
        out[i, 0] = first if there else _NONE
        out[i, 1] = second if there else _NONE
        nulls += not there
        bits |= np.uint64(there) << np.uint64(i & 63)
        if i & 63 == 63:  # noqa: PLR2004 - the last bit of a word
            valid[i >> 6] = bits
            bits = np.uint64(0)
    if places.size & 63:
        valid[places.size >> 6] = bits
    return nulls


@compiled
def copy_numbers(values: np.ndarray, nothing: int, out: np.ndarray, valid: np.ndarray) -> int:
    """Write numbers, and which of them are not `nothing`; give how many are."""
    nulls = 0
    bits = np.uint64(0)
    for i in range(values.size):
        there = values[i] != nothing
        out[i] = values[i]
        nulls += not there
        bits |= np.uint64(there) << np.uint64(i & 63)
        if i & 63 == 63:  # noqa: PLR2004 - the last bit of a word
            valid[i >> 6] = bits
            bits = np.uint64(0)
    if values.size & 63:
        valid[values.size >> 6] = bits
    return nulls


def _write_release(_: Any, array: Any) -> Any:
    """Mark a struct ArrowArray as released, and give its memory back by the `free` that stands in it."""

    def write(_: Any, builder: Any, __: Any, values: Any) -> Any:
        number = ir.IntType(64)
        call = ir.FunctionType(ir.VoidType(), [number]).as_pointer()

        def member(base: Any, at: int) -> Any:
            return builder.inttoptr(builder.add(base, ir.Constant(number, at)), number.as_pointer())

        memory = builder.load(member(values[0], PRIVATE))
        builder.store(ir.Constant(number, 0), member(values[0], RELEASE))
        with builder.if_then(builder.icmp_unsigned("!=", memory, ir.Constant(number, 0))):
            builder.call(builder.inttoptr(builder.load(member(memory, FREE)), call), [memory])
        return ir.Constant(number, 0)

    return types.int64(array), write


_release: Any = numba.extending.intrinsic(_write_release)


def _free_memory(array: int) -> None:
    _release(array)


@lru_cache(maxsize=1)
def release() -> int:
    """Give the address of the function that gives memory back.

    Polars calls it from whichever thread is the last to need a column. It is compiled, and so needs neither Python's
    lock nor Python, which may have ended by then.
    """
    compile_for: Any = cast("Any", numba).cfunc
    try:
        made = compile_for(types.void(types.int64), cache=True)(_free_memory)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        made = compile_for(types.void(types.int64))(_free_memory)
    _KEPT.append(made)
    return int(made.address)


_KEPT: list[Any] = []
