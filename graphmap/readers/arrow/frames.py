"""A frame of Polars from columns that are written into one piece of memory, which is then the frame's.

Source of the layout: Apache Arrow, "The Arrow C data interface" and "The Arrow PyCapsule Interface".
"""

from __future__ import annotations

import ctypes
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import polars as pl

from graphmap.readers.arrow.kernels import INLINE, KEPT, copy_numbers, gather, release, take_spare
from graphmap.tables import TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALIGNED = 64
_ARRAY, _SCHEMA = 10, 9
"""Words of struct ArrowArray and of struct ArrowSchema."""
_CHILD = _ARRAY + 4
"""Words of a column's struct ArrowArray and the addresses of its buffers."""
_HEADS = 512
"""Words for all of them: of `_COLUMNS` columns at most."""
_COLUMNS = 33
_NULLABLE = 2
_VIEWS = b"vu"
_FORMS = {pl.Int32: (b"i", np.int32), pl.Int64: (b"l", np.int64), TIME: (b"tsu:UTC", np.int64)}
"""Arrow's name of a type, and what its values are kept as. Source: Apache Arrow, "The Arrow C data interface"."""
_WORD = 8

_LIBC = ctypes.CDLL(None)
_MALLOC = _LIBC.malloc
_MALLOC.restype, _MALLOC.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
_PIECE = 1 << 24
"""Bytes of a spare piece: the frame of a block hardly ever takes more."""
_SMALL = 1 << 20
"""Bytes that are asked for each time: malloc(3) has them at hand. For more it asks the system, which gives pages one by
one, each when it is touched, and that takes as long as writing them."""
_LIBC.calloc.restype, _LIBC.calloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t, ctypes.c_size_t]
_SPARES = int(_LIBC.calloc(KEPT, 8))
"""The addresses of the spare pieces. They are never given back: frames may outlive Python."""
_FREE = ctypes.cast(_LIBC.free, ctypes.c_void_p).value or 0
_CAPSULE: Any = ctypes.pythonapi.PyCapsule_New
_CAPSULE.restype, _CAPSULE.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]


class _Column(NamedTuple):
    name: str
    form: bytes
    """Arrow's name of the type."""
    kept: np.dtype[Any]
    """What a value is kept as; a view as two of them."""
    values: np.ndarray
    """Of texts their views; else the numbers."""
    places: np.ndarray | None
    """Of each text the row of its view."""
    nothing: int | None
    """What stands for no number."""


class FrameBuilder:
    """Collects the columns of a frame, and writes them.

    Parameters
    ----------
    rows
        Of the frame, at least one.
    arena
        The bytes of all texts that are longer than a view (uint8); views tell where in it each is.
    """

    def __init__(self, rows: int, arena: np.ndarray) -> None:
        self._rows = rows
        self._arena = arena
        self._columns: list[_Column] = []

    def add_texts(self, name: str, views: np.ndarray, places: np.ndarray) -> None:
        """Add the texts whose views (uint64, two words each) are at some places of an array."""
        self._columns.append(_Column(name, _VIEWS, np.dtype(np.uint64), views, places, None))

    def add_numbers(self, name: str, values: np.ndarray, dtype: Any, nothing: int | None = None) -> None:
        """Add numbers (int32 or int64) as a column of a type in `_FORMS`; null where they are `nothing`."""
        form, width = _FORMS[dtype]
        self._columns.append(_Column(name, form, np.dtype(width), values, None, nothing))

    def build(self) -> pl.DataFrame:
        """Write the columns."""
        memory = _Memory(self._places(), self._arena)
        try:
            children = [self._write(memory, column) for column in self._columns]
        except BaseException:
            memory.free()
            raise
        schema = _schema(tuple((column.name, column.form) for column in self._columns))
        return pl.Series(cast("Any", _Exported(schema, memory.finish(self._rows, children)))).struct.unnest()

    def _places(self) -> int:
        """Give how many bytes the columns take at most."""
        values = (
            sum(2 * _WORD if column.form == _VIEWS else column.kept.itemsize for column in self._columns) * self._rows
        )
        return values + len(self._columns) * (self._rows // 8 + 3 * _ALIGNED)

    def _write(self, memory: _Memory, column: _Column) -> list[int]:
        """Write a column, and give its struct ArrowArray with its buffers behind it."""
        rows = self._rows
        valid, bits = memory.take(-(-rows // 64), np.dtype(np.uint64))
        if column.places is not None:
            values, out = memory.take(2 * rows, np.dtype(np.uint64))
            nulls = gather(column.values, column.places, out.reshape(rows, 2), bits)
            return [rows, nulls, 0, 4, 0, 0, 0, 0, 0, 0, valid if nulls else 0, values, memory.arena, memory.sizes]
        values, out = memory.take(rows, column.kept)
        nulls = 0
        if column.nothing is None:
            out[:] = column.values
        else:
            nulls = copy_numbers(column.values, column.nothing, out, bits)
        return [rows, nulls, 0, 2, 0, 0, 0, 0, 0, 0, valid if nulls else 0, values, 0, 0]


class _Memory:
    """Memory of malloc(3): first the heads of the columns, then the bytes of the texts, then the columns."""

    def __init__(self, size: int, arena: np.ndarray) -> None:
        total = _HEADS * _WORD + len(arena) + size + 4 * _ALIGNED
        self._spares = _SPARES if _SMALL <= total <= _PIECE else 0
        base = take_spare(self._spares) or _MALLOC(_PIECE if self._spares else total)
        if base is None:
            raise MemoryError
        self.base = int(base)
        self._bytes = np.frombuffer(cast("Any", (ctypes.c_uint8 * total).from_address(self.base)), np.uint8)
        self._used = _HEADS * _WORD
        self.arena, texts = self.take(len(arena), arena.dtype)
        texts[:] = arena
        self.sizes, sizes = self.take(1, np.dtype(np.int64))
        sizes[0] = len(arena)

    def free(self) -> None:
        """Give the memory back."""
        _LIBC.free(ctypes.c_void_p(self.base))

    def take(self, count: int, dtype: np.dtype[Any]) -> tuple[int, np.ndarray]:
        """Give room for so many values: its address, and an array."""
        address = -(-(self.base + self._used) // _ALIGNED) * _ALIGNED
        first = address - self.base
        self._used = first + count * dtype.itemsize
        return address, self._bytes[first : self._used].view(dtype)

    def finish(self, rows: int, children: list[list[int]]) -> int:
        """Write the heads, and give the address of the struct ArrowArray of the whole."""
        count = len(children)
        top, below, nothing = (self.base + _WORD * at for at in (2, 2 + _ARRAY, 2 + _ARRAY + count))
        heads = nothing + _WORD
        give_back = release()
        words = [_FREE, self._spares, rows, 0, 0, 1, count, nothing, below, 0, give_back, self.base]
        words += [heads + _WORD * _CHILD * k for k in range(count)]
        words.append(0)
        for k, child in enumerate(children):
            child[5], child[8] = heads + _WORD * (_CHILD * k + _ARRAY), give_back
            words += child
        self._bytes[: _HEADS * _WORD].view(np.int64)[: len(words)] = words
        return top


def view(text: bytes, at: int) -> tuple[int, int]:
    """Make the view of a text that begins at some place of the arena, if it is longer than a view."""
    head, tail = text[:4], text[4:INLINE]
    second = int.from_bytes(tail, "little") if len(text) <= INLINE else at << 32
    return len(text) | int.from_bytes(head, "little") << 32, second


class _Schema(NamedTuple):
    address: int
    kept: Any
    """What it points to."""


@lru_cache(maxsize=256)
def _schema(columns: tuple[tuple[str, bytes], ...]) -> _Schema:
    """Make a struct ArrowSchema that stays as long as the process."""
    parts = [_schema_head(name.encode(), form, _NULLABLE, ()) for name, form in columns]
    whole = _schema_head(b"", b"+s", 0, [part.address for part in parts])
    return _Schema(whole.address, (whole, parts))


def _schema_head(name: bytes, form: bytes, flags: int, children: Sequence[int]) -> _Schema:
    texts = ctypes.create_string_buffer(form), ctypes.create_string_buffer(name)
    below = (ctypes.c_int64 * len(children))(*children)
    places = (ctypes.addressof(texts[0]), ctypes.addressof(texts[1]), ctypes.addressof(below))
    head = (ctypes.c_int64 * _SCHEMA)(*places[:2], 0, flags, len(children), places[2], 0, 0, 0)
    return _Schema(ctypes.addressof(head), (texts, below, head))


class _Exported:
    """What Polars takes columns from."""

    def __init__(self, schema: _Schema, array: int) -> None:
        self._schema, self._array = schema, array

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        del requested_schema
        return _CAPSULE(self._schema.address, b"arrow_schema", None), _CAPSULE(self._array, b"arrow_array", None)
