"""The reader of the unified log: what sshd, Screen Sharing and SSH clients wrote, in every style that ``log`` has."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from graphmap.model import Witness
from graphmap.readers.clients import CLIENTS
from graphmap.readers.fields import Fields
from graphmap.readers.lines import pick_lines
from graphmap.readers.linewise import read_linewise
from graphmap.readers.macos.entries import Entry, entry_of, is_frame, is_stamp, parse_json, parse_text
from graphmap.readers.macos.kinds import MACOS_KINDS
from graphmap.readers.macos.objects import Objects, Verdict
from graphmap.readers.quotes import read_again
from graphmap.readers.records import Record, RecordBuilder
from graphmap.readers.ssh_records import ssh_record
from graphmap.readers.sshd import OPENSSH, Conversations, read_program
from graphmap.readers.stamps import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from graphmap.readers.base import Batch, Quote, ReadOptions, Source

_SNIFFED_LINES = 50
QUOTED_LINES = 200
"""A longer object is not quoted."""
_DECODER = json.JSONDecoder()
_PROCESSES = 4096
_MARKS = (b'"eventMessage"', b'"processImagePath"')
_SCREEN_SHARING = "screensharingd"
_ANYONE_WRITES = ("/Users/", "/tmp/", "/private/tmp/", "/var/tmp/", "/private/var/tmp/", "/private/var/folders/")  # noqa: S108 - where users keep programs
_NAMES = re.compile("|".join(sorted({*CLIENTS, *OPENSSH, _SCREEN_SHARING})))
_PATH = '"processImagePath"'
_HIDDEN = re.compile(r"<private>|<redacted>|<mask\.hash: '[^']{0,100}'>")
_PRIVATE = "<private>"
_SCREEN = re.compile(  # Authentication: SUCCEEDED :: User Name: bob :: Viewer Address: 10.0.0.9 :: Type: DH
    r"Authentication: (?P<outcome>SUCCEEDED|FAILED) :: User Name: (?P<user>.*) :: Viewer Address: (?P<addr>\S+)"
    r"(?: :: Type: (?P<type>[\w/. -]*))?"
)


class MacosReader:
    """Reads ``log show`` in the styles ndjson, json, default, syslog and compact; entries of others are counted."""

    name = "macos"
    title = "macOS unified log: log show in the styles ndjson, json, default, syslog and compact"

    def sniff(self, head: bytes) -> bool:
        """Tell whether the first object has the fields of the unified log, or half of the first lines its shape."""
        lines = [line for line in head.decode("utf-8", "backslashreplace").splitlines() if not is_frame(line)]
        if lines and lines[0].startswith(("{", "[")):
            return all(mark in head for mark in _MARKS)
        if len(lines) > 1 and not head.endswith(b"\n"):
            lines.pop()
        lines = lines[:_SNIFFED_LINES]
        return bool(lines) and 2 * sum(parse_text(line) is not None for line in lines) >= len(lines)

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a source from start to end. `options.zone` is that of compact stamps, which have no offset.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        batch = RecordBuilder(self.name, source)
        scanner = _Scanner(batch, Clock(options.zone, lambda: 1970))
        yield from read_linewise(source, batch, scanner.scan, scanner.finish)

    def quote(self, source: Source, options: ReadOptions, lines: Collection[int]) -> Iterator[Quote]:
        """Quote lines; objects that are printed over several lines (``--style json``) as one.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        wanted = {number for line in lines for number in range(line, line + QUOTED_LINES)}
        with source.open() as stream:
            near = dict(pick_lines(stream, wanted))
        picked = [(line, _whole(near, line)) for line in sorted(lines) if line in near]
        return read_again(self, source, options, picked)


def _whole(near: dict[int, str], line: int) -> str:
    """Give the object that begins on a line, in one line; the line where none does."""
    begins = near[line].find("{")
    if begins < 0 or near[line][:begins].strip("[]}, \t"):
        return near[line]
    text = "\n".join([near[line][begins:], *(near.get(line + more, "") for more in range(1, QUOTED_LINES))])
    try:
        found, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return near[line]
    return json.dumps(found, ensure_ascii=False) if "\n" in text[:end] else near[line]


class _Scanner:
    """The state of one reading: objects or lines of text, whichever came first, and the clients that have been seen."""

    def __init__(self, batch: RecordBuilder, clock: Clock) -> None:
        self._batch = batch
        self._reason = "object has no end"
        self._clock = clock
        self._conversations = Conversations()
        self._clients: OrderedDict[tuple[str, int | None], None] = OrderedDict()
        self._objects = Objects(self._judge, self._place)
        self._scan: Callable[[int, str], None] | None = None
        self.finish = self._objects.finish

    def scan(self, number: int, line: str) -> None:
        """Put one line where it belongs."""
        if is_frame(line):
            self._batch.other += 1
            return
        if self._scan is None:
            self._scan = self._json if line.startswith(("{", "[")) else self._text
        self._scan(number, line)

    def _json(self, number: int, line: str) -> None:
        """Read a line of JSON. Nearly all of ndjson are whole objects of other programs, seen without parsing."""
        whole = self._objects.idle and line.startswith('{"') and line.endswith("}")
        if whole and not _NAMES.search(line) and _PATH in line:
            self._batch.other += 1
        elif whole and (fields := parse_json(line)) is not None:
            self._place(number, self._object(number, fields), line)
        else:
            self._objects.scan(number, line)

    def _text(self, number: int, line: str) -> None:
        entry = parse_text(line)
        if entry is None:  # the further lines of a message
            self._batch.other += 1
        else:
            self._place(number, self._entry(number, entry), line)

    def _judge(self, number: int, text: str) -> Verdict:
        fields = parse_json(text)
        return self._refuse("not a JSON object") if fields is None else self._object(number, fields)

    def _object(self, number: int, fields: dict[str, Any]) -> Verdict:
        entry = entry_of(fields)
        return Verdict.CONTEXT if entry is None else self._entry(number, entry)

    def _refuse(self, reason: str) -> Verdict:
        self._reason = reason
        return Verdict.REJECT

    def _place(self, number: int, verdict: Verdict, text: str) -> None:
        if verdict is Verdict.REJECT:
            self._batch.reject(number, self._reason, text)
        elif verdict is Verdict.CONTEXT:
            self._batch.context += 1
        elif verdict is Verdict.OTHER:
            self._batch.other += 1

    def _entry(self, number: int, entry: Entry) -> Verdict:
        meaning = self._meaning(entry)
        if isinstance(meaning, Verdict):
            return meaning
        if isinstance(meaning, str):
            return self._refuse(meaning)
        time = self._clock.read(entry.stamp) if is_stamp(entry.stamp) else None
        if time is None:
            return self._refuse("time stamp does not exist")
        host = entry.host
        if isinstance(meaning, Fields):
            self._batch.event(number, ssh_record(meaning, time, host, entry.pid))
        else:
            self._batch.event(number, Record(**{**meaning, "time": time, "dst_host": host, "pid": entry.pid}))
        return Verdict.EVENT

    def _meaning(self, entry: Entry) -> Fields | Record | Verdict | str:
        """Read an entry: an event, where it belongs otherwise, or the reason why it is not understood."""
        if entry.program in CLIENTS:
            return self._client(entry)
        if entry.program not in OPENSSH and entry.program != _SCREEN_SHARING:
            return Verdict.OTHER
        if entry.path is not None and entry.path.startswith(_ANYONE_WRITES):
            return f"forged: written by {entry.path}"
        message = _HIDDEN.sub(_PRIVATE, entry.message)
        if message == _PRIVATE:
            return "message is <private>"
        return _screen(message) if entry.program == _SCREEN_SHARING else self._sshd(entry, message)

    def _sshd(self, entry: Entry, message: str) -> Fields | Verdict | str:
        meaning = read_program(entry.program, message)
        if meaning is None:
            return Verdict.CONTEXT
        if not isinstance(meaning, Fields):
            return meaning
        judged = self._conversations.judge(entry.host, str(entry.pid), message, meaning)
        return Fields._make(None if value == _PRIVATE else value for value in judged)

    def _client(self, entry: Entry) -> Record | Verdict:
        process = (entry.program, entry.pid)
        if process in self._clients:
            self._clients.move_to_end(process)
            return Verdict.CONTEXT
        self._clients[process] = None
        if len(self._clients) > _PROCESSES:
            self._clients.popitem(last=False)
        return _record("client-seen", service="ssh", witness=Witness.CLIENT, client=entry.program)


def _screen(message: str) -> Record | Verdict:
    """Read a message of screensharingd; the user's name is the client's text, what follows it the daemon's."""
    match = _SCREEN.fullmatch(message)
    if match is None:
        return Verdict.CONTEXT
    kind = "screen-accepted" if match["outcome"] == "SUCCEEDED" else "screen-failed"
    user, addr = (None if match[name] == _PRIVATE else match[name] for name in ("user", "addr"))
    method = None if match["type"] in {None, "N/A"} else match["type"]
    return Record(
        **{**_record(kind, service="vnc", witness=Witness.SERVER), "user": user, "src": addr, "method": method}
    )


def _record(kind: str, *, service: str, witness: Witness, client: str | None = None) -> Record:
    means = MACOS_KINDS[kind]
    return Record(
        kind=kind, action=means.action, outcome=means.outcome, service=service, witness=witness, client=client
    )
