"""Detectors: each looks at the evidence for one kind of suspicion (docs/detectors.md)."""

from __future__ import annotations

from graphmap.detect.base import Detector, Evidence
from graphmap.detect.brute_force import BruteForce
from graphmap.detect.certificate import Certificate
from graphmap.detect.client_software import ClientSoftware
from graphmap.detect.control_master import ControlMaster
from graphmap.detect.credential_switch import CredentialSwitch
from graphmap.detect.distant_sessions import DistantSessions
from graphmap.detect.fan_out import FanOut
from graphmap.detect.hypervisor import HypervisorAccess
from graphmap.detect.key_reuse import KeyReuse
from graphmap.detect.key_source import KeySource
from graphmap.detect.multi_hop import MultiHop
from graphmap.detect.planted_key import PlantedKey
from graphmap.detect.policy_violation import PolicyViolation
from graphmap.detect.profiles import Profiles
from graphmap.detect.proxy_jump import ProxyJump
from graphmap.detect.rare_edge import RareEdge
from graphmap.detect.restricted import Restricted
from graphmap.detect.root_logon import RootLogon
from graphmap.detect.scan import Scan
from graphmap.detect.service_account import ServiceAccount
from graphmap.detect.silence import Silence
from graphmap.detect.spray import Spray
from graphmap.detect.staging import Staging
from graphmap.detect.stolen_key import StolenKey
from graphmap.detect.tampering import Tampering
from graphmap.detect.tunnel import Tunnel
from graphmap.detect.worm_relay import WormRelay
from graphmap.registry import Registry

DETECTORS: Registry[Detector] = Registry(
    "graphmap.detectors",
    [
        MultiHop(),
        CredentialSwitch(),
        Restricted(),
        BruteForce(),
        FanOut(),
        Tunnel(),
        ProxyJump(),
        ControlMaster(),
        KeyReuse(),
        StolenKey(),
        PlantedKey(),
        Certificate(),
        Staging(),
        Tampering(),
        Silence(),
        ClientSoftware(),
        PolicyViolation(),
        Profiles(),
        ServiceAccount(),
        RareEdge(),
        HypervisorAccess(),
        RootLogon(),
        KeySource(),
        DistantSessions(),
        Spray(),
        WormRelay(),
        Scan(),
    ],
)

__all__ = ["DETECTORS", "Detector", "Evidence", "MultiHop"]
