"""[watch.NAME] of graphmap.toml: what it says, and what it must not say."""

from __future__ import annotations

from datetime import timedelta, timezone
from pathlib import Path

import pytest

from graphmap.config import Settings
from graphmap.errors import InputError
from graphmap.watch.addresses import Address, parse_address, server_tls
from graphmap.watch.wishes import Wishes, checked, named_wishes


def said(home: Path, text: str) -> Settings:
    (home / "graphmap.toml").write_text(text)
    return Settings(home=home)


def test_all_that_can_be_said(tmp_path: Path) -> None:
    settings = said(
        tmp_path,
        """
        [watch.fleet]
        paths = ["/var/log", "-"]
        syslog = ["udp://0.0.0.0:514", "tls://[::]:6514"]
        http = ["https://[::]:8088"]
        token_file = "senders.token"
        cert = "/etc/cert.pem"
        key = "/etc/key.pem"
        client_ca = "/etc/ca.pem"
        host = "db1"
        year = 2026
        timezone = "+02:00"
        mapping = ["fw.yaml"]
        every = "1m"
        poll = true
        """,
    )
    expected = Wishes(
        "fleet",
        paths=("/var/log", "-"),
        syslog=("udp://0.0.0.0:514", "tls://[::]:6514"),
        http=("https://[::]:8088",),
        token_file=tmp_path / "senders.token",
        cert=Path("/etc/cert.pem"),
        key=Path("/etc/key.pem"),
        client_ca=Path("/etc/ca.pem"),
        host="db1",
        year=2026,
        timezone=timezone(timedelta(hours=2)),
        mapping=(tmp_path / "fw.yaml",),
        every=60.0,
        poll=True,
    )
    assert named_wishes(settings) == named_wishes(settings, "fleet") == expected
    assert expected.files == ("/var/log",)


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("", None, "nothing to watch"),
        ("[watch.a]\npaths=['x']\n[watch.b]\npaths=['y']", None, "names several"),
        ("[watch.a]\npaths=['x']", "b", r"no \[watch.b\]"),
        ("[watch.a]\npath=['x']", "a", "watch.a.path: no such key"),
        ("[watch.a]\npaths='x'", "a", "watch.a.paths: must be a list of texts"),
        ("[watch.a]\npaths=[1]", "a", "watch.a.paths: must be a list of texts"),
        ("[watch.a]\nyear='2026'", "a", "watch.a.year: must be a whole number from 1970 to 9,999"),
        ("[watch.a]\nyear=true", "a", "watch.a.year: must be a whole number from 1970 to 9,999"),
        ("[watch.a]\npoll=1", "a", "watch.a.poll: must be true or false"),
        ("[watch.a]\nevery='soon'", "a", "watch.a.every: 'soon' is no length of time"),
        ("[watch.a]\ntimezone='X/Y'", "a", "watch.a.timezone: no time zone 'X/Y'"),
        ("[watch.a]\nyear=2026", "a", "a: nothing to watch"),
        ("[watch.'a/b']\npaths=['x']", None, "'a/b' cannot be a name"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, text: str, name: str | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        named_wishes(said(tmp_path, text), name)


@pytest.mark.parametrize("name", ["", "..", "a/b", "ä", "-"])
def test_a_name_is_that_of_a_file(name: str) -> None:
    with pytest.raises(InputError, match="cannot be a name"):
        checked(Wishes(name, paths=("x",)))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("udp://127.0.0.1:5514", Address("udp", "127.0.0.1", 5514)),
        ("tcp://[::1]:0", Address("tcp", "::1", 0)),
        ("udp://localhost", Address("udp", "localhost", 514)),
        ("tcp://localhost/", Address("tcp", "localhost", 601)),
        ("tls://localhost", Address("tls", "localhost", 6514)),
    ],
)
def test_where_to_listen(url: str, address: Address) -> None:
    assert parse_address(url) == address
    assert parse_address(address.url) == address


@pytest.mark.parametrize(
    "url",
    ["", "5514", "udp://", "udp://:5514", "http://a:1", "udp://a:99999", "udp://a:x", "udp://a:1/x", "udp://u@a:1"],
)
def test_where_nobody_listens(url: str) -> None:
    with pytest.raises(InputError):
        parse_address(url)


def test_tls_needs_a_certificate_that_can_be_used(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs a certificate"):
        server_tls(None, None, None)
    with pytest.raises(InputError, match="No such file"):
        server_tls(tmp_path / "cert.pem", None, None)
    (tmp_path / "cert.pem").write_text("x")
    with pytest.raises(InputError, match=r"cert\.pem"):
        server_tls(tmp_path / "cert.pem", None, None)
