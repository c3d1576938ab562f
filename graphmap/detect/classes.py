"""Classes of assets that are used in much the same way, by the roles that the inventory gives to hosts."""

from __future__ import annotations

from typing import NamedTuple


class AssetClass(NamedTuple):
    """Hosts of one kind."""

    name: str
    """For people, in the singular."""
    roles: frozenset[str]
    """Any of these roles, in the form of `graphmap.identity.roles.role_named`, makes a host one of the class."""
    services: frozenset[str] = frozenset()
    """Only logons over these services count; empty for all."""


def _class(name: str, *roles: str, services: tuple[str, ...] = ()) -> AssetClass:
    return AssetClass(name, frozenset(roles), frozenset(services))


CLASSES = (
    _class("domain controller", "domain-controller", "dc", "rodc"),
    _class("antivirus server", "antivirus-server", "antivirus"),
    _class("update server", "update-server", "wsus", "package-mirror"),
    _class("developer PC", "developer-pc", "developer-workstation"),
    _class("top manager", "top-manager", "executive-pc"),
    _class("release build agent", "release-build-agent", "build-agent", "ci-runner"),
    _class("VCS server", "vcs-server", "git-server", "vcs"),
    _class("Unix server over SSH", "unix-server", "linux-server", services=("ssh",)),
    _class("1C user PC", "1c-user-pc", "1c-user"),
    _class("1C server", "1c-server"),
    _class("critical server", "critical-server", "critical"),
    _class("hypervisor", "hypervisor", "esxi", "vmware", "proxmox", "hyper-v"),
)
"""The classes; docs/detectors.md says what content of MaxPatrol SIEM each stands for."""

HYPERVISOR = CLASSES[-1]
