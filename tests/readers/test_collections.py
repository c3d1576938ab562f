"""Logs in archives: found in place, named, given to their host, and no bomb reaches memory or disk."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import struct
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.errors import InputError
from graphmap.readers import find_sources, read_head
from graphmap.readers.archives import ArchiveError, archive_kind, members
from graphmap.readers.collectors import named_host
from graphmap.readers.compression import CutStreamError
from graphmap.readers.spools import KEPT, Spools
from graphmap.readers.unpacking import Limits

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = b"Mar  1 10:00:00 sshd[7]: Invalid user a from 1.2.3.4\n"
Files = dict[str, bytes]


def tar_of(files: Files) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(data), 1_700_000_000
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def zip_of(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 1, 12, 0, 0)), data, method)
    return stream.getvalue()


def tgz_of(files: Files) -> bytes:
    return gzip.compress(tar_of(files))


ARCHIVES: dict[str, Callable[[Files], bytes]] = {"tar": tar_of, "zip": zip_of, "tar.gz": tgz_of}


def found(path: Path, limits: Limits | None = None, host: str | None = None) -> dict[str, bytes | str]:
    """What each source holds, or why it cannot be read; names without the folder in front."""
    told: dict[str, bytes | str] = {}
    for source in find_sources([str(path)], limits=limits, host=host):
        name = source.name.removeprefix(f"{path.parent}/")
        try:
            with source.open() as stream:
                told[name] = b"".join(iter(lambda: stream.read(1000), b""))
        except (InputError, CutStreamError) as error:
            told[name] = str(error).removeprefix(f"{path.parent}/")
    return told


def hosts(path: Path, host: str | None = None) -> dict[str, str | None]:
    sources = find_sources([str(path)], host=host)
    return {source.name.rpartition("!")[2].removeprefix(f"{path}/"): source.host for source in sources}


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("kind", ARCHIVES)
def test_members_are_read_where_they_lie(tmp_path: Path, kind: str) -> None:
    files = {"web1/auth.log": LOG, "web1/auth.log.1.gz": gzip.compress(2 * LOG), "../../etc/passwd": b"x", "empty": b""}
    path = put(tmp_path / f"all.{kind}", ARCHIVES[kind](files))
    assert found(path) == {
        f"all.{kind}!web1/auth.log": LOG,
        f"all.{kind}!web1/auth.log.1.gz": 2 * LOG,
        f"all.{kind}!../../etc/passwd": b"x",
    }
    assert not (tmp_path.parent.parent / "etc").exists()


@pytest.mark.parametrize("outer", ARCHIVES)
@pytest.mark.parametrize("inner", ARCHIVES)
def test_archives_in_archives(tmp_path: Path, outer: str, inner: str) -> None:
    data = ARCHIVES[outer]({"a/in": ARCHIVES[inner]({"b": ARCHIVES[outer]({"c": LOG})})})
    assert found(put(tmp_path / "x", data)) == {"x!a/in!b!c": LOG}


def test_one_member_alone(tmp_path: Path) -> None:
    path = put(tmp_path / "x!y", tgz_of({"a": b"1", "b": zip_of({"c": LOG, "d": b"2"})}))
    (source,) = find_sources([f"{path}!b!c"])
    assert (source.name, read_head(source)) == (f"{path}!b!c", LOG)
    (source,) = find_sources([f"{path}!b!e"])
    with pytest.raises(InputError, match="no such member"):
        source.open()
    with pytest.raises(InputError, match="does not exist"):
        find_sources([f"{tmp_path / 'z'}!b"])


def test_members_with_one_name_are_told_apart(tmp_path: Path) -> None:
    stream = io.BytesIO(tar_of({"a": b"1"})[:1024] + tar_of({"a": b"2"}))
    assert found(put(tmp_path / "x.tar", stream.getvalue())) == {"x.tar!a": b"1", "x.tar!a#2": b"2"}


def test_time_of_a_member_is_its_own(tmp_path: Path) -> None:
    (tarred,) = find_sources([str(put(tmp_path / "x.tar", tar_of({"a": LOG})))])
    (zipped,) = find_sources([str(put(tmp_path / "x.zip", zip_of({"a": LOG})))])
    assert (tarred.modified, zipped.modified) == (
        datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        datetime(2026, 3, 1, 12, tzinfo=UTC),
    )


@pytest.mark.parametrize("stamp", [0, 315_532_800])
def test_member_without_a_time_has_that_of_its_archive(tmp_path: Path, stamp: int) -> None:
    entry = tarfile.TarInfo("a")
    entry.size, entry.mtime = len(LOG), stamp
    path = put(tmp_path / "x.tar", entry.tobuf() + LOG.ljust(512, b"\0") + bytes(1024))
    (source,) = find_sources([str(path)])
    assert source.modified == datetime.fromtimestamp(path.stat().st_mtime, UTC)


def test_documents_and_programs_are_files(tmp_path: Path) -> None:
    data = zip_of({"META-INF/MANIFEST.MF": b"x", "a.class": b"y"})
    assert found(put(tmp_path / "x.jar", data)) == {"x.jar": data}


INFO = {"Hostname": "FS02", "Fqdn": "FS02.corp.example"}
EXPORTED = {"client_id": "C.1", "os_info": {"hostname": "db7", "fqdn": "db7.example"}}
HOST_CASES: dict[str, tuple[str, Files, dict[str, str | None]]] = {
    "Velociraptor, offline": (
        "x.zip",
        {"uploads/auto/C%3A/a.log": LOG, "client_info.json": json.dumps(INFO, indent=1).encode()},
        {"uploads/auto/C%3A/a.log": "FS02", "client_info.json": "FS02"},
    ),
    "Velociraptor, exported": (
        "x.zip",
        {"clients/db7/client_info.json": json.dumps(EXPORTED).encode(), "clients/db7/uploads/auto/a.log": LOG},
        {"clients/db7/client_info.json": "db7", "clients/db7/uploads/auto/a.log": "db7"},
    ),
    "Velociraptor, by name": (
        "Collection-ws-9.example-2026-03-01T10_00_00Z.zip",
        {"uploads/a": LOG},
        {"uploads/a": "ws-9.example"},
    ),
    "UAC": (
        "uac-web-1-linux-20260301100000.tar.gz",
        {"[root]/var/log/auth.log": LOG, "uac.log": LOG},
        {"[root]/var/log/auth.log": "web-1", "uac.log": "web-1"},
    ),
    "KAPE, by name": ("2026-03-01T100000_WS3.zip", {"C/Windows/a": LOG}, {"C/Windows/a": "WS3"}),
    "KAPE, a folder per host": (
        "k.zip",
        {"WS1/C/a": LOG, "WS2/D/a": LOG, "a": LOG},
        {"WS1/C/a": "WS1", "WS2/D/a": "WS2", "a": None},
    ),
    "Windows names": ("k.zip", {"WS1\\C\\a": LOG, "WS2\\b": LOG}, {"WS1\\C\\a": "WS1", "WS2\\b": "WS2"}),
    "one folder around the hosts": (
        "k.tar",
        {"case/web1/a": LOG, "case/web2/a": LOG},
        {"case/web1/a": "web1", "case/web2/a": "web2"},
    ),
    "one host": ("k.tar", {"web1/var/log/a": LOG, "web1/b": LOG}, {"web1/var/log/a": "web1", "web1/b": "web1"}),
    "no host": ("k.tar", {"var/log/a": LOG, "b": LOG}, {"var/log/a": None, "b": None}),
    "metadata that is none": (
        "k.tar",
        {"client_info.json": b"[" * 10_000, "var/a": LOG},
        {"client_info.json": None, "var/a": None},
    ),
}


@pytest.mark.parametrize("case", HOST_CASES)
def test_host_of_a_member(tmp_path: Path, case: str) -> None:
    name, files, expected = HOST_CASES[case]
    path = put(tmp_path / name, tgz_of(files) if name.endswith("gz") else zip_of(files))
    assert hosts(path) == expected
    assert set(hosts(path, host="mine").values()) == {"mine"}


def test_host_of_an_archive_in_a_folder_and_of_an_unpacked_one(tmp_path: Path) -> None:
    put(tmp_path / "web1" / "logs.tar", tar_of({"old/a": LOG}))
    put(tmp_path / "uac-web2-linux-20260301100000" / "[root]" / "a", LOG)
    put(tmp_path / "C.123" / "client_info.json", json.dumps(INFO).encode())
    put(tmp_path / "C.123" / "uploads" / "b", LOG)
    put(tmp_path / "in" / "uac-web3-linux-20260301100000.tar.gz", tgz_of({"c": LOG}))
    assert hosts(tmp_path) == {
        "old/a": "web1",
        "uac-web2-linux-20260301100000/[root]/a": "web2",
        "C.123/client_info.json": "FS02",
        "C.123/uploads/b": "FS02",
        "c": "web3",
    }


@pytest.mark.parametrize(
    "name", ["uac.tar.gz", "backup-linux-20260301100000", "Collection", "2026-03-01", "web1.zip", ""]
)
def test_names_that_name_no_host(name: str) -> None:
    assert named_host(name) is None


def test_encrypted_and_unknown_members_are_reported(tmp_path: Path) -> None:
    data = bytearray(zip_of({"a": LOG, "b": b"x"}, zipfile.ZIP_STORED))
    entry = data.find(b"PK\x01\x02")
    data[entry + 8] |= 1
    other = data.find(b"PK\x01\x02", entry + 4)
    data[other + 10 : other + 12] = struct.pack("<H", 9)
    assert found(put(tmp_path / "x.zip", bytes(data))) == {
        "x.zip!a": "x.zip!a: is encrypted; unpack it with its password",
        "x.zip!b": "x.zip!b: is compressed by method 9 (deflate64), which is not read; unpack it",
    }


def test_damaged_archives_give_what_is_whole(tmp_path: Path) -> None:
    whole = tar_of({"a": LOG, "b": LOG * 100})
    cut = found(put(tmp_path / "cut.tar.gz", gzip.compress(whole)[:-40]))
    assert cut["cut.tar.gz!a"] == LOG
    assert cut["cut.tar.gz"] == "cut.tar.gz: compressed stream ends early"
    assert found(put(tmp_path / "junk.tar", whole[:1024] + b"junk" * 500))["junk.tar"] == (
        "junk.tar: the archive is damaged at byte 1,024"
    )
    assert found(put(tmp_path / "cut.zip", zip_of({"a": LOG})[:60])) == {
        "cut.zip": "cut.zip: the archive is damaged: File is not a zip file"
    }


BOMB = bytes(1 << 20)
SMALL = Limits(depth=2, members=3, expanded=1 << 20, ratio=20, small=1 << 16)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (zip_of({"z": BOMB}), {"x!z": "x!z: unpacks to more than 20 times its size; not read"}),
        (zip_of({"a": LOG, "z": gzip.compress(BOMB)}), {"x!a": LOG, "x!z": "it unpacks to too much; not read further"}),
        (tar_of({"z": lzma.compress(BOMB)}), {"x!z": "it unpacks to too much; not read further"}),
        (tar_of(dict.fromkeys("abcde", LOG)), {"x!a": LOG, "x!b": LOG, "x!c": LOG, "x": "x: the archive has too many files; the rest is not read"}),
        (tar_of({"a": LOG, "z": BOMB}), {"x!a": LOG, "x": "x: the archive unpacks to too much; the rest is not read"}),
        (tar_of({"a": tar_of({"b": tar_of({"c": LOG})})}), {"x!a!b": "x!a!b: too many archives in one another"}),
        (gzip.compress(tar_of({"a": LOG, "z": BOMB[:-5000]})), {"x!a": LOG, "x!z": "the archive ends early", "x": "x: it unpacks to too much; not read further"}),
    ],
)  # fmt: skip
def test_bombs(tmp_path: Path, data: bytes, said: dict[str, bytes | str]) -> None:
    assert found(put(tmp_path / "x", data), SMALL) == said


def test_headers_are_not_believed(tmp_path: Path) -> None:
    lying = bytearray(zip_of({"a": LOG * 10}))
    entry = lying.find(b"PK\x01\x02")
    lying[entry + 24 : entry + 28] = struct.pack("<I", 5)
    assert found(put(tmp_path / "x.zip", bytes(lying))) == {"x.zip!a": "it is longer than the archive says"}
    long = tarfile.TarInfo("a")
    long.type, long.size = tarfile.GNUTYPE_LONGNAME, 1 << 40
    assert found(put(tmp_path / "x.tar", long.tobuf(tarfile.GNU_FORMAT) + bytes(1024))) == {
        "x.tar": "x.tar: the archive is damaged: a header has an impossible size"
    }


def test_copies_are_few_and_go_away() -> None:
    spools = Spools()
    paths = set()
    for number in range(KEPT + 3):
        with spools.open(str(number), lambda: io.BytesIO(LOG)) as stream:
            paths.add(Path(str(stream.name)))
            assert stream.read() == LOG
    assert sum(path.exists() for path in paths) == KEPT
    del spools
    assert not any(path.exists() for path in paths)


@given(
    data=st.sampled_from([tar_of({"a": LOG, "b/c": b"x" * 600}), zip_of({"a": LOG, "b/c": b"x" * 600})]),
    changes=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=8),
    cut=st.integers(0, 12_000),
)
def test_any_archive_is_listed_and_read_or_says_why(data: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    changed = bytearray(data)
    for at, value in changes:
        if at < len(changed):
            changed[at] = value
    broken = bytes(changed[:cut])
    kind = archive_kind(broken[:512])
    if kind is None:
        return
    try:
        for member in members(kind, lambda: io.BytesIO(broken)):
            assert member.name.encode()
            if member.problem is None:
                with member.open() as stream:
                    while stream.read(100):
                        pass
    except (ArchiveError, CutStreamError):
        pass
