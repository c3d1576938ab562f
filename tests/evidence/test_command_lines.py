"""Where command lines of clients lead: what the manuals say, and what the installed ssh says itself."""

from __future__ import annotations

import shlex
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.evidence.command_lines import Destination, destination

LEADS = [
    # ssh(1): the first word that is no option, options before and after it, the command behind them
    ("ssh db1", "db1", None),
    ("ssh bob@db1", "db1", "bob"),
    ("ssh -tt -p22 -i /home/bob/.ssh/k bob@db1 uptime", "db1", "bob"),
    ("ssh -vNfL 8080:web9:80 bob@db1", "db1", "bob"),
    ("ssh db1 -l bob -p 2222 ls -l root", "db1", "bob"),
    ("ssh db1 ssh ann@db2", "db1", None),
    ("ssh -l bob ann@db1", "db1", "bob"),
    ("ssh ann@db1 -l bob", "db1", "ann"),
    ("ssh -oUser=bob -l ann db1", "db1", "bob"),
    ("ssh -o 'User bob' db1", "db1", "bob"),
    ("ssh -- bob@db1 -l ann", "db1", "bob"),
    ("ssh bob@corp.example@db1", "db1", "bob@corp.example"),
    ("ssh -l 'CORP\\bob' db1", "db1", "CORP\\bob"),
    ("ssh ssh://bob%40corp;fingerprint=x@db1:2222/", "db1", "bob@corp"),
    ("ssh bob@2001:db8::1", "2001:db8::1", "bob"),
    ("ssh -W db2:22 bob@db1", "db1", "bob"),
    ("ssh -oHostName=10.0.0.2 prod", "10.0.0.2", None),
    ("ssh -o hostname=%h.corp.example db1", "db1.corp.example", None),
    ("ssh db1 echo don't", "db1", None),
    ("/usr/bin/ssh db1", "db1", None),
    # the others
    ("plink -batch -P 22 -l bob -pw secret db1 ls", "db1", "bob"),
    ("plink bob@db1 -l ann", "db1", "bob"),
    ("psftp -b script bob@db1", "db1", "bob"),
    ("pscp -pw secret a.txt bob@db1:/tmp/", "db1", "bob"),
    ("dbclient -p 22 -l bob db1/2222 ls", "db1", "bob"),
]
LEFT_TO_ANOTHER = [
    ("ssh -J hop bob@db1", "hop", None),
    ("ssh -J ann@hop:2222,hop2 bob@db1", "hop", "ann"),
    ("ssh -oProxyJump=ann@[2001:db8::9]:22 db1", "2001:db8::9", "ann"),
    ("scp -r /etc bob@db1:/tmp", "db1", "bob"),
    ("scp -P 2222 bob@db1:a bob@db1:b /tmp", "db1", "bob"),
    ("scp db1:/etc/passwd .", "db1", None),
    ("scp -J ann@hop a db1:", "hop", "ann"),
    ("scp scp://bob@db1:2222//etc/passwd /tmp", "db1", "bob"),
    ("scp a bob@[2001:db8::1]:", "2001:db8::1", "bob"),
    ("scp C:/a ./b:c bob@db1:", "db1", "bob"),
    ("sftp -b batch -P 2222 bob@db1:/tmp", "db1", "bob"),
    ("sftp db1", "db1", None),
    ("sftp sftp://bob@db1:22/tmp", "db1", "bob"),
    ("rsync -az --delete --exclude tmp:x /srv/ bob@db1:/srv/", "db1", "bob"),
    ("rsync -e 'ssh -p 2222 -l bob' a db1:b", "db1", "bob"),
    ("rsync --rsh='ssh -J hop' a db1:b", "hop", None),
    ("sshfs bob@db1:/ /mnt -o reconnect,port=2222", "db1", "bob"),
    ("autossh -M 0 -N -R 2222:localhost:22 bob@db1", "db1", "bob"),
    ("sshpass -p secret ssh bob@db1", "db1", "bob"),
    ("sshpass -e scp a bob@db1:", "db1", "bob"),
    ("ssh-copy-id -i k.pub -p 22 bob@db1", "db1", "bob"),
    ("dbclient bob@hop,db1", "hop", "bob"),
]
UNTOLD = [
    "ssh", "ssh -V", "ssh -p", "ssh -G db1", "ssh -O exit db1", "ssh -Q key", "ssh @db1", "ssh bob@",
    "ssh -oProxyCommand='nc %h 22' db1", "ssh -o HostName=%n db1", "scp a b", "scp a@db1:x b@db2:y", "scp", "sftp",
    "sftp -D /usr/lib/sftp-server", "rsync -a a b", "rsync a db1::m", "rsync rsync://db1/m .", "rsync -e rsh a db1:b",
    "plink -load prod", "plink -telnet db1", "plink -proxycmd x db1", "dbclient -J 'nc db2 22' db1", "sshpass -p x",
    "sshpass -p x bash", "proxychains ssh db1", "vim db1", "", "putty",
]  # fmt: skip


@pytest.mark.parametrize(("line", "host", "user"), LEADS)
def test_a_client_that_connects_itself(line: str, host: str, user: str | None) -> None:
    assert destination(line.split(maxsplit=1)[0], line) == Destination(host, user, by_child=False)


@pytest.mark.parametrize(("line", "host", "user"), LEFT_TO_ANOTHER)
def test_a_client_that_starts_another_one_for_it(line: str, host: str, user: str | None) -> None:
    assert destination(line.split(maxsplit=1)[0], line) == Destination(host, user, by_child=True)


@pytest.mark.parametrize("line", UNTOLD)
def test_nothing_is_claimed(line: str) -> None:
    assert destination(line.partition(" ")[0], line) is None


@pytest.mark.parametrize(
    ("client", "line", "found"),
    [
        (
            r"C:\Windows\System32\OpenSSH\ssh.exe",
            r'"C:\Windows\System32\OpenSSH\ssh.exe" -i "C:\Users\ann b\.ssh\k" -o"User ann" db1 dir',
            Destination("db1", "ann", by_child=False),
        ),
        (r"D:\PLINK.EXE", r"plink  -ssh CORP\ann@db1", Destination("db1", r"CORP\ann", by_child=False)),
        ("pscp.exe", r"pscp.exe C:\a.txt db1:/tmp", Destination("db1", None, by_child=False)),
        ("scp.exe", r'scp.exe "C:\a b.txt" ann@db1:', Destination("db1", "ann", by_child=True)),
    ],
)
def test_windows(client: str, line: str, found: Destination) -> None:
    assert destination(client, line) == found


@pytest.mark.parametrize(
    "line", [line for line, *_ in (*LEADS, *LEFT_TO_ANOTHER) if line.startswith("ssh ") and "HostName" not in line]
)
def test_ssh_says_the_same(line: str) -> None:
    """`ssh -G` prints what it would do; without an account the one who asks it."""
    ssh = shutil.which("ssh")
    if ssh is None:
        pytest.skip("no ssh here")
    words = shlex.split(line.replace("don't", "do"))[1:]
    done = subprocess.run([ssh, "-F", "none", "-G", *words], capture_output=True, text=True, check=True)
    said = dict(one.split(" ", 1) for one in done.stdout.splitlines() if " " in one)
    found = destination("ssh", line)
    assert found is not None
    if "proxyjump" in said:
        first = said["proxyjump"].split(",")[0]
        assert (found.host in first, found.user in {None, first.split("@")[0]}) == (True, True)
    else:
        assert (found.host, found.user or said["user"]) == (said["hostname"].strip("[]"), said["user"])


CLIENTS = st.sampled_from(
    [
        "ssh",
        "scp",
        "sftp",
        "rsync",
        "sshfs",
        "autossh",
        "sshpass",
        "ssh-copy-id",
        "plink",
        "pscp",
        "dbclient",
        "ssh.exe",
    ]
)
WORDS = st.lists(
    st.one_of(
        st.sampled_from(
            ["-p", "-J", "-o", "-l", "-e", "--rsh", "--rsh=ssh", "--", "-", "-F", "-vvp22", "ssh", "sshpass"]
        ),
        st.sampled_from(["-oProxyJump=", "-oUser", "-ohostname=%h", "ssh://a@[::1]:2", "scp://", "'", '"', "["]),
        st.sampled_from(["db1", "a@db1:x", "x:@y:", "@", ":", "]:"]),
        st.text(max_size=6),
    ),
    max_size=8,
)


@given(CLIENTS, WORDS)
def test_any_words_give_a_host_that_is_there_or_nothing(client: str, words: list[str]) -> None:
    line = " ".join((client, *words))
    found = destination(client, line)
    assert found is None or (found.host and found.user != "" and _plain(found.host.replace("%h", "")) in _plain(line))


def _plain(text: str) -> str:
    """Without what quotes words."""
    return text.translate(str.maketrans("", "", "\"'\\ \n"))


def test_what_is_nested_is_read_once() -> None:
    assert destination("sshpass", "sshpass -p x " * 3000 + "ssh db1") is None
