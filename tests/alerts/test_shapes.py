"""Every shape whole, and attackers' text in each: it changes itself alone."""

from __future__ import annotations

import email
import email.policy
import json
import re
import unicodedata
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.alerts.fields import FIELDS, parse_template
from graphmap.alerts.forms import FORMATS, LINES, body_of, check_json_template, line_of
from graphmap.alerts.mail import Form, mail_of
from graphmap.alerts.message import items_from_text, items_text
from graphmap.alerts.syslog import syslog_frame
from graphmap.errors import InputError
from tests.alerts.findings import CHANGED, FINDING, HOSTILE, MESSAGE, TWO, with_text

if TYPE_CHECKING:
    from graphmap.alerts import Message

GOLDEN = Path(__file__).parent / "golden"
FORM = Form("graphmap@corp.example", ("soc@corp.example", "ann@corp.example"))
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def golden(name: str) -> str:
    """A message as it has to be; checked by hand against the standard when it was written."""
    return (GOLDEN / name).read_text()


def skeleton(value: Any) -> Any:
    """A JSON value without its texts."""
    if isinstance(value, dict):
        return {name: skeleton(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [skeleton(inner) for inner in value]
    return "text" if isinstance(value, str) else value


@pytest.mark.parametrize("form", FORMATS)
def test_a_shape_is_as_its_golden_file(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("cef", "ocsf"):
        monkeypatch.setattr(f"graphmap.alerts.{module}.version", lambda _: "1.2.3")
    body = body_of(form, CHANGED, None).content.decode()
    shown = body + "\n" if form == "cef" else json.dumps(json.loads(body), indent=2, ensure_ascii=False) + "\n"
    assert shown == golden(f"{form}.{'txt' if form == 'cef' else 'json'}")
    assert "\n" not in body


def test_a_mail_is_as_its_golden_file_and_the_same_each_time() -> None:
    mail = mail_of(TWO, FORM)
    text, page = (part.get_content() for part in mail.iter_parts())
    heads = "".join(f"{name}: {value}\n" for name, value in mail.items())
    assert f"{heads}\n{text}\n{page}".replace("\r\n", "\n") == golden("mail.txt")
    assert mail.as_bytes() == mail_of(TWO, FORM).as_bytes()


def test_a_syslog_message_is_as_rfc_5424_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "hunter 1\n")
    monkeypatch.setattr("graphmap.alerts.cef.version", lambda _: "1.2.3")
    assert syslog_frame(CHANGED, "cef", 16) == (
        b"<131>1 2026-03-10T09:00:00.250000Z hunter1 graphmap - alert - " + golden("cef.txt").encode().rstrip(b"\n")
    )


def test_a_test_says_so_in_every_shape() -> None:
    message = replace(MESSAGE, test=True)
    assert json.loads(line_of("json", message))["test"] is True
    assert json.loads(line_of("ecs", message))["event"]["action"] == "test"
    assert json.loads(line_of("ocsf", message))["is_alert"] is False
    assert " act=test " in line_of("cef", message)
    assert "TEST, nothing happened" in body_of("slack", message, None).content.decode()
    mail = mail_of(message, FORM)
    assert mail["Subject"].startswith("graphmap TEST")
    assert "This is a test: nothing happened." in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_what_the_ledger_keeps_is_read_back() -> None:
    assert items_from_text(items_text(TWO.items)) == TWO.items


def check_lines(message: Message) -> None:
    """Lines are one line of visible characters; of JSON the structure is ours."""
    for form in LINES:
        line = line_of(form, message)
        assert not any(unicodedata.category(c) in HIDDEN for c in line), form
    for form in ("json", "ecs", "ocsf"):
        line = line_of(form, message)
        assert line.isascii()
        assert "\ud800" not in json.dumps(json.loads(line), ensure_ascii=False)
    assert skeleton(json.loads(line_of("json", message))) == skeleton(json.loads(line_of("json", with_text("a"))))


def cef_fields(line: str) -> tuple[list[str], dict[str, str]]:
    """A slow, obvious reader of CEF: header fields, and the extension by its keys."""
    *header, extension = re.split(r"(?<!\\)(?:\\\\)*\|", line, maxsplit=7)
    found = list(re.finditer(r"(?:^| )(\w+)=", re.sub(r"\\.", "..", extension)))
    ends = [one.start() for one in found[1:]] + [len(extension)]
    raw = {one[1]: extension[one.end() : end] for one, end in zip(found, ends, strict=True)}
    return header, {key: re.sub(r"\\(.)", r"\1", value) for key, value in raw.items()}


def check_cef(message: Message) -> None:
    header, extension = cef_fields(line_of("cef", message))
    plain_header, plain = cef_fields(line_of("cef", with_text("a")))
    assert len(header) == len(plain_header) == 7
    assert (header[:5], header[6]) == (plain_header[:5], plain_header[6])
    assert list(extension) == list(plain)
    assert extension["cs1"] == message.key


def check_slack(message: Message) -> None:
    document = json.loads(body_of("slack", message, None).content)
    assert skeleton(document) == skeleton(json.loads(body_of("slack", with_text("a"), None).content))
    first, *titles = document["text"].split("\n")
    assert (len(titles), first) == (1, "graphmap: 1 finding, changed, severity high")
    assert titles[0].count("`") == 2
    texts = [block["text"] for block in document["blocks"] if "text" in block]
    texts += [element for block in document["blocks"] for element in block.get("elements", ())]
    assert all(text["type"] == "plain_text" and text["emoji"] is False for text in texts)
    for text in [document["text"], *(text["text"] for text in texts)]:
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)|@(?!\u200b)", text)
        assert len(text) <= 3000


class Tags(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag if not attrs else f"{tag} with attributes")


def check_mail(message: Message) -> None:
    raw = mail_of(message, FORM).as_bytes()
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert mail.keys() == email.message_from_bytes(mail_of(MESSAGE, FORM).as_bytes()).keys()
    assert mail["To"] == "soc@corp.example, ann@corp.example"
    assert not mail.defects
    text, page = (part.get_content() for part in mail.iter_parts())
    tags = Tags()
    tags.feed(page)
    assert tags.tags == ["h3", "pre", "p"]
    for part in (text, page, mail["Subject"]):
        assert not any(unicodedata.category(c) in HIDDEN for c in re.sub("\r?\n", "", part))


def check(message: Message) -> None:
    check_lines(message)
    check_cef(message)
    check_slack(message)
    check_mail(message)


def test_hostile_text_changes_that_text_alone() -> None:
    check(with_text(HOSTILE))


@given(st.text(min_size=1))
def test_any_text_changes_that_text_alone(text: str) -> None:
    check(with_text(text))


@pytest.mark.parametrize("text", ["&" * 4000, "x" * 2999 + "&&&&", "`" * 500, "\n" * 5000, "é" * 10_000])
def test_long_text_is_cut_where_a_medium_ends(text: str) -> None:
    check(with_text(text))


def test_a_template_escapes_for_its_medium() -> None:
    message = with_text(HOSTILE)
    template = parse_template('{"content": "$severity: ${title} costs $$1", "hosts": "$hosts"}')
    check_json_template(template)
    body = json.loads(body_of("template", message, template).content)
    half = HOSTILE.replace("\ud800", "\N{REPLACEMENT CHARACTER}")
    assert body == {"content": f"high: {half} costs $1", "hosts": f"{half}, vault"}
    slack = json.loads(body_of("slack", message, parse_template("<!here> $title")).content)
    (section,) = slack["blocks"][1:]
    assert section["text"]["text"].startswith("<!here> ")
    assert "<!channel>" not in section["text"]["text"]
    mail = mail_of(message, FORM._replace(subject=parse_template("$title"), template=parse_template("one $id\n$title")))
    assert "\\r\\nBcc: all@corp.example" in mail["Subject"]
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert text.splitlines()[0] == f"one {FINDING.id}"


def test_every_field_of_a_template_has_a_value() -> None:
    template = parse_template("\n".join(f"${name}" for name in FIELDS))
    assert template.fill(CHANGED.items[0], CHANGED, str.upper).splitlines() == [
        "F-1A2B3C4D5E6F", "A-0123456789AB", "SOC", "CHANGED", "SEVERITY RAISED FROM LOW TO HIGH", "MULTI-HOP-CHAIN",
        "T1021.004", "HIGH", "4.50", "198.51.100.7 -> APP1 -> VAULT AS ROOT", "TWO HOPS; A NEW WAY",
        "198.51.100.7, APP1, VAULT", "ROOT", "2026-03-10T08:12:40Z", "2026-03-10T08:17:40Z",
        "APP1/AUTH.LOG:3, GONE.LOG:9",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("$nothing", "there is no field $nothing"),
        ("100 $", "has a $ that begins no field"),
        ("${title", "has a $ that begins no field"),
    ],
)
def test_a_template_with_a_mistake_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InputError, match=re.escape(problem)):
        parse_template(text)


@pytest.mark.parametrize("text", ['{"text": $title}', "title $title", '{"text": "$title"'])
def test_a_template_of_a_webhook_is_json_whatever_its_fields_hold(text: str) -> None:
    with pytest.raises(InputError, match="is no JSON once its fields are filled in"):
        check_json_template(parse_template(text))
