"""Errors a person can act on: what was wrong, where, what to do.

::

    GraphmapError            exit code 1
    ├── InputError           a path, file or option value that cannot be used
    │   └── PlacedError      a place in a file of the user's: path, line, column
    │       ├── InventoryError   in the inventory
    │       ├── MappingError     in a mapping of a log's fields
    │       └── PolicyError      in a segment policy
    ├── DeliveryError        an alert that its receiver did not take
    ├── EngineError          Spark cannot be started or reached, or lost what it worked with
    ├── StoreError           the lake or the ledger cannot be opened, read or written
    ├── QueryError           a question that names something the data does not hold
    ├── ClientError          (graphmap.client) a server that does not answer, or refuses
    └── OutdatedError        a change of something that somebody else has changed meanwhile

Everything else that escapes is a bug.
"""

from __future__ import annotations


class GraphmapError(Exception):
    """Base of every error that is the user's to read.

    Parameters
    ----------
    message
        What was wrong and where, one sentence without a final full stop.
    hint
        What to do about it, or None where nothing better than the message can be said.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(GraphmapError):
    """A path, file or option value that cannot be used."""


class PlacedError(InputError):
    """A place in a file of the user's that cannot be accepted.

    Parameters
    ----------
    message
        What is wrong there.
    path
        The file as the user named it.
    line, column
        1-based position of the offending value or key.
    hint
        What to write instead.
    """

    def __init__(self, message: str, *, path: str, line: int, column: int, hint: str | None = None) -> None:
        super().__init__(f"{path}:{line}:{column}: {message}", hint=hint)
        self.path = path
        self.line = line
        self.column = column


class InventoryError(PlacedError):
    """A place in the inventory that cannot be accepted."""


class MappingError(PlacedError):
    """A place in a mapping of a log's fields that cannot be accepted."""


class PolicyError(PlacedError):
    """A place in a segment policy that cannot be accepted."""


class DeliveryError(GraphmapError):
    """An alert that its receiver did not take.

    Parameters
    ----------
    message
        What happened; it holds no secret.
    lasting
        Trying the same again cannot help: the receiver refused this very message.
    after
        How long the receiver asks to be left alone, in seconds; None where it does not say.
    """

    def __init__(self, message: str, *, lasting: bool = False, after: float | None = None) -> None:
        super().__init__(message)
        self.lasting = lasting
        self.after = after


class EngineError(GraphmapError):
    """Spark cannot be started or reached, or lost what it worked with."""


class StoreError(GraphmapError):
    """The lake or the ledger cannot be opened, read or written."""


class QueryError(GraphmapError):
    """A question that names something the data does not hold, such as an unknown host."""


class OutdatedError(GraphmapError):
    """A change of something that somebody else has changed meanwhile: whoever asked for it has not seen that."""
