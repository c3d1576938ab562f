"""What the compiled walks share: constants, the compiler, and what a stamp means.

numba keeps what it compiled from a file until that file changes. So whoever changes something here touches the files
that use it (docs/decisions/0005).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba.extending
import numpy as np
from llvmlite import ir
from numba import njit, types

if TYPE_CHECKING:
    from collections.abc import Callable

SECOND = 1_000_000
"""Microseconds."""
NONE = -1
"""Stands for "no host", "no key" and "no hop"."""
FAR = np.int64(1 << 62)
"""Later than any moment."""
BY_KEY, BY_ACCOUNT, BY_OPEN, BY_START = range(4)
"""Why a session is preferred as the origin of a hop: `graphmap.model.Basis`, in its order."""


def compiled(function: Callable[..., Any]) -> Any:
    """Compile a function at its first call, and keep what was compiled; it runs without the interpreter's lock."""
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        return njit(nogil=True)(function)


@compiled
def stretch(stamp: int) -> int:
    """Give the last moment that a stamp can mean."""
    return stamp + SECOND - 1 if stamp % SECOND == 0 else stamp


def _write_prefetch(_: Any, array: Any, row: Any) -> Any:
    del row

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        rows = context.make_array(signature.args[0])(context, builder, values[0])
        stride = builder.extract_value(rows.strides, 0)
        address = builder.add(builder.ptrtoint(rows.data, stride.type), builder.mul(stride, values[1]))
        place, flag = builder.inttoptr(address, ir.IntType(8).as_pointer()), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [place.type, flag, flag, flag])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [place.type], kind)
        builder.call(fetch, [place, *(ir.Constant(flag, n) for n in (1, 3, 1))])  # to write, of much use, data
        return ir.Constant(ir.IntType(64), 0)

    return types.int64(array, types.int64), write


prefetch: Any = numba.extending.intrinsic(_write_prefetch)
"""Ask for the beginning of a row of an array (int64) that will be needed soon; nothing is read."""
