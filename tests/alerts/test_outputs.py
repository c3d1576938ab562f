"""Every key of an output is checked, and no error tells a secret."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from graphmap.alerts import read_outputs
from graphmap.alerts.quiet import QuietHours
from graphmap.errors import DeliveryError, InputError
from graphmap.model import Severity
from tests.alerts.entries import output, write
from tests.alerts.findings import FINDING, MESSAGE, MISSING

if TYPE_CHECKING:
    from pathlib import Path

WEB = {"kind": "webhook", "url": "https://soc.example/hook"}
MAIL = {"kind": "email", "url": "smtps://mail.example", "from": "a@corp.example", "to": ["b@corp.example"]}
SYSLOG = {"kind": "syslog", "url": "tls://siem.example"}
SECRET = "hunter2-hunter2"


def test_what_is_not_said_has_a_default(tmp_path: Path) -> None:
    made = output(tmp_path, **WEB)
    assert (made.name, made.kind, made.target.where) == ("soc", "webhook", "https://soc.example:443")
    assert (made.min_severity, made.detectors, made.quiet, made.group) == (Severity.INFO, None, None, 1)
    assert (made.evidence, made.attempts, made.timeout) == (True, 20, 10)
    assert read_outputs(write(tmp_path)) == {}


def test_what_is_said_counts(tmp_path: Path) -> None:
    made = output(
        tmp_path, **WEB, min_severity="high", detectors=["silence"], quiet="22:00-06:00", quiet_zone="Europe/Berlin",
        group=50, evidence=False, attempts=3, timeout="1m",
    )  # fmt: skip
    assert (made.min_severity, made.detectors) == (Severity.HIGH, frozenset({"silence"}))
    assert made.quiet == QuietHours(time(22), time(6), ZoneInfo("Europe/Berlin"))
    assert (made.group, made.evidence, made.attempts, made.timeout, made.longest) == (50, False, 3, 60, 240)


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ({}, [True, True]),
        ({"min_severity": "high"}, [True, False]),
        ({"min_severity": "critical"}, [False, False]),
        ({"detectors": ["silence"]}, [False, True]),
        ({"detectors": ["silence"], "min_severity": "high"}, [False, False]),
    ],
)
def test_an_output_chooses_findings(tmp_path: Path, keys: dict[str, Any], wanted: list[bool]) -> None:
    made = output(tmp_path, **WEB, **keys)
    assert [made.wants(finding) for finding in (FINDING, MISSING)] == wanted


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({}, "kind: is missing"),
        ({"kind": "pigeon"}, "kind: 'pigeon' is not known"),
        ({"kind": 3}, "kind: must be text in quotes"),
        ({"kind": "webhook"}, "url: is missing"),
        (WEB | {"uri": "x"}, "uri: no such key"),
        (WEB | {"url_file": "x"}, "url: there is url_file already"),
        (WEB | {"url": "ftp://x"}, "url: is no URL of a kind that is known here"),
        (WEB | {"url": "https://x:99999/"}, "url: is no URL"),
        (WEB | {"url": "https://u:hunter2-hunter2@x/"}, "url: has a user in it"),
        (WEB | {"url": "https://x/\nHost: y"}, "url: is no URL of a kind that is known here"),
        (WEB | {"secret": SECRET}, "secret: a secret is not written here"),
        (WEB | {"secret_file": "a", "secret_env": "B"}, "secret_env: there is secret_file already"),
        (WEB | {"secret_header": "X-Key"}, "secret_header: must be a name and a value"),
        (WEB | {"secret_header": "X Key: {secret}"}, "secret_header: 'X Key' is no header that can be set"),
        (WEB | {"headers": {"Host": "x"}}, "headers: 'Host' is no header that can be set"),
        (WEB | {"headers": {"X": "a\r\nB: c"}}, "headers: the value of X must be ASCII without control characters"),
        (WEB | {"headers": {"Authorization": SECRET}}, "headers: Authorization holds a secret"),
        (WEB | {"headers": ["X"]}, "headers: must be a table of texts"),
        (WEB | {"format": "xml"}, "format: 'xml' is not known"),
        (WEB | {"format": "template"}, "template: is missing"),
        (WEB | {"template": "$title"}, "template: the format json has none"),
        (WEB | {"format": "template", "template": "$title"}, "template: is no JSON once its fields are filled in"),
        (WEB | {"format": "slack", "template": "$nothing"}, "template: there is no field $nothing"),
        (WEB | {"format": "ecs", "group": 2}, "group: a message of this kind and format has at most 1"),
        (WEB | {"format": "slack", "group": 21}, "group: a message of this kind and format has at most 20"),
        (WEB | {"group": 0}, "group: must be a whole number from 1 to 1,000"),
        (WEB | {"attempts": True}, "attempts: must be a whole number from 1 to 1,000"),
        (WEB | {"evidence": "no"}, "evidence: must be true or false"),
        (WEB | {"min_severity": "bad"}, "min_severity: 'bad' is not known"),
        (WEB | {"detectors": []}, "detectors: must be a list of texts"),
        (WEB | {"quiet": "22-6"}, "quiet: '22-6' are no hours of a day"),
        (WEB | {"quiet": "22:00-22:00"}, "quiet: '22:00-22:00' are no hours of a day"),
        (WEB | {"quiet_zone": "UTC"}, "quiet: is missing"),
        (WEB | {"quiet": "22:00-06:00", "quiet_zone": "Mars"}, "quiet_zone: no time zone 'Mars'"),
        (WEB | {"timeout": "soon"}, "timeout: 'soon' is no length of time"),
        (WEB | {"key_file": "k"}, "certificate_file: is missing"),
        ({"kind": "slack", "url": "https://hooks.example/T/B/hunter2-hunter2"}, "url: a secret is not written here"),
        (SYSLOG | {"url": "siem.example:514"}, "url: is no URL of a kind that is known here"),
        (SYSLOG | {"url": "tls://siem.example/x"}, "url: has more than a host and a port"),
        (SYSLOG | {"format": "slack"}, "format: 'slack' is not known"),
        (SYSLOG | {"facility": "mail9"}, "facility: 'mail9' is not known"),
        (SYSLOG | {"group": 2}, "group: a message of this kind and format has at most 1"),
        (MAIL | {"to": "b@corp.example"}, "to: must be a list of texts"),
        (MAIL | {"to": ["b@corp.example\nBcc: c@x"]}, "to: 'b@corp.example\\nBcc: c@x' is no address"),
        (MAIL | {"from": "Ann <a@corp.example>"}, "from: 'Ann <a@corp.example>' is no address"),
        (MAIL | {"user": "ann"}, "user: goes with a secret"),
        (MAIL | {"url": "smtp://x", "user": "a", "secret_env": "B"}, "url: would send the secret in clear"),
        ({"kind": "file"}, "path: is missing"),
    ],
)
def test_a_wrong_key_is_named_with_file_and_entry(tmp_path: Path, keys: dict[str, Any], message: str) -> None:
    settings = write(tmp_path, good=WEB, soc=keys)
    with pytest.raises(InputError) as error:
        read_outputs(settings)
    assert error.value.message.startswith(f"{tmp_path / 'graphmap.toml'}: alerts.soc.{message}")
    assert SECRET not in f"{error.value.message} {error.value.hint}"


@pytest.mark.parametrize("name", ['"a\\nb"', '"a b"', '"\\u0000"', "x" * 65])
def test_a_name_is_a_word(tmp_path: Path, name: str) -> None:
    settings = write(tmp_path, **{name: WEB})
    with pytest.raises(InputError, match="an output cannot have this name"):
        read_outputs(settings)


def test_a_secret_is_read_where_it_is_used_and_never_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text(f"{SECRET}\n")
    monkeypatch.setenv("SOC_KEY", SECRET)
    for name, value in [("secret_file", "key"), ("secret_env", "SOC_KEY"), ("secret_in_clear", SECRET)]:
        made = output(tmp_path, **WEB, **{name: value})
        secret = made.target.secret  # type: ignore[attr-defined]
        assert secret.reveal() == SECRET
        assert SECRET not in repr(made)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "key: No such file or directory"),
        (b"", "it is empty"),
        (b"a\nb", "it has control characters"),
        (b"\xff", "key is not UTF-8"),
        (b"a" * 9000, "key is too long for a secret"),
    ],
)
def test_a_secret_that_cannot_be_used_says_why(tmp_path: Path, content: bytes | None, problem: str) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(DeliveryError) as error:
        output(tmp_path, **WEB, secret_file="key").send(MESSAGE)
    assert error.value.message.startswith(f"{tmp_path / 'graphmap.toml'}: alerts.soc.secret_file: ")
    assert error.value.message.endswith(problem)


def test_a_variable_that_is_not_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="secret_env: the variable GRAPHMAP_NOT_SET is not set"):
        output(tmp_path, **WEB, secret_env="GRAPHMAP_NOT_SET").send(MESSAGE)


@pytest.mark.parametrize(
    ("hours", "zone", "moment", "quiet"),
    [
        ("22:00-06:00", "UTC", "2026-03-10T21:59:59", False),
        ("22:00-06:00", "UTC", "2026-03-10T22:00:00", True),
        ("22:00-06:00", "UTC", "2026-03-10T05:59:59", True),
        ("22:00-06:00", "UTC", "2026-03-10T06:00:00", False),
        ("12:00-13:00", "UTC", "2026-03-10T12:30:00", True),
        ("12:00-13:00", "UTC", "2026-03-10T13:00:00", False),
        ("22:00-06:00", "Europe/Berlin", "2026-01-10T21:30:00", True),  # 22:30 there
        ("22:00-06:00", "Europe/Berlin", "2026-07-10T05:30:00", False),  # 07:30 there
        ("22:00-06:00", "+05:30", "2026-07-10T00:29:00", True),
    ],
)
def test_quiet_hours(tmp_path: Path, hours: str, zone: str, moment: str, quiet: bool) -> None:
    made = output(tmp_path, **WEB, quiet=hours, quiet_zone=zone)
    assert made.quiet is not None
    assert made.quiet.hold(datetime.fromisoformat(moment).replace(tzinfo=UTC)) is quiet
