"""Loads of many bytes, and where in them a class of bytes ends: the parts that the compiled scanners are made of.

They are written as vectors of LLVM's, which become whatever the processor has for them. None of them looks whether the
bytes are inside of the array: data is followed by `blocks.PADDING` bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba
import numba.extending
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils

if TYPE_CHECKING:
    from collections.abc import Callable

_CHECKED = bool(cast("Any", numba).config.BOUNDSCHECK)
"""numba compares indices then, and has to see them."""
_LETTERS = (ord("a"), ord("z"))
_CASE = 0x20
_STEP, _WIDE = 32, 64

_Function = TypeVar("_Function", bound="Callable[..., object]")
_AHEAD = 1024


def compiled(function: _Function) -> _Function:
    """Have numba compile a function that makes no arrays, keep the result on disk, and release Python's lock in it.

    Who holds an array need not be counted then: counting takes half the time of a function that looks at many arrays.
    """
    return _compiled(function)


def part(function: _Function) -> _Function:
    """Have numba compile a function into those that call it."""
    return _compiled(function, forceinline=True)


def _compiled(function: _Function, **options: bool) -> _Function:
    try:
        made = cast("Any", numba).njit(cache=True, nogil=True, _nrt=False, **options)(function)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        made = cast("Any", numba).njit(nogil=True, _nrt=False, **options)(function)
    return cast("_Function", made)


def _loaded(context: Any, builder: Any, signature: Any, values: Any, kind: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, values[0])
    place = builder.gep(array.data, [values[1]])
    return builder.load(builder.bitcast(place, kind.as_pointer()), align=1)


def _write_load(_: Any, data: Any, p: Any) -> Any:
    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return _loaded(context, builder, signature, values, ir.IntType(64))

    return types.uint64(data, p), write


def _write_byte(_: Any, data: Any, p: Any) -> Any:
    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.zext(_loaded(context, builder, signature, values, ir.IntType(8)), ir.IntType(64))

    return types.int64(data, p), write


def _write_put(_: Any, data: Any, p: Any, value: Any) -> Any:
    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, values[0])
        place = builder.bitcast(builder.gep(array.data, [values[1]]), ir.IntType(64).as_pointer())
        builder.store(values[2], place, align=1)
        return ir.Constant(ir.IntType(64), 0)

    return types.int64(data, p, value), write


def _write_copy(_: Any, data: Any, p: Any, other: Any, at: Any, size: Any) -> Any:
    del size

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        from_, to = (context.make_array(signature.args[k])(context, builder, values[k]).data for k in (0, 2))
        write_call: Any = cgutils.raw_memcpy
        write_call(builder, builder.gep(to, [values[3]]), builder.gep(from_, [values[1]]), values[4], 1)
        return values[4]

    return types.int64(data, p, other, at, types.int64), write


def _write_equal(_: Any, data: Any, p: Any, byte: Any) -> Any:
    del byte

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        vector, place = ir.VectorType(ir.IntType(8), _WIDE), ir.IntType(32)
        found = _loaded(context, builder, signature, values, vector)
        nothing = ir.Constant(vector, ir.Undefined)
        one = builder.insert_element(nothing, builder.trunc(values[2], ir.IntType(8)), ir.Constant(place, 0))
        every = builder.shuffle_vector(one, nothing, ir.Constant(ir.VectorType(place, _WIDE), [0] * _WIDE))
        return builder.bitcast(builder.icmp_unsigned("==", found, every), ir.IntType(_WIDE))

    return types.uint64(data, p, types.int64), write


def _write_count(_: Any, mask: Any) -> Any:
    def write(_: Any, builder: Any, __: Any, values: Any) -> Any:
        return builder.ctpop(values[0])

    return types.int64(mask), write


def _write_zeros(_: Any, mask: Any) -> Any:
    def write(_: Any, builder: Any, __: Any, values: Any) -> Any:
        return builder.cttz(values[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(mask), write


def _write_prefetch(_: Any, data: Any, p: Any) -> Any:
    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, values[0])
        place = builder.bitcast(builder.gep(array.data, [values[1]]), ir.IntType(8).as_pointer())
        flag = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [place.type, flag, flag, flag])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [place.type], kind)
        builder.call(fetch, [place, *(ir.Constant(flag, n) for n in (0, 3, 1))])  # to read, of much use, data
        return ir.Constant(ir.IntType(64), 0)

    return types.int64(data, p), write


_prefetch: Any = numba.extending.intrinsic(_write_prefetch)
_load: Any = numba.extending.intrinsic(_write_load)
_byte: Any = numba.extending.intrinsic(_write_byte)
_put: Any = numba.extending.intrinsic(_write_put)
_copy: Any = numba.extending.intrinsic(_write_copy)
count_bits: Any = numba.extending.intrinsic(_write_count)
"""Count the bits of 64 that are set."""
_equal: Any = numba.extending.intrinsic(_write_equal)
first_bit: Any = numba.extending.intrinsic(_write_zeros)
"""Count the zeros below the lowest bit that is set, of 64; 64 where none is."""


def marker(*ranges: tuple[int, int], letters: bool = False, size: int = _STEP) -> Any:
    """Make a function that gives a bit for each of `size` bytes from a place on: 1 where a byte is in no range.

    `ranges` have their first and last byte; `letters` adds those of ASCII, large and small.
    """

    def mark(_: Any, data: Any, p: Any) -> Any:
        def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            vector = ir.VectorType(ir.IntType(8), size)

            def every(byte: int) -> Any:
                return ir.Constant(vector, [byte] * size)

            def within(bytes_: Any, first: int, last: int) -> Any:
                if first == last:
                    return builder.icmp_unsigned("==", bytes_, every(first))
                return builder.icmp_unsigned("<=", builder.sub(bytes_, every(first)), every(last - first))

            found = _loaded(context, builder, signature, values, vector)
            parts = [within(found, first, last) for first, last in ranges]
            if letters:
                parts.append(within(builder.or_(found, every(_CASE)), *_LETTERS))
            inside = parts[0]
            for more in parts[1:]:
                inside = builder.or_(inside, more)
            mask = builder.bitcast(builder.not_(inside), ir.IntType(size))
            return mask if size == _WIDE else builder.zext(mask, ir.IntType(64))

        return types.uint64(data, p), write

    return numba.extending.intrinsic(mark)


def runner(*ranges: tuple[int, int], letters: bool = False) -> Callable[[np.ndarray, Any], Any]:
    """Make a function that gives the position behind the bytes of some ranges, from a place on.

    The array has to hold another byte before its last `_STEP`: a newline, say.
    """
    outside = marker(*ranges, letters=letters)

    def run(data: np.ndarray, p: Any) -> Any:
        if _CHECKED:
            _ = data[p] + data[p + _STEP - 1]
        mask = outside(data, p)
        while mask == np.uint64(0):
            p += _STEP
            if _CHECKED:
                _ = data[p] + data[p + _STEP - 1]
            mask = outside(data, p)
        return np.int64(p + first_bit(mask))

    return part(run)


@part
def byte(data: np.ndarray, p: Any) -> Any:
    """Give one byte as an int64. An index of numba's is looked at each time: whether it counts from the end."""
    if _CHECKED:
        _ = data[p]
    return _byte(data, p)


@part
def word(data: np.ndarray, p: Any) -> Any:
    """Give eight bytes as one number, the first one lowest."""
    if _CHECKED:
        return _load(data, p) + np.uint64(data[p] - data[p]) + np.uint64(data[p + 7] - data[p + 7])
    return _load(data, p)


@part
def put_word(data: np.ndarray, p: Any, value: Any) -> None:
    """Write a number as eight bytes, the lowest one first."""
    if _CHECKED:
        _ = data[p] + data[p + 7]
    _put(data, p, value)


@part
def copy_bytes(data: np.ndarray, p: Any, other: np.ndarray, at: Any, size: Any) -> None:
    """Copy bytes of one array to a place of another: by a call, as a loop would become vectors, and take registers."""
    if _CHECKED:
        for i in range(size):
            _ = data[p + i] + other[at + i]
    _copy(data, p, other, at, size)


@part
def equal_bits(data: np.ndarray, p: Any, byte: int) -> Any:
    """Give a bit for each of 64 bytes from a place on, the first one lowest: 1 for those that are some byte."""
    if _CHECKED:
        _ = data[p] + data[p + _WIDE - 1]
    return _equal(data, p, byte)


_not_newline: Any = marker((10, 10), size=_WIDE)


@part
def newline(data: np.ndarray, p: Any) -> Any:
    """Give the position of the first newline from a place on, of which there has to be one."""
    if _CHECKED:
        _ = data[p] + data[p + _WIDE - 1]
    _prefetch(data, p + _AHEAD)
    _prefetch(data, p + _AHEAD + _WIDE)
    mask = ~_not_newline(data, p)
    while mask == np.uint64(0):
        p += _WIDE
        if _CHECKED:
            _ = data[p] + data[p + _WIDE - 1]
        mask = ~_not_newline(data, p)
    return np.int64(p + first_bit(mask))
