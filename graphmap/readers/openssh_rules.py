"""The messages of OpenSSH's sshd that report an event, except the verdicts (`openssh_auth`) and PAM (`pam`).

Each rule fits the whole message, without the ``error:`` or ``fatal:`` in front, and stands beside a sample and the
source file of OpenSSH portable that writes it. Where text of the client's stands in a line, what follows it is
anchored at the end of the line.
"""

from __future__ import annotations

from graphmap.readers.fields import ADDR, NAME, PORT, USER, Rule

_PRE = r" ?(?:\[preauth\])? *"
_SEEN = rf"{ADDR}(?: port {PORT})?"

RULES: tuple[Rule, ...] = (
    # sshd.c: a client connects; `rdomain` and `laddr` forms by version
    Rule(
        "connection",
        rf'Connection from {ADDR} port {PORT}(?: on (?P<dst>\S+) port (?P<dst_port>\d+))?(?: rdomain ".*")?',
        'Connection from 10.0.0.1 port 50000 on 10.0.0.2 port 22 rdomain ""',
        origin="sshd.c",
    ),
    # auth.c, getpwnamallow
    Rule("invalid-user", rf"(?:Invalid|Illegal) user {USER} from {_SEEN} *",
         "Invalid user admin from 10.0.0.1 port 50000", "Illegal user admin from 10.0.0.1", origin="auth.c"),
    # auth.c, allowed_user: the name is that of an existing account
    Rule("not-allowed", rf"User {NAME} from {ADDR} not allowed because .*",
         "User root from 10.0.0.1 not allowed because not listed in AllowUsers", origin="auth.c"),
    Rule("not-allowed", rf"User {NAME} not allowed because .*",
         "User bob not allowed because account is locked", origin="auth.c"),
    Rule("not-allowed", rf"Access denied for user {NAME} by PAM account configuration{_PRE}",
         "Access denied for user bob by PAM account configuration [preauth]", origin="auth2.c"),
    Rule("not-allowed", rf"Authentication tried for {NAME} with correct key but not from a permitted host "
         rf"\(host=[^,]*, ip={ADDR}(?:, required=.*)?\)\.?",
         "Authentication tried for bob with correct key but not from a permitted host (host=a.example, "
         "ip=10.0.0.1, required=10.1.0.0/16).", origin="auth-options.c"),
    Rule("root-refused", rf"ROOT LOGIN REFUSED FROM {_SEEN}{_PRE}",
         "ROOT LOGIN REFUSED FROM 10.0.0.1 port 50000", origin="auth.c"),
    # auth.c, auth_maxtries_exceeded
    Rule("max-attempts", rf"maximum authentication attempts exceeded for (?:invalid user )?{USER} from {ADDR} "
         rf"port {PORT} ssh2{_PRE}",
         "maximum authentication attempts exceeded for root from 10.0.0.1 port 50000 ssh2 [preauth]",
         origin="auth.c"),
    # packet.c, sshpkt_vfatal and fmt_connection_id: the account is named while it authenticates and afterwards
    *(
        rule
        for words, after in (
            ("Connection closed by", "closed"),
            ("Connection reset by", "reset"),
            ("Disconnected from", "disconnected"),
        )
        for rule in (
            Rule("preauth-closed", rf"{words} (?:invalid|authenticating) user {USER} {ADDR} port {PORT}{_PRE}",
                 f"{words} authenticating user root 10.0.0.1 port 50000 [preauth]", origin="packet.c"),
            Rule(after, rf"{words} user {USER} {ADDR} port {PORT} *",
                 f"{words} user bob 10.0.0.1 port 50000", origin="packet.c"),
            Rule("preauth-closed", rf"{words} {_SEEN} \[preauth\] *",
                 f"{words} 10.0.0.1 port 50000 [preauth]", origin="packet.c"),
            Rule(after, rf"{words} {_SEEN} *",
                 f"{words} 10.0.0.1 port 50000", origin="packet.c"),
        )
    ),
    # packet.c, ssh_packet_read_poll2: the text behind the number is the client's
    Rule("preauth-closed", rf"Received disconnect from {ADDR} port {PORT}: ?\d+:.*\[preauth\] *",
         "Received disconnect from 10.0.0.1 port 50000:11: Bye Bye [preauth]", origin="packet.c"),
    Rule("preauth-closed", rf"Received disconnect from {ADDR}: ?\d+:.*\[preauth\] *",
         "Received disconnect from 10.0.0.1: 11: Bye Bye [preauth]", origin="packet.c"),
    Rule("disconnect", rf"Received disconnect from {ADDR} port {PORT}: ?\d+:.*",
         "Received disconnect from 10.0.0.1 port 50000:11: disconnected by user", origin="packet.c"),
    Rule("disconnect", rf"Received disconnect from {ADDR}: ?\d+:.*",
         "Received disconnect from 10.0.0.1: 11: disconnected by user", origin="packet.c"),
    # packet.c, ssh_packet_disconnect; the form with an address is read in `openssh`
    Rule("preauth-closed", rf"Disconnecting: Too many authentication failures(?: for (?P<user>.*?))?{_PRE}",
         "Disconnecting: Too many authentication failures for root [preauth]", origin="packet.c"),
    Rule("preauth-closed", r"Disconnecting: .*\[preauth\] *",
         "Disconnecting: Packet corrupt [preauth]", origin="packet.c"),
    Rule("disconnected", r"Disconnecting: .*",
         "Disconnecting: Corrupted MAC on input.", origin="packet.c"),
    # kex.c and, before 7.6, sshd.c: the first line of the client
    Rule("no-identification", rf"Did not receive identification string from {_SEEN}{_PRE}",
         "Did not receive identification string from 10.0.0.1 port 50000", origin="kex.c"),
    Rule("bad-protocol", rf"Bad protocol version identification .* from {_SEEN}{_PRE}",
         "Bad protocol version identification 'GET / HTTP/1.1' from 10.0.0.1 port 50000", origin="sshd.c"),
    Rule("bad-protocol", rf"Protocol major versions differ for {_SEEN}: .*",
         "Protocol major versions differ for 10.0.0.1 port 50000: SSH-2.0-x vs. SSH-1.5-y", origin="kex.c"),
    Rule("bad-banner", rf"banner exchange: Connection from {ADDR} port {PORT}: .*",
         "banner exchange: Connection from 10.0.0.1 port 50000: invalid format", origin="kex.c"),
    Rule("kex-failed", r"(?:kex_exchange_identification|kex_protocol_error|ssh_exchange_identification): .*",
         "kex_exchange_identification: Connection closed by remote host", "kex_protocol_error: type 20 seq 2 [preauth]",
         "ssh_exchange_identification: read: Connection reset by peer", origin="kex.c, sshconnect.c"),
    Rule("kex-failed", rf"Unable to negotiate with {ADDR} port {PORT}: .*",
         "Unable to negotiate with 10.0.0.1 port 50000: no matching MAC found. Their offer: x [preauth]",
         origin="packet.c"),
    Rule("kex-failed", rf"Unable to negotiate with {ADDR}: .*",
         "Unable to negotiate with 10.0.0.1: no matching cipher found. Their offer: x [preauth]",
         origin="packet.c"),
    Rule("kex-failed", r"Unable to negotiate a key exchange method.*",
         "Unable to negotiate a key exchange method [preauth]", origin="kex.c"),
    Rule("kex-failed", r"no matching .* found: client .* server .*",
         "no matching cipher found: client x server y [preauth]", origin="kex.c"),
    # packet.c, sshpkt_vfatal: the reason is sshd's own (ssherr.c), so the last address counts
    Rule("kex-failed", rf"ssh_dispatch_run_fatal: Connection (?:from|to) (?:(?:invalid|authenticating) user {USER} )?"
         rf"{ADDR} port {PORT}: .*",
         "ssh_dispatch_run_fatal: Connection from 10.0.0.1 port 50000: message authentication code incorrect "
         "[preauth]", origin="packet.c"),
    Rule("reset", rf"ssh_dispatch_run_fatal: Connection (?:from|to) user {USER} {ADDR} port {PORT}: .*",
         "ssh_dispatch_run_fatal: Connection from user bob 10.0.0.1 port 50000: Broken pipe",
         origin="packet.c"),
    Rule("kex-failed", rf"Magic value check failed \(\d+\) on obfuscated handshake from {_SEEN}{_PRE}",
         "Magic value check failed (42) on obfuscated handshake from 10.0.0.1 port 50000",
         origin="obfuscate.c of the obfuscated-openssh patch"),
    Rule("kex-failed", r"(?:Bad packet length|Corrupted MAC on input|padding error: ).*\[preauth\] *",
         "Bad packet length 1349676916. [preauth]", "Corrupted MAC on input. [preauth]",
         "padding error: need 4 block 8 mod 4 [preauth]", origin="packet.c"),
    # sshd.c, grace_alarm_handler
    Rule("timeout", rf"Timeout before authentication for {_SEEN}\.?{_PRE}",
         "Timeout before authentication for 10.0.0.1 port 50000", origin="sshd.c"),
    Rule("timeout", rf"Timeout before authentication for connection from {ADDR} to (?P<dst>\S+), pid = \d+",
         "Timeout before authentication for connection from 10.0.0.1 to 10.0.0.2, pid = 7", origin="sshd.c"),
    # sshd.c, server_accept_loop; srclimit.c
    Rule("dropped", rf"drop connection #-?\d+ from \[{ADDR}\]:{PORT} on \[(?P<dst>\S+)\]:(?P<dst_port>\d+) (?:past|"
         r"penalty|source|per).*",
         "drop connection #10 from [10.0.0.1]:50000 on [10.0.0.2]:22 past MaxStartups", origin="sshd.c"),
    Rule("dropped", rf"drop connection #-?\d+(?: from \[{ADDR}\]:{PORT})?.*",
         "drop connection #10", origin="sshd.c"),
    # libwrap: the name may be the client's own words (RFC 1413), so the address in parentheses counts
    Rule("refused", rf"refused connect from .* \({ADDR}\)",
         "refused connect from a.example (10.0.0.1)", origin="sshd.c, libwrap"),
    Rule("refused", rf"refused connect from {ADDR}",
         "refused connect from 10.0.0.1", origin="sshd.c, libwrap"),
    # auth2-pubkey.c, auth.c: certificates and revoked keys
    Rule("cert-invalid", r"Certificate (?:invalid: |does not contain|lacks principal|has expired|is not yet).*",
         "Certificate invalid: expired", origin="auth2-pubkey.c"),
    Rule("cert-invalid", r'Refused Certificate ID "(?P<cert_id>.*)" serial=\d+ .*',
         'Refused Certificate ID "bob" serial=3 signed by ED25519 CA SHA256:x via /etc/ssh/ca',
         origin="auth2-pubkey.c"),
    Rule("key-revoked", r"Authentication key \S+ (?P<key>\S+) revoked by file .*",
         "Authentication key RSA SHA256:x revoked by file /etc/ssh/revoked", origin="auth.c"),
    Rule("key-revoked", r"WARNING: authentication attempt with a revoked \S+ key (?P<key>\S+) *",
         "WARNING: authentication attempt with a revoked RSA key SHA256:x", origin="auth.c"),
    # serverloop.c, packet.c: a connection that broke
    Rule("client-timeout", rf"Timeout, client not responding(?: from (?:user {USER} )?{ADDR} port {PORT})?\.?",
         "Timeout, client not responding from user bob 10.0.0.1 port 50000", origin="serverloop.c"),
    Rule("reset", rf"packet_write_(?:wait|poll): Connection (?:from|to) (?:user {USER} )?{ADDR} port {PORT}: .*",
         "packet_write_wait: Connection from 10.0.0.1 port 50000: Broken pipe",
         "packet_write_poll: Connection from 10.0.0.1 port 50000: Host is down", origin="packet.c"),
    Rule("preauth-closed", r"(?:Read from socket failed|Write failed|Connection reset by peer).*\[preauth\] *",
         "Read from socket failed: Connection reset by peer [preauth]", "Write failed: Broken pipe [preauth]",
         origin="packet.c"),
    Rule("reset", r"(?:Read from socket failed|Write failed): .*",
         "Read from socket failed: Connection timed out", "Write failed: Broken pipe", origin="packet.c"),
    Rule("reset", rf"Read error from remote host (?:user {USER} )?{ADDR}(?: port {PORT})?: .*",
         "Read error from remote host 10.0.0.1 port 50000: Connection timed out", origin="serverloop.c"),
    # session.c, do_exec and session_close
    Rule("session-start", rf"Starting session: (?P<command>.*) for {NAME} from {ADDR} port {PORT}(?: id \d+)?",
         "Starting session: shell on pts/0 for bob from 10.0.0.1 port 50000 id 0", origin="session.c"),
    Rule("session-close", rf"Close session: user {NAME} from {ADDR} port {PORT} id \d+",
         "Close session: user bob from 10.0.0.1 port 50000 id 0", origin="session.c"),
    Rule("child", r"User child is on (?P<command>pid \d+)", "User child is on pid 17", origin="sshd.c"),
    # channels.c, serverloop.c: forwarding
    Rule("forward-failed", r"(?P<command>connect_to .*)",
         "connect_to 10.0.0.9 port 5432: failed.", origin="channels.c"),
    Rule("forward-denied", rf"Received request from {ADDR} port {PORT} to (?P<command>connect to .*), but the request "
         r"was denied\.?",
         "Received request from 10.0.0.1 port 50000 to connect to host 10.0.0.9 port 22, but the request was "
         "denied.", origin="channels.c"),
    Rule("forward-denied", r"Received request to (?P<command>connect to .*), but the request was denied\.?",
         "Received request to connect to host 10.0.0.9 port 22, but the request was denied.",
         origin="channels.c"),
    Rule("forward-denied", r"refused (?P<command>(?:local|remote|streamlocal|dynamic)? ?(?:port|socket)? ?forward.*)",
         "refused local port forward: originator 127.0.0.1 port 5, target 10.0.0.9 port 22",
         origin="serverloop.c, auth-options.c"),
)  # fmt: skip
"""Tried in this order among those whose samples begin with the same word."""
