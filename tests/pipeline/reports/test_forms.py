"""A report as Markdown and HTML: whole answers, and text of logs that stays text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphmap.detect.reports import Section
from graphmap.pipeline.reports import Report, html_of, markdown_of
from graphmap.pipeline.reports.markdown import literal

NOTHING = pl.DataFrame(schema={"src": pl.String, "dst": pl.String, "count": pl.UInt32, "failures": pl.UInt32})
WAYS = pl.DataFrame({"src": ["office", "</script><b>"], "dst": ["core", "core"], "count": [3, 1], "failures": [0, 2]})
HOSTILE = "</script><img src=x onerror=alert(1)> | [a](http://evil) `x` \x1b[31m \u202e"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def report(*sections: Section, ways: pl.DataFrame = NOTHING) -> Report:
    return Report(AT, AT, sections, ways, frozenset({("office", "core")}))


FULL = Section(
    "a", "Which servers?", "M1042", "Switch them off.", ("host", "logons", "last"), (("db1", 1200, AT), ("x", 0, None))
)
EMPTY = Section("b", "Who else?", None, "Nobody should.", ("account",))
BLIND = Section("c", "When?", None, "Never.", ("time",), (), "no log was read")


def test_a_report_in_markdown() -> None:
    assert (
        markdown_of(report(FULL, EMPTY, BLIND))
        == """\
# graphmap report

Logs from 2026-03-01 12:00:00Z to 2026-03-01 12:00:00Z.

## Which servers? (M1042)

Switch them off.

| host | logons | last |
|---|---|---|
| db1 | 1,200 | 2026\\-03\\-01 12\\:00\\:00Z |
| x | 0 | \\- |

## Who else?

Nobody should.

Nothing.

## When?

Not evaluable: no log was read.
"""
    )


def test_a_report_as_json() -> None:
    assert report(FULL, BLIND).document() == {
        "first": "2026-03-01T12:00:00Z",
        "last": "2026-03-01T12:00:00Z",
        "sections": [
            {
                "name": "a", "title": "Which servers?", "mitigation": "M1042", "says": "Switch them off.", "missing": None,
                "rows": [
                    {"host": "db1", "logons": 1200, "last": "2026-03-01T12:00:00Z"}, {"host": "x", "logons": 0, "last": None},
                ],
            },
            {
                "name": "c", "title": "When?", "mitigation": None, "says": "Never.", "missing": "no log was read", "rows": [],
            },
        ],
    }  # fmt: skip


@given(name=st.text(max_size=30) | st.just(HOSTILE))
def test_markdown_shows_a_name_letter_for_letter_in_its_cell(name: str) -> None:
    table = markdown_of(report(Section("a", "t", None, "s", ("host", "x"), ((name, 1),))))
    (row,) = [line for line in table.split("\n") if line.endswith("| 1 |")]
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 3
    assert not re.search(r"(?<!\\)(?:\\\\)*[<`\[]", row)
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", literal(name)) == name


class _Tags(HTMLParser):
    """The tags of a page, and the texts of its cells."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.tags.append(tag)
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] == "td" and self.cells:
            self.cells[-1] += data


def tags_of(page: str) -> _Tags:
    parser = _Tags()
    parser.feed(page)
    return parser


@given(name=st.text(max_size=30) | st.just(HOSTILE))
def test_html_of_any_name_has_the_tags_of_a_plain_one(name: str) -> None:
    plain, other = (
        tags_of(html_of(report(Section("a", one, None, one, ("host",), ((one,),), None)))) for one in ("db1", name)
    )
    assert other.tags == plain.tags


def test_the_figure_cannot_end_its_script() -> None:
    page = html_of(report(FULL, ways=WAYS))
    figure = page.split('id="ways-figure">')[1].split("</script>")[0]
    assert "<" not in figure
    assert page.count("ways-figure") == 2
    assert "ways-figure" not in html_of(report(FULL))


def test_the_page_may_load_nothing() -> None:
    page = html_of(report(FULL))
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page
    assert not re.search(r"<(?:link|script|img)[^>]+(?:src|href)=", page)
