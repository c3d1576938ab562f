from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.errors import InventoryError
from graphmap.identity import EMPTY, Inventory, parse, parse_inventory_csv
from graphmap.identity.csv_form import _rows
from graphmap.identity.problems import Problems
from graphmap.model import Address, Host, Segment

COLUMNS = "the columns: name, addresses, segment, restricted, roles, owner, aliases"
JAN, FEB = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


def refused(text: str) -> tuple[str, str | None]:
    with pytest.raises(InventoryError) as caught:
        parse(text, "inv.csv")
    return str(caught.value).removeprefix("inv.csv:"), caught.value.hint


def test_every_column_is_read() -> None:
    text = (
        "name,addresses,segment,restricted,roles,owner,aliases\r\n"
        "DB1,10.77.0.61;10.77.0.62,prod,true,database,j-smith,db1.corp.example\r\n"
        "\r\n"
        'lt7,10.1.9.9@2026-01-01T00:00:00Z/2026-02-01T00:00:00Z,office,,"workstation; build","Anna ""A"" Ek",\r\n'
        "lt8, 10.1.9.9@2026-02-01/ 10.1.9.8@/2026-02-01 ,office,no,,,a b\r\n"
        "web1,2001:DB8::1,prod,TRUE,,,"
    )
    assert parse("\ufeff" + text, "INV.CSV") == Inventory(
        hosts=(
            Host(
                "db1",
                (Address("10.77.0.61"), Address("10.77.0.62")),
                "prod",
                ("database",),
                "j-smith",
                ("db1.corp.example",),
            ),
            Host("lt7", (Address("10.1.9.9", JAN, FEB),), "office", ("workstation", "build"), 'Anna "A" Ek'),
            Host(
                "lt8",
                (Address("10.1.9.9", FEB), Address("10.1.9.8", None, FEB)),
                "office",
                aliases=("a", "b"),
            ),
            Host("web1", (Address("2001:db8::1"),), "prod"),
        ),
        segments=(Segment("prod", restricted=True), Segment("office")),
    )


def test_columns_may_be_few_and_in_any_order() -> None:
    assert parse_inventory_csv("Segment,NAME\nprod,db1\n", "i.csv") == Inventory(
        (Host("db1", segment="prod"),), (Segment("prod"),)
    )


@pytest.mark.parametrize("text", ["", "\n\r\n \n", "name\n", '"name",owner'])
def test_no_rows_are_an_empty_inventory(text: str) -> None:
    assert parse(text, "i.csv") == EMPTY


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("name,adresses\n", "1:6: no column 'adresses' is known", "did you mean 'addresses'?"),
        ("name,,owner\n", "1:6: no column '' is known", COLUMNS),
        ("name, owner ,Owner", "1:14: column 'owner' is given twice", None),
        ("owner,roles\nanna,x", "1:1: the column 'name' is missing", COLUMNS),
        (
            "owner,colour\nanna,x",
            "1:1: the column 'name' is missing",
            f"{COLUMNS}; 1 more problem in this file, at 1:7",
        ),
        ("name,owner\na\n", "2:1: the row has 1 fields, the header has 2", None),
        ("name,owner\na,b,c,\n", "2:5: the row has 4 fields, the header has 2", None),
        ("name\na\n b\na", "4:1: host 'a' is given twice, first at 2:1", None),
        ("name,owner\n,x", "2:1: the name of a host is empty", None),
        ("owner,name\nx,", "2:3: the name of a host is empty", None),
        ('name,owner\n"a"b,c', "2:4: text behind a closing quote", 'write a quote as ""'),
        ('name,owner\na, "b', "2:4: a quoted field is not closed", None),
        ('name,owner\na,b"c"', "2:4: a quote inside a field", 'put the field in quotes and write the quote as ""'),
        ("name,addresses\na,10.0.0.1; x", "2:13: 'x' is not an IP address", None),
        ('name,addresses\na,"10.0.0.1; x"', "2:14: 'x' is not an IP address", None),
        ('name,owner,addresses\na,"one\n",::1', "3:3: ::1 identifies no host", "leave out loopback, unspecified, link-local, multicast and broadcast addresses"),
        ("name,addresses\na,10.0.0.1@2026-01-01", "2:3: '10.0.0.1@2026-01-01' has no interval behind '@'", "write ADDRESS@FROM/UNTIL"),
        ("name,addresses\na,10.0.0.1@soon/", "2:12: 'soon' is not a time", "write it as 2026-01-31T09:30:00Z"),
        ("name,addresses\na,10.0.0.1@2026-01-01/x", "2:23: 'x' is not a time", "write it as 2026-01-31T09:30:00Z"),
        ("name,addresses\na,10.0.0.1@2026-01-02/2026-01-01", "2:23: the address ends before it begins", "until is exclusive and lies after from"),
        ("name,addresses\na,10.0.0.1\nb,10.0.0.1", "3:3: 10.0.0.1 is that of 'a' at the same time, by 2:3", "give each its time with from and until"),
        ("name,segment,restricted\na,x,maybe", "2:5: 'restricted' is a boolean, not 'maybe'", "write true or false"),
        ("name,segment,restricted\na,,true", "2:4: 'restricted' is said of no segment", "name the segment"),
        ("name,segment,restricted\na,x,true\nb,x,\nc,x,false", "4:5: segment 'x' is restricted: true at 2:5, another here", None),
        ("name,segment\na,\x07", "2:3: the name of a segment '\\x07' has characters that cannot be printed", None),
        ("name,aliases\na,b;1.2.3.4", "2:5: '1.2.3.4' is an address, not a name", "list it under addresses"),
        ("name,aliases\na,b A", "2:5: host 'a' is given twice, first at 2:1", None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text: str, message: str, hint: str | None) -> None:
    assert refused(text) == (message, hint)


@given(
    st.lists(st.lists(st.text(alphabet='a",;\n\r é', max_size=5).map(str.strip), min_size=2, max_size=4), max_size=5)
)
def test_rows_are_split_as_the_standard_library_splits_them(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    read = [[field.value for field in row] for row in _rows(text.getvalue(), Problems("i.csv"))]
    assert read == rows


@given(st.lists(st.lists(st.sampled_from(["a", "é é", '"b"', "", '"x,\ny"']), min_size=2, max_size=4), min_size=1))
def test_places_point_at_the_first_character_of_a_value(rows: list[list[str]]) -> None:
    text = "\n".join(",".join(row) for row in rows)
    lines = text.split("\n")
    for row in _rows(text, Problems("i.csv")):
        for field in row:
            rest = "\n".join([lines[field.place.line - 1][field.place.column - 1 :], *lines[field.place.line :]])
            assert rest.startswith(field.value)
            assert field.value or rest[:1] in {"", ",", "\n"}
