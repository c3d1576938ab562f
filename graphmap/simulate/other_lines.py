"""What Windows and the network sensors write about logons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

TICK = "%Y-%m-%dT%H:%M:%S%.6fZ"
MICRO = 1_000_000

CONN = (
    "ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "service", "duration", "orig_bytes",
    "resp_bytes", "conn_state",
)  # fmt: skip
CONN_TYPES = (
    "time",
    "string",
    "addr",
    "port",
    "addr",
    "port",
    "enum",
    "string",
    "interval",
    "count",
    "count",
    "string",
)
SSH = (
    "ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "version", "auth_success", "auth_attempts",
    "client",
)  # fmt: skip
SSH_TYPES = ("time", "string", "addr", "port", "addr", "port", "count", "bool", "count", "string")


def header(path: str) -> str:
    """What stands above the rows of a log of Zeek."""
    names, types = (CONN, CONN_TYPES) if path == "conn" else (SSH, SSH_TYPES)
    start = f"#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\t{path}\n"
    return start + "#fields\t" + "\t".join(names) + "\n#types\t" + "\t".join(types) + "\n"


def zeek(seen: pl.DataFrame) -> pl.DataFrame:
    """Rows of conn.log and ssh.log.

    Parameters
    ----------
    seen
        As for `graphmap.simulate.sshd_lines.lines`, with `port`, `client`, `judged`, `windows`, `rdp` and `log`: the
        number of the conn.log of each, while that of the ssh.log is the next; `time` is the sensor's.
    """
    begin = pl.col("time") - pl.col("wait") - pl.col("refused").cast(pl.Int64) * 4_000_000
    uid = pl.concat_str(pl.lit("C"), (_mixed() % 10**16).cast(pl.String).str.zfill(16))
    ports = pl.when("windows").then(pl.when(pl.col("rdp")).then(3389).otherwise(445)).otherwise(22).cast(pl.String)
    service = (
        pl.when("windows")
        .then(pl.when(pl.col("rdp")).then(pl.lit("rdp")).otherwise(pl.lit("gssapi,smb")))
        .otherwise(pl.lit("ssh"))
    )
    ends = (_seconds(begin), uid, pl.col("address"), pl.col("port").cast(pl.String), pl.col("own_address"), ports)
    lasted = pl.col("length") + pl.col("wait") + pl.col("refused").cast(pl.Int64) * 4_000_000
    answered = (pl.col("sent") // 3 + 3_000).cast(pl.String)
    conn = pl.concat_str(
        *ends,
        pl.lit("tcp"),
        service,
        _seconds(lasted),
        pl.col("sent").cast(pl.String),
        answered,
        pl.lit("SF"),
        separator="\t",
    )
    verdict = pl.when(~pl.col("judged")).then(pl.lit("-")).when("accepted").then(pl.lit("T")).otherwise(pl.lit("F"))
    tries = (pl.col("refused") + pl.col("accepted").cast(pl.Int8)).cast(pl.String)
    ssh = pl.concat_str(*ends, pl.lit("2"), verdict, tries, pl.col("client"), separator="\t")
    rows = {"time": begin, "attack": pl.col("attack"), "step": pl.col("step")}
    return pl.concat([
        seen.select(file="log", **rows, text=conn),
        seen.filter(~pl.col("windows")).select(file=pl.col("log") + 1, **rows, text=ssh),
    ])  # fmt: skip


def _mixed() -> pl.Expr:
    """A number for each connection that looks like none in particular."""
    return pl.col("start") * 1009 + pl.col("port").cast(pl.Int64) * 1_000_003 + pl.col("dst").cast(pl.Int64) * 10_007


def _seconds(micro: pl.Expr) -> pl.Expr:
    """Seconds with six decimals."""
    return pl.concat_str(micro // MICRO, pl.lit("."), (micro % MICRO).cast(pl.String).str.zfill(6))


def windows(told: pl.DataFrame) -> pl.DataFrame:
    """Events 4624, 4625 and 4634 of the Security log, as winlogbeat writes them; `rdp` tells Remote Desktop."""
    return pl.concat(list(_windows(told)))


def _windows(told: pl.DataFrame) -> Iterator[pl.DataFrame]:
    kind = pl.when("rdp").then(pl.lit("10")).otherwise(pl.lit("3"))
    logon = pl.format('"0x{}"', (_mixed() % 10**9).cast(pl.String))
    package = pl.when(pl.col("account") % 6 == 0).then(pl.lit("NTLM")).otherwise(pl.lit("Kerberos"))
    common = pl.format('"TargetUserName":"{}","TargetDomainName":"CORP","LogonType":"{}"', "user", kind)
    peer = pl.format('"IpAddress":"{}","IpPort":"{}"', "address", "port")
    accepted = told.filter("accepted")
    came = pl.concat_str(
        common, pl.lit(',"TargetLogonId":'), logon, pl.lit(","), peer,
        pl.format(',"AuthenticationPackageName":"{}"', package),
    )  # fmt: skip
    yield _event(accepted, 0, "4624", came)
    yield _event(
        accepted.filter("ended"), pl.col("length"), "4634", pl.concat_str(common, pl.lit(',"TargetLogonId":'), logon)
    )
    refused = pl.concat_str(common, pl.lit(","), peer, pl.lit(',"Status":"0xc000006d","SubStatus":"0xc000006a"'))
    for number in range(3):
        yield _event(told.filter(pl.col("refused") > number), -4_000_000 * (3 - number), "4625", refused)


def _event(told: pl.DataFrame, later: pl.Expr | int, number: str, data: pl.Expr) -> pl.DataFrame:
    offset = pl.lit(later) if isinstance(later, int) else later
    time = pl.col("time") + offset.cast(pl.Int64)
    stamp = time.cast(pl.Datetime("us", "UTC")).dt.strftime(TICK)
    provider = '","winlog":{"channel":"Security","provider_name":"Microsoft-Windows-Security-Auditing",'
    before = pl.concat_str(pl.lit('{"@timestamp":"'), stamp, pl.lit(provider))
    text = pl.concat_str(
        before,
        pl.lit(f'"event_id":"{number}","computer_name":"'),
        "host",
        pl.lit('","event_data":{'),
        data,
        pl.lit("}}}"),
    )
    return told.select(file="dst", time=time, attack="attack", step="step", text=text)
