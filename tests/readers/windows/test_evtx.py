"""EVTX files: sound, damaged, and made to do harm."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.readers import Source
from graphmap.readers.compression import open_inflated
from graphmap.readers.windows.chunks import CHUNK_BYTES, HEADER_BYTES, Piece, decode, pieces
from tests.readers.reading import Reading, read_bytes, read_source
from tests.readers.windows.events import LOGON, xml
from tests.readers.windows.evtx_file import FIRST_RECORD, chunk, evtx_file, file_header

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 6
USERS = [f"user{number}" for number in range(COUNT)]
SOUND = evtx_file(xml("Security", 4624, LOGON | {"TargetUserName": user}) for user in USERS)
PIECES = pieces(SOUND[HEADER_BYTES:])
SPOILT = st.integers(0, COUNT - 1)


def read(data: bytes) -> Reading:
    reading = read_bytes(data, reader="evtx")
    assert reading.accounted() == reading.lines
    lines = [*reading.events["line"], *reading.rejects["line"]]
    assert len(set(lines)) == len(lines)
    return reading


def users(reading: Reading) -> list[tuple[int, str]]:
    return list(reading.events.select("line", "user").iter_rows())


def spoil(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def in_file(piece: Piece, offset: int = 0) -> int:
    return HEADER_BYTES + piece.start + offset


def test_records_in_their_order() -> None:
    assert users(read(SOUND)) == list(enumerate(USERS, 1))


def test_compressed() -> None:
    source = Source("x.evtx.gz", lambda: open_inflated(io.BytesIO(gzip.compress(SOUND))))
    assert users(read_source(source, reader="evtx")) == list(enumerate(USERS, 1))


def test_chunks_in_file_order() -> None:
    again = SOUND + SOUND[HEADER_BYTES:]
    assert users(read(again)) == list(enumerate(USERS * 2, 1))


def test_chunk_that_was_never_used_is_nothing() -> None:
    assert users(read(SOUND + bytes(CHUNK_BYTES))) == list(enumerate(USERS, 1))
    assert read(file_header() + chunk(b"")).lines == 0


def test_remains_behind_the_end_are_not_read() -> None:
    """Windows leaves older records where a chunk is written anew."""
    end = PIECES[2].start
    data = spoil(SOUND, HEADER_BYTES + 48, end.to_bytes(4, "little"))
    assert users(read(data)) == [(1, "user0"), (2, "user1")]


@given(spoilt=SPOILT, new=st.binary(min_size=1, max_size=8), offset=st.integers(0, 23))
def test_header_of_a_record_costs_that_record_alone(spoilt: int, new: bytes, offset: int) -> None:
    piece = PIECES[spoilt]
    reading = read(spoil(SOUND, in_file(piece, offset), new[: 24 - offset]))
    kept = dict(users(reading))
    assert {line: user for line, user in enumerate(USERS, 1) if line != spoilt + 1}.items() <= kept.items()
    assert reading.lines == COUNT


@given(spoilt=SPOILT, data=st.data())
def test_content_of_a_record_costs_that_record_alone(spoilt: int, data: st.DataObject) -> None:
    piece = PIECES[spoilt]
    offset = data.draw(st.integers(24, piece.end - piece.start - 5))
    new = data.draw(st.binary(min_size=1, max_size=piece.end - piece.start - offset))
    reading = read(spoil(SOUND, in_file(piece, offset), new))
    kept = dict(users(reading))
    assert {line: user for line, user in enumerate(USERS, 1) if line != spoilt + 1}.items() <= kept.items()
    assert reading.lines == COUNT


def test_reasons_say_what_is_lost_and_where() -> None:
    first, second, third = PIECES[:3]
    data = spoil(SOUND, in_file(first), b"XXXX")
    data = spoil(data, in_file(second, 40), b"\xff" * 40)
    data = spoil(data, in_file(third, 4), (1 << 20).to_bytes(4, "little"))
    reading = read(data)
    assert users(reading) == [(line, user) for line, user in enumerate(USERS, 1) if line > 3]
    assert reading.rejects.select("line", "reason").rows() == [
        (1, "bytes that are no record"),
        (2, "record cannot be decoded"),
        (3, "bytes that are no record"),
    ]
    assert reading.rejects["text"].str.starts_with("chunk 1, bytes ").all()


def test_zeroed_sector() -> None:
    """What a crash leaves: 512 zero bytes in the middle."""
    at = PIECES[1].start - PIECES[1].start % 512 + HEADER_BYTES
    reading = read(spoil(SOUND, at, bytes(512)))
    assert {"user3", "user4", "user5"} <= {user for _, user in users(reading)}
    assert set(reading.reasons()) <= {"bytes that are no record", "record cannot be decoded"}


@given(cut=st.integers(1, len(SOUND) - 1))
@settings(max_examples=50)
def test_cut_file(cut: int) -> None:
    reading = read(SOUND[:cut])
    whole = [user for user, piece in zip(USERS, PIECES, strict=True) if in_file(piece) + piece.end - piece.start <= cut]
    assert [user for _, user in users(reading)][: len(whole)] == whole
    assert reading.reasons()[-1:] == ([] if cut == HEADER_BYTES else ["file ends early"])


def test_damaged_headers_of_file_and_chunk() -> None:
    data = spoil(spoil(SOUND, 0, b"XXXX"), HEADER_BYTES, b"XXXX")
    reading = read(data)
    assert users(reading) == list(enumerate(USERS, 3))
    assert reading.reasons() == ["file header is damaged", "chunk is damaged"]


def test_chunk_of_anything_else() -> None:
    reading = read(SOUND + b"\x5a" * CHUNK_BYTES + SOUND[HEADER_BYTES:])
    assert reading.reasons() == ["chunk is damaged"]
    assert [user for _, user in users(reading)] == USERS * 2


@given(steps=st.lists(st.integers(-40, 40), min_size=3, max_size=3), noise=st.binary(max_size=400))
def test_pieces_follow_each_other(steps: list[int], noise: bytes) -> None:
    data = bytearray(SOUND[HEADER_BYTES:])
    for piece, step in zip(PIECES, steps, strict=False):
        at = max(FIRST_RECORD, piece.start + step)
        data[at : at + len(noise)] = noise
    found = pieces(bytes(data[:CHUNK_BYTES]))
    assert [piece.start for piece in found] == [FIRST_RECORD, *(piece.end for piece in found[:-1])]
    assert all(piece.end - piece.start >= 28 for piece in found)
    assert len(list(decode(bytes(data[:CHUNK_BYTES]), found))) == len(found)


def test_record_that_is_no_event() -> None:
    data = evtx_file(["<Event><System><Computer>srv</Computer></System></Event>", xml("Security", 4624, LOGON)])
    reading = read(data)
    assert (users(reading), reading.reasons()) == ([(2, "bob")], ["record is no event"])


@pytest.fixture(scope="session")
def recorded(shared: Path) -> bytes:
    """The first chunks of a recorded file, whose records share templates."""
    return (shared / "evtx" / "security.evtx").read_bytes()[: HEADER_BYTES + 2 * CHUNK_BYTES]


@given(data=st.data())
@settings(max_examples=60)
def test_recorded_file_with_bits_turned_is_read_to_its_end(recorded: bytes, data: st.DataObject) -> None:
    spoilt = bytearray(recorded)
    for _ in range(data.draw(st.integers(1, 30))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    reading = read(bytes(spoilt[: data.draw(st.integers(HEADER_BYTES, len(spoilt)))]))
    assert reading.lines <= 2 * (CHUNK_BYTES // 28)
