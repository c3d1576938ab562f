"""What speaks for a harmless reason, and what to look at next: for each detector, the one place that says so."""

from __future__ import annotations

from typing import NamedTuple


class Advice(NamedTuple):
    """What would make a finding benign, and what to pull next to find out."""

    benign: str
    next: str


ELSE = Advice(
    "somebody whose work it is says that they did it, and why",
    "the logs of every host on the way for an hour before and after",
)
"""For detectors of other packages."""

ADVICE = {
    "multi-hop-chain": Advice(
        "an administrator who goes by a bastion to hosts that are new to them: a change or a ticket names them",
        "what was started on each host of the chain: audit log, shell history, Starting session lines",
    ),
    "credential-switch": Advice(
        "the person owns both accounts, or their team may use the second one: then the inventory should say so",
        "where the second credential lay on the host before, and who else used it from there",
    ),
    "restricted-segment": Advice(
        "an approved access: then the policy should allow it, with an end",
        "what was done on the restricted host, and what left it afterwards",
    ),
    "brute-force-success": Advice(
        "somebody forgot a password, or a program has an old one: few accounts, a source that belongs to them",
        "all that the account did after it got in, and what else that source tried",
    ),
    "spray-success": Advice(
        "a program with a list of old passwords from a source that is known for it",
        "all that the account did after it got in; reset the passwords of all accounts that were tried",
    ),
    "fan-out": Advice(
        "a new job of automation, or an administrator's loop over hosts: a ticket or a repository has it",
        "the command that the source ran: client arguments in its audit log, and its cron tables",
    ),
    "worm-relay": Advice(
        "a roll-out that goes on from host to host by design",
        "files and processes that came to the host before it went on; cut it off first if nobody knows of it",
    ),
    "scan": Advice(
        "the company's own scanner: then suppress it by its source",
        "which hosts answered, and what that source did there later",
    ),
    "tunnel": Advice(
        "a developer's forward to a database or a page: ask what it is for",
        "connections of the host in the middle during that time (Zeek, flows), and where they went",
    ),
    "proxy-jump": Advice(
        "a bastion that the inventory does not name as one",
        "who logged on to the target in those seconds, and the client's command line",
    ),
    "control-master": Advice(
        "the same person's second window: ControlMaster auto in their configuration",
        "who else could read the control socket on that host: root, and sessions of others that were open",
    ),
    "key-reuse": Advice(
        "a key of automation that is meant to be everywhere: then the inventory should call the account a service",
        "where the private key lies, and whether it has a passphrase",
    ),
    "key-new-source": Advice(
        "the owner's new workstation, or an agent that was forwarded to a host that is new to them",
        "whether the owner had a session there; if not, who had",
    ),
    "stolen-key": Advice(
        "the owner put the private key there: ask",
        "the key in files of that host, who read them (audit log), and every other use of the key",
    ),
    "planted-key": Advice(
        "configuration management wrote the file, or the owner exchanged a key: a change names it",
        "authorized_keys as it is now, who wrote it, and every logon with the new key",
    ),
    "certificate": Advice(
        "a new authority or a new way of issuing that was announced",
        "the authority's own log: who asked for that certificate, and when",
    ),
    "staging": Advice(
        "a deployment, a restore or a copy that somebody asked for",
        "which files came: transfer logs, audit log of writes, and what was started from them",
    ),
    "tampering": Advice(
        "rotation, a new image, or maintenance of the log service at that time",
        "copies of the log that left the host before: collector, journal, network sensor",
    ),
    "silence": Advice(
        "the host was off, or its shipper had trouble together with others",
        "whether the host is up, and what a sensor saw of it while it said nothing",
    ),
    "client-software": Advice(
        "a new release or a tool that was rolled out: then many accounts have it soon",
        "what the program is and who installed it on the source",
    ),
    "policy-violation": Advice(
        "an exception that was approved: then it should be in the policy, with an end",
        "who approved it; else what was done there, and why nothing stopped it",
    ),
    "asset-profile": Advice(
        "a new member of the team that runs this host, or a new job",
        "the accounts that may log on there, and who was added lately",
    ),
    "service-account": Advice(
        "a job was moved or its method was changed: its owner knows",
        "what was started in that session; an interactive shell is no job",
    ),
    "rare-edge": Advice(
        "somebody's new task: others of their team go the same way soon",
        "whether the account's owner was at work, and what was started there",
    ),
    "hypervisor-access": Advice(
        "maintenance of the hypervisor that was announced",
        "the hypervisor's own log: machines that were started, copied or given disks",
    ),
    "root-logon": Advice(
        "break-glass use or a console that only root has: a ticket names it",
        "who had a session at the source at that time, and what root started",
    ),
    "distant-sessions": Advice(
        "a script in tmux that goes on, or a VPN that lets out elsewhere",
        "which of the two the person was; the other session's commands",
    ),
    "unusual-movement": Advice(
        "a new task of that person: the hosts belong to one project, and the credentials are their own",
        "sessions on the first host before the first hop: how did whoever it was get there",
    ),
}


def advice_of(detector: str) -> Advice:
    """What to say of a detector's findings."""
    return ADVICE.get(detector, ELSE)
