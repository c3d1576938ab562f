"""Detectors: each looks at the evidence for one kind of suspicion (docs/detectors.md)."""

from __future__ import annotations

from graphmap.detect.base import Detector, Evidence
from graphmap.detect.brute_force import BruteForce
from graphmap.detect.credential_switch import CredentialSwitch
from graphmap.detect.fan_out import FanOut
from graphmap.detect.multi_hop import MultiHop
from graphmap.detect.policy_violation import PolicyViolation
from graphmap.detect.restricted import Restricted
from graphmap.registry import Registry

DETECTORS: Registry[Detector] = Registry(
    "graphmap.detectors",
    [
        MultiHop(),
        CredentialSwitch(),
        Restricted(),
        BruteForce(),
        FanOut(),
        PolicyViolation(),
    ],
)

__all__ = ["DETECTORS", "Detector", "Evidence", "MultiHop"]
