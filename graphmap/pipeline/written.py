"""Files of the user's that graphmap reads, and keeps copies of in its home folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.config import PRIVATE
from graphmap.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def read_text(path: Path, what: str) -> str:
    """The content of a file that is written by hand.

    Raises
    ------
    InputError
        It cannot be read, or is not UTF-8; `what` names it in the hint.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8", hint=f"save the {what} as UTF-8") from error


def replace_text(path: Path, text: str) -> None:
    """Write a file of the home folder in place of the one before, whole."""
    path.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)
