"""Detectors: each looks at the evidence for one kind of suspicion (docs/detectors.md)."""

from __future__ import annotations

from graphmap.detect.base import Detector, Evidence
from graphmap.detect.brute_force import BruteForce
from graphmap.detect.certificate import Certificate
from graphmap.detect.client_software import ClientSoftware
from graphmap.detect.control_master import ControlMaster
from graphmap.detect.credential_switch import CredentialSwitch
from graphmap.detect.fan_out import FanOut
from graphmap.detect.key_reuse import KeyReuse
from graphmap.detect.multi_hop import MultiHop
from graphmap.detect.planted_key import PlantedKey
from graphmap.detect.proxy_jump import ProxyJump
from graphmap.detect.restricted import Restricted
from graphmap.detect.silence import Silence
from graphmap.detect.staging import Staging
from graphmap.detect.stolen_key import StolenKey
from graphmap.detect.tampering import Tampering
from graphmap.detect.tunnel import Tunnel
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
    ],
)

__all__ = ["DETECTORS", "Detector", "Evidence", "MultiHop"]
