"""The types of records by number: where no audit daemon runs, the kernel prints records itself and knows no names.

Source: include/uapi/linux/audit.h of Linux, lib/audit-records.h of audit-userspace.
"""

from __future__ import annotations

TYPES = {
    "1006": "LOGIN", "1100": "USER_AUTH", "1101": "USER_ACCT", "1103": "CRED_ACQ", "1104": "CRED_DISP",
    "1105": "USER_START", "1106": "USER_END", "1109": "USER_ERR", "1110": "CRED_REFR", "1112": "USER_LOGIN",
    "1113": "USER_LOGOUT", "1200": "DAEMON_START", "1201": "DAEMON_END", "1202": "DAEMON_ABORT",
    "1203": "DAEMON_CONFIG", "1206": "DAEMON_RESUME", "1300": "SYSCALL", "1302": "PATH", "1305": "CONFIG_CHANGE",
    "1306": "SOCKADDR", "1307": "CWD", "1309": "EXECVE", "2300": "USER_ROLE_CHANGE", "2404": "CRYPTO_KEY_USER",
    "2407": "CRYPTO_SESSION",
}  # fmt: skip
"""Those that are looked at."""
