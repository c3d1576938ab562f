"""The examples of docs/inventory.md say what its text says they do."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from graphmap.identity import Identity, Inventory, parse
from graphmap.identity.csv_form import COLUMNS
from graphmap.identity.yaml_form import ACCOUNT, HOST, SEGMENT
from graphmap.model import Account, Address, Host, Segment

if TYPE_CHECKING:
    from pathlib import Path

JAN, FEB = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
LT7 = Host("lt7", (Address("10.1.9.9", JAN, FEB),), "office", ("workstation",), "anna")


def examples(root: Path) -> dict[str, Inventory]:
    text = (root / "docs" / "inventory.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return {language: parse(block, f"inventory.{language}") for language, block in blocks}


def test_every_example_is_read_as_meant(root: Path) -> None:
    assert examples(root) == {
        "yaml": Inventory(
            hosts=(
                Host("db1", (Address("10.77.0.61"),), "prod", ("database",), "j-smith", ("db1.corp.example",)),
                LT7,
            ),
            segments=(
                Segment("office", cidrs=("10.1.0.0/16",)),
                Segment("jump", cidrs=("10.9.0.0/24", "2001:db8:9::/64")),
                Segment("prod", restricted=True, allowed_from=("jump", "prod")),
            ),
            accounts=(Account("anna", ("adm-anna",)), Account("ansible", service=True)),
        ),
        "json": Inventory(
            hosts=(Host("db1", (Address("10.77.0.61"),), "prod"),), segments=(Segment("prod", restricted=True),)
        ),
        "csv": Inventory(
            hosts=(
                Host(
                    "db1",
                    (Address("10.77.0.61"), Address("10.77.0.62")),
                    "prod",
                    ("database",),
                    "j-smith",
                    ("db1.corp.example",),
                ),
                LT7,
                Host("lt8", (Address("10.1.9.9", FEB),), "office", ("workstation", "build"), "Ek, Per"),
            ),
            segments=(Segment("prod", restricted=True), Segment("office")),
        ),
    }


def test_every_key_is_described(root: Path) -> None:
    text = (root / "docs" / "inventory.md").read_text(encoding="utf-8")
    assert [key for key in {*SEGMENT, *HOST, *ACCOUNT, *COLUMNS, "from", "until"} if f"`{key}`" not in text] == []


def test_the_example_answers_as_the_text_says(root: Path) -> None:
    identity = Identity(examples(root)["yaml"])
    assert identity.segment("10.9.0.7") == "jump"
    assert identity.account_of(r"CORP\adm-anna") == "anna"
