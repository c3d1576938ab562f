"""The records that programs write about logins, and which of them is the login.

One login is many records: of PAM (USER_AUTH, USER_ACCT, CRED_ACQ, USER_START, USER_END, CRED_DISP), of the kernel
(LOGIN), and of sshd. sshd as its authors publish it writes USER_LOGIN for a session with a terminal, and for every
refused attempt with ``terminal=sshd`` (audit-linux.c). sshd of Red Hat writes more: USER_AUTH with the method,
CRYPTO_KEY_USER with the fingerprint, CRYPTO_SESSION with addresses and ports, USER_LOGIN for every session, and a
failed USER_LOGIN with ``terminal=ssh`` for a connection that ended before a logon (its patch openssh-audit).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from graphmap.model import Witness
from graphmap.readers.auditd.grammar import UNSET, base_name, number, plain, text
from graphmap.readers.auditd.kinds import AUDITD_KINDS
from graphmap.readers.records import Record

if TYPE_CHECKING:
    from graphmap.readers.auditd.grammar import AuditRecord
    from graphmap.readers.auditd.names import Names

LOGIN_TYPES = frozenset({
    "USER_AUTH", "USER_ACCT", "USER_LOGIN", "USER_START", "USER_END", "USER_LOGOUT", "CRED_ACQ", "CRED_REFR",
    "CRED_DISP", "LOGIN", "USER_ERR", "USER_ROLE_CHANGE", "CRYPTO_KEY_USER", "CRYPTO_SESSION",
})  # fmt: skip
"""Types that belong to logins."""

_BEGIN = LOGIN_TYPES - {"USER_END", "USER_LOGOUT", "CRED_DISP", "CRED_REFR", "USER_ERR"}
_PROCESSES = 4096
_SOON = 5_000_000  # us from PAM's word on an attempt to sshd's, which may come from another process
_SSHD = ("sshd", "sshd-session", "sshd-auth")
_CONSOLE = ("login", "gdm-session-worker", "lightdm", "sddm-helper", "kdm", "xdm", "lxdm-session", "greetd")
_SERVICES = {
    **dict.fromkeys(_SSHD, "ssh"), **dict.fromkeys(_CONSOLE, "console"), "xrdp-sesman": "rdp", "cockpit-session":
    "cockpit", "in.telnetd": "telnet", "vsftpd": "ftp",
}  # fmt: skip
_METHODS = {
    "pubkey": "publickey", "pubkey_auth": "publickey", "key": "publickey", "hostbased": "hostbased",
    "hostbased_auth": "hostbased", "gssapi": "gssapi-with-mic", "password": "password",
    "challenge-response": "keyboard-interactive",
}  # fmt: skip
_BY_PAM = frozenset({"password", "challenge-response"})  # with UsePAM, PAM has reported these attempts itself
_NO_ACCOUNT = frozenset({"(unknown user)", "(invalid user)", "(unknown)", "?"})


@dataclass(slots=True)
class _Process:
    """What is known of the login that one process serves."""

    user: str | None = None
    addr: str | None = None
    port: int | None = None
    key: str | None = None
    method: str | None = None
    connected: bool = False
    opened: bool = False
    ended: bool = False
    unknown_user: bool = False
    refused: int | None = None  # when PAM reported a refused attempt that sshd has not repeated yet


class _Said(NamedTuple):
    """One record, taken apart."""

    record: AuditRecord
    fields: dict[str, str]
    service: str
    succeeded: bool

    @property
    def operation(self) -> str:
        return plain(self.fields, "op") or ""

    @property
    def addr(self) -> str | None:
        return plain(self.fields, "addr") or plain(self.fields, "hostname")

    @property
    def account(self) -> str | None:
        """The account, where the record names one that exists; PAM's names are those that were typed."""
        name = text(self.fields, "acct")
        return None if name in _NO_ACCOUNT else name


class Logins:
    """Follows the logins of one log, a bounded number of processes at a time."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._processes: OrderedDict[tuple[str | None, int | None], _Process] = OrderedDict()
        self._refusing: OrderedDict[tuple[str | None, str | None], _Process] = OrderedDict()

    def read(self, record: AuditRecord, fields: dict[str, str]) -> Record | None:
        """Give the event that a record of LOGIN_TYPES reports, None where it is only part of one."""
        program = base_name(text(fields, "exe"))
        service = _SERVICES.get(program or "")
        if service is None:
            if record.type not in {"USER_LOGIN", "USER_LOGOUT"} or program is None:
                return None
            service = program
        said = _Said(record, fields, service, plain(fields, "res") in {"success", "yes", "1"})
        read = _READERS.get(record.type)
        return read(self, said, self._process(said)) if read else None

    def _process(self, said: _Said) -> _Process:
        key = (said.record.node, number(said.fields, "pid"))
        process = self._processes.get(key)
        anew = process is not None and (
            (process.ended and said.record.type in _BEGIN) or (process.opened and said.record.type == "USER_ACCT")
        )
        if process is None or anew:
            process = self._processes[key] = _Process()
            if len(self._processes) > _PROCESSES:
                self._processes.popitem(last=False)
        process.user = said.account or process.user
        process.addr = said.addr or process.addr
        process.port = number(said.fields, "rport") or process.port
        return process

    def _auth(self, said: _Said, process: _Process) -> Record | None:
        method = _METHODS.get(said.operation)
        if said.succeeded:
            process.method = method or process.method
            return None
        if said.operation in _BY_PAM and self._reported(said, process):
            return self._record("login-failed-echo", said, process, method=method)
        if not process.opened:
            process.refused = said.record.time
            self._refusing[said.record.node, said.addr] = process
            if len(self._refusing) > _PROCESSES:
                self._refusing.popitem(last=False)
        return self._record("auth-failed", said, process, method=method)

    def _reported(self, said: _Said, process: _Process) -> bool:
        """Tell whether PAM has reported this refused attempt already, and forget that it has."""
        other = self._refusing.get((said.record.node, said.addr))
        for known in (process, other):
            if known and known.refused is not None and abs(said.record.time - known.refused) <= _SOON:
                known.refused = None
                return True
        return False

    def _account(self, said: _Said, process: _Process) -> Record | None:
        return None if said.succeeded else self._record("account-refused", said, process)

    def _key(self, said: _Said, process: _Process) -> None:
        fingerprint = plain(said.fields, "fp")
        if fingerprint and said.succeeded and plain(said.fields, "kind") in {"auth-key", None}:
            process.key = fingerprint if fingerprint.startswith(("SHA256:", "MD5:")) else f"MD5:{fingerprint}"
            process.method = process.method or "publickey"

    def _connection(self, said: _Said, process: _Process) -> Record | None:
        if process.connected or plain(said.fields, "op") != "start":
            return None
        process.connected = True
        record = self._record("connection", said, process)
        record["dst"] = plain(said.fields, "laddr")
        record["dst_port"] = number(said.fields, "lport")
        return record

    def _start(self, said: _Said, process: _Process) -> Record | None:
        if not said.succeeded:
            return None if said.operation == "login" else self._record("account-refused", said, process)
        self._name(said, process)
        if process.opened:
            return None
        process.opened = True
        return self._record("login", said, process, method=process.method, key=process.key)

    def _login(self, said: _Said, process: _Process) -> Record | None:
        if said.succeeded:
            return self._start(said, process)
        if plain(said.fields, "terminal") == "ssh":
            return self._record("abandoned", said, process)
        return self._record(self._refusal(said, process), said, process)

    def _refusal(self, said: _Said, process: _Process) -> str:
        """The kind of a refused USER_LOGIN.

        For an account that does not exist sshd writes two before any attempt, ``(unknown user)`` from its monitor and
        ``(invalid user)`` (auth.c, getpwnamallow; auth2.c, input_userauth_request).
        """
        name = text(said.fields, "acct")
        if name in {"(unknown user)", "(unknown)"}:
            process.unknown_user = True
            return "invalid-user"
        if process.unknown_user:
            process.unknown_user = False
            return "invalid-user"
        return "login-failed-echo" if self._reported(said, process) else "login-failed"

    def _end(self, said: _Said, process: _Process) -> Record | None:
        """Read what ends a session; the end of a terminal is not that of a connection whose session PAM opened."""
        self._name(said, process)
        if process.ended or (said.operation == "login" and process.opened):
            return None
        process.ended = True
        return self._record("logout", said, process)

    def _name(self, said: _Said, process: _Process) -> None:
        process.user = process.user or self._names.of(said.record.node, said.fields, "id", "auid")
        self._names.learn(said.record.node, said.fields, process.user)

    def _record(
        self, kind: str, said: _Said, process: _Process, *, method: str | None = None, key: str | None = None
    ) -> Record:
        means = AUDITD_KINDS[kind]
        session = plain(said.fields, "ses")
        return Record(
            time=said.record.time,
            action=means.action,
            outcome=means.outcome,
            kind=kind,
            service=said.service,
            witness=Witness.SERVER,
            user=process.user,
            src=process.addr,
            src_port=process.port,
            dst_host=said.record.node,
            method=method,
            key=key,
            session=f"audit:{session}" if session and session not in UNSET else None,
            pid=number(said.fields, "pid"),
        )


_READERS = {
    "USER_AUTH": Logins._auth,  # noqa: SLF001 - its own
    "USER_ACCT": Logins._account,  # noqa: SLF001
    "CRYPTO_KEY_USER": Logins._key,  # noqa: SLF001
    "CRYPTO_SESSION": Logins._connection,  # noqa: SLF001
    "USER_START": Logins._start,  # noqa: SLF001
    "USER_LOGIN": Logins._login,  # noqa: SLF001
    "USER_END": Logins._end,  # noqa: SLF001
    "USER_LOGOUT": Logins._end,  # noqa: SLF001
}
