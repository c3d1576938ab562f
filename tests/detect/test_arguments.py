from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.detect.arguments import read_command


@pytest.mark.parametrize(
    ("text", "tunnels"),
    [
        ("ssh -L 8080:db1:5432 bob@web1", [("local forward", "8080:db1:5432")]),
        ("ssh -fNR 9000:localhost:22 web1", [("remote forward", "9000:localhost:22")]),
        ("/usr/bin/ssh -vD1080 -p 22 web1", [("SOCKS proxy", "1080")]),
        ("ssh -w 0:0 web1", [("tunnel device", "0:0")]),
        ("ssh -o 'LocalForward 8080 db1:80' web1", [("local forward", "8080 db1:80")]),
        ("ssh -oDynamicForward=1080 web1", [("SOCKS proxy", "1080")]),
        ("autossh -M 0 -N -D 1080 web1", [("SOCKS proxy", "1080")]),
        (r"C:\Tools\PLINK.EXE -ssh -pw secret -R 3389:127.0.0.1:3389 bob@web1", [("remote forward", "3389:127.0.0.1:3389")]),
        (r'"C:\Program Files\PuTTY\plink.exe" -D 1080 web1', [("SOCKS proxy", "1080")]),
        ("dbclient -y -L 1:a:2 web1", [("local forward", "1:a:2")]),
        ("sshuttle -r bob@web1 10.0.0.0/8", [("VPN by sshuttle", "10.0.0.0/8")]),
        ("proxychains4 nmap 10.0.4.1", [("through a SOCKS proxy", "nmap 10.0.4.1")]),
        ("ssh bob@web1 -D 1080", [("SOCKS proxy", "1080")]),
        ("ssh -J jump web1", []),
        ("ssh web1 grep -L x /etc/hosts", []),
        ("ssh -- -L web1", []),
        ("ssh -i -D web1", []),
        ("scp -D /x a web1:", []),
        ("ssh -L 1:a:2 'web1", [("local forward", "1:a:2")]),
        ("ssh -L", [("local forward", "")]),
        ("", []),
    ],
)  # fmt: skip
def test_tunnels(text: str, tunnels: list[tuple[str, str]]) -> None:
    assert list(read_command(text).tunnels()) == tunnels


@pytest.mark.parametrize(
    ("text", "uploads"),
    [
        ("scp tool bob@web1:/tmp/", True),
        ("scp -P 22 -r tools web1:", True),
        ("scp web1:/etc/passwd .", False),
        ("scp web1:/a db1:/b", False),
        (r"pscp.exe -pw x C:\t.exe bob@web1:t.exe", True),
        (r"pscp.exe bob@web1:t.exe C:\t.exe", False),
        ("rsync -a -e 'ssh -p 2' ./x bob@10.0.0.9:/srv", True),
        ("scp x [2001:db8::1]:/tmp", True),
        ("rsync -a /a /b", False),
        ("ssh bob@web1 ls", False),
    ],
)
def test_copies(text: str, uploads: bool) -> None:
    assert read_command(text).uploads() == uploads


@pytest.mark.parametrize(
    ("text", "socket"),
    [
        ("ssh -S /home/bob/.ssh/cm-1 web1", "/home/bob/.ssh/cm-1"),
        ("ssh -o ControlPath=/tmp/x web1", "/tmp/x"),
        ("ssh -S none web1", None),
        ("scp -S /usr/bin/ssh a web1:", None),
    ],
)
def test_sockets(text: str, socket: str | None) -> None:
    assert read_command(text).socket() == socket


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    command = read_command(f"ssh {text}")
    assert len(list(command.tunnels())) <= len(command.options)
