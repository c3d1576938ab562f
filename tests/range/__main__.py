"""`python -m tests.range record --seed N --out DIR`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.range import live, namespaces, record, sample


def main() -> int:
    """Parse the command line and do what it says; 1 where the range failed or cannot run here."""
    parser = argparse.ArgumentParser(prog="python -m tests.range", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (
        ("record", "record a seed: both log formats of every host, inventory, truth (needs root)"),
        ("sample", "record a seed as a realistic mixed estate (needs root)"),
        ("inside", "the part of record that runs in its own namespaces; not to be called by hand"),
        ("live", "the part of test_live that runs in its own namespaces; not to be called by hand"),
    ):
        command = commands.add_parser(name, help=words, description=words)
        command.add_argument("--seed", type=int, required=True)
        command.add_argument("--out", type=Path, required=True, help="a new or empty folder")
        command.add_argument("--rounds", type=int, default=record.ROUNDS, help="rounds of work before the attacks")
    options = parser.parse_args()
    if options.command == "inside":
        record.play(options.seed, options.out, rounds=options.rounds)
        return 0
    if options.command == "live":
        live.play(options.seed, options.out)
        return 0
    return _record(options)


def _record(options: argparse.Namespace) -> int:
    lacking = namespaces.missing()
    if lacking:
        print(f"no range here: {', '.join(lacking)}", file=sys.stderr)
        return 1
    if options.out.exists() and any(options.out.iterdir()):
        print(f"{options.out} is not empty", file=sys.stderr)
        return 1
    began = time.monotonic()
    make = sample.record if options.command == "sample" else record.record
    try:
        make(options.seed, options.out, rounds=options.rounds)
    except namespaces.RangeError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"seed {options.seed} in {time.monotonic() - began:.1f} s: {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
