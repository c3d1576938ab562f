"""System calls that matter here, by architecture and number: raw records have only these, enriched ones the name.

Source: the kernel's tables, arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl,
include/uapi/asm-generic/unistd.h (arm64); architectures as elf-em.h with the flags of audit.h.
"""

from __future__ import annotations

_X86_64 = {
    2: "open", 42: "connect", 43: "accept", 59: "execve", 76: "truncate", 82: "rename", 85: "creat", 86: "link",
    87: "unlink", 88: "symlink", 257: "openat", 263: "unlinkat", 264: "renameat", 265: "linkat", 266: "symlinkat",
    288: "accept4", 316: "renameat2", 322: "execveat",
}  # fmt: skip
_X86_32 = {
    5: "open", 8: "creat", 9: "link", 10: "unlink", 11: "execve", 38: "rename", 83: "symlink", 92: "truncate",
    295: "openat", 301: "unlinkat", 302: "renameat", 303: "linkat", 304: "symlinkat", 353: "renameat2",
    358: "execveat", 362: "connect", 364: "accept4",
}  # fmt: skip
_ARM64 = {
    35: "unlinkat", 36: "symlinkat", 37: "linkat", 38: "renameat", 45: "truncate", 56: "openat", 202: "accept",
    203: "connect", 221: "execve", 242: "accept4", 276: "renameat2", 281: "execveat",
}  # fmt: skip
_CALLS = {"c000003e": _X86_64, "40000003": _X86_32, "c00000b7": _ARM64}
_FLAGS = {"open": "a1", "openat": "a2"}
_WRITES = 0o1 | 0o2 | 0o100 | 0o1000  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC of fcntl.h on these architectures

CHANGES = frozenset({
    "creat", "truncate", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "unlink",
    "unlinkat",
})  # fmt: skip
"""Calls that change what a path means."""


def call_name(fields: dict[str, str]) -> str | None:
    """Name the call of a SYSCALL record; None where nothing tells."""
    if name := fields.get("SYSCALL"):
        return name
    number = fields.get("syscall", "")
    table = _CALLS.get(fields.get("arch", ""), {})
    return table.get(int(number)) if number.isascii() and number.isdigit() and len(number) <= 4 else None  # noqa: PLR2004 - no call has more digits


def opens_for_writing(fields: dict[str, str], name: str) -> bool:
    """Tell whether an open() or openat() asks for more than reading (open(2))."""
    argument = _FLAGS.get(name)
    try:
        return argument is not None and bool(int(fields.get(argument, "0"), 16) & _WRITES)
    except ValueError:
        return False
