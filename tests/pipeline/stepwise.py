"""An ingest that stops before and after every write and waits to be told to go on, so that it can be killed there.

Run as ``python -m tests.pipeline.stepwise HOME ROWS PATH...``: one line of output a step, one line of input to go on.
With ``HOLD=0`` in the environment it does not wait. With ``LIMIT=n`` and ``AT=step`` the kernel kills it at the first
write in that step that would make any file longer than n bytes, which leaves that file cut there.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphmap.store import lake
from graphmap.store.ledger import Ledger
from tests.pipeline.logs import take

if TYPE_CHECKING:
    from collections.abc import Callable


def say(word: str) -> None:
    print(word, flush=True)
    place = os.environ.get("AT", "-")
    if word == place:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(os.environ["LIMIT"]), resource.RLIM_INFINITY))
    elif word == place.replace("before", "after"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    if os.environ.get("HOLD") != "0":
        sys.stdin.readline()


def stepwise(owner: Any, name: str) -> None:
    """Make that function stop before and after its work."""
    work: Callable[..., Any] = getattr(owner, name)

    @wraps(work)
    def stopping(*args: Any, **options: Any) -> Any:
        say(f"before {name}")
        result = work(*args, **options)
        say(f"after {name}")
        return result

    setattr(owner, name, stopping)


def main() -> None:
    home, rows, *paths = sys.argv[1:]
    stepwise(lake._Table, "_create")
    stepwise(lake, "write_deltalake")
    stepwise(Ledger, "__init__")
    stepwise(Ledger, "record_files")
    say("start")
    take(Path(home), *map(Path, paths), rows=int(rows))
    say("end")


if __name__ == "__main__":
    main()
