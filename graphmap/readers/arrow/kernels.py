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

from graphmap.readers.vectors.kernels import compiled, count_bits

NULL = (1 << 64) - 1
"""The first word of a view that stands for no text."""
INLINE = 12
"""Bytes of the longest text that a view holds by itself."""
FREE, SPARES = 0, 8
"""Where two addresses stand in memory that is handed over: of `free`, and of the spare pieces, 0 for memory that is no
such piece."""
RELEASE, PRIVATE = 64, 72
"""Two members of struct ArrowArray."""
KEPT = 4
"""Spare pieces of memory, at most."""
_NULL = np.uint64(NULL)
_NONE, _ONE, _LAST = np.uint64(0), np.uint64(1), np.uint64(63)
"""Numbers without a sign: an index that could be negative is looked at each time."""


@compiled
def gather(views: np.ndarray, places: np.ndarray, out: np.ndarray, valid: np.ndarray) -> int:
    """Write the views at some places, and which of them are texts; give how many are none.

    Parameters
    ----------
    views
        Two words each (uint64); one that stands for no text is NULL and 0.
    places
        Rows of `views` (uint32).
    out
        Becomes a row of two words for each place (uint64).
    valid
        Becomes a bit for each place, 1 for a text (uint64).
    """
    nulls = 0
    for w in range((places.size + 63) // 64):
        bits, first, size = _NONE, np.uint64(64 * w), min(64, places.size - 64 * w)
        for i in range(size):
            at = first + np.uint64(i)
            k = np.uint64(places[at])
            view = views[k, _NONE]
            there = view != _NULL
            out[at, _NONE], out[at, _ONE] = view if there else _NONE, views[k, _ONE]
            bits = bits >> _ONE | np.uint64(there) << _LAST
        valid[w] = bits >> np.uint64(64 - size)
        nulls += size - count_bits(bits)
    return nulls


@compiled
def copy_numbers(values: np.ndarray, nothing: int, out: np.ndarray, valid: np.ndarray) -> int:
    """Write numbers, and which of them are not `nothing`; give how many are."""
    nulls = 0
    for w in range((values.size + 63) // 64):
        bits, first, size = _NONE, np.uint64(64 * w), min(64, values.size - 64 * w)
        for i in range(size):
            at = first + np.uint64(i)
            out[at] = values[at]
            bits = bits >> _ONE | np.uint64(values[at] != nothing) << _LAST
        valid[w] = bits >> np.uint64(64 - size)
        nulls += size - count_bits(bits)
    return nulls


def _write_exchange(_: Any, address: Any, value: Any) -> Any:
    def write(_: Any, builder: Any, __: Any, values: Any) -> Any:
        place = builder.inttoptr(values[0], ir.IntType(64).as_pointer())
        return builder.atomic_rmw("xchg", place, values[1], "acq_rel")

    return types.int64(address, value), write


def _write_call(_: Any, function: Any, argument: Any) -> Any:
    def write(_: Any, builder: Any, __: Any, values: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [ir.IntType(64)]).as_pointer()
        builder.call(builder.inttoptr(values[0], kind), [values[1]])
        return ir.Constant(ir.IntType(64), 0)

    return types.int64(function, argument), write


_exchange: Any = numba.extending.intrinsic(_write_exchange)
"""Put a number where an address says, and give the one that stood there: one step, whatever other threads do."""
_call: Any = numba.extending.intrinsic(_write_call)


@compiled
def take_spare(spares: int) -> int:
    """Give the address of one of the spare pieces of memory, which is then the caller's; 0 where there is none.

    `spares` is the address of their addresses, or 0.
    """
    for k in range(KEPT if spares != 0 else 0):
        memory = _exchange(spares + 8 * k, 0)
        if memory != 0:
            return memory
    return 0


def _give_back(array: int) -> None:
    """Mark a struct ArrowArray as released, and keep its memory among the spare pieces or give it to `free`."""
    _exchange(array + RELEASE, 0)
    memory = _exchange(array + PRIVATE, 0)
    if memory == 0:
        return
    free, spares = _exchange(memory + FREE, 0), _exchange(memory + SPARES, 0)
    if spares != 0:
        for k in range(KEPT):
            memory = _exchange(spares + 8 * k, memory)
            if memory == 0:
                return
    _call(free, memory)


@lru_cache(maxsize=1)
def release() -> int:
    """Give the address of the function that gives memory back.

    Polars calls it from whichever thread is the last to need a column. It is compiled, and so needs neither Python's
    lock nor Python, which may have ended by then.
    """
    compile_for: Any = cast("Any", numba).cfunc
    try:
        made = compile_for(types.void(types.int64), cache=True)(_give_back)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        made = compile_for(types.void(types.int64))(_give_back)
    _KEPT.append(made)
    return int(made.address)


_KEPT: list[Any] = []
