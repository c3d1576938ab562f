from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.errors import InputError, PolicyError
from graphmap.policy.rules import NO_POLICY, Policy, Rule, Zone
from graphmap.policy.yaml_form import parse_policy

WHOLE = """\
zones:
  - {name: office, cidrs: [10.1.0.0/16, "2001:DB8::/32"]}
  - {name: jump, hosts: [JUMP1.]}
  - name: core
    segments: [prod, vault]
    roles: [Domain Controller, domain_controller2]
    closed: yes
rules:
  - name: admins
    from: [jump]
    to: [core]
    accounts: [anna, 1007]
    methods: [publickey]
    services: [ssh]
    since: 2026-01-01
    until: 2026-06-30T12:00:00+02:00
    author: j-smith
    reason: "CHG-17: moving house"
  - {name: everybody, from: [any, office], to: [jump]}
"""


def test_everything_that_can_be_said() -> None:
    assert parse_policy(WHOLE, "p.yaml") == Policy(
        zones=(
            Zone("office", cidrs=("10.1.0.0/16", "2001:db8::/32"), line=2),
            Zone("jump", hosts=("jump1",), line=3),
            Zone(
                "core",
                segments=("prod", "vault"),
                roles=("domain-controller", "domain-controller2"),
                closed=True,
                line=4,
            ),
        ),
        rules=(
            Rule(
                "admins",
                ("jump",),
                ("core",),
                accounts=("anna", "1007"),
                methods=("publickey",),
                services=("ssh",),
                since=datetime(2026, 1, 1, tzinfo=UTC),
                until=datetime(2026, 6, 30, 10, tzinfo=UTC),
                author="j-smith",
                reason="CHG-17: moving house",
                line=9,
            ),
            Rule("everybody", ("any", "office"), ("jump",), line=19),
        ),
        path="p.yaml",
    )
    assert [zone.name for zone in parse_policy(WHOLE, "p.yaml").stated()] == ["jump", "core"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "\ufeff", "---\n"])
def test_nothing_states_nothing(text: str) -> None:
    assert parse_policy(text, "p.yaml") == NO_POLICY


ZONES = "zones: [{name: a, hosts: [h]}]\n"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[]", "1:1: a policy is a mapping, not a list", "its keys: zones, rules"),
        ("zone: []", "1:1: a policy has no key 'zone'", "did you mean 'zones'?"),
        ("zones: [a]", "1:9: an item of 'zones' is a mapping, not text", None),
        ("zones: [{hosts: [h]}]", "1:9: a zone needs 'name'", None),
        ("zones: [{name: a}]", "1:9: zone 'a' holds nothing", "say one of: segments, cidrs, roles, hosts"),
        ("zones: [{name: any, hosts: [h]}]", "1:16: 'any' is every source", "give the zone another name"),
        ("zones: [{name: a, host: [h]}]", "1:9: zone 'a' holds nothing", None),
        ("zones: [{name: a, cidrs: [10.0.0.1/8]}]", "1:27: '10.0.0.1/8' is not a network", "bits are set"),
        ("zones: [{name: a, hosts: [10.0.0.1]}]", "1:27: '10.0.0.1' is an address, not a name", None),
        ("zones: [{name: a, hosts: [h]}, {name: a, hosts: [i]}]", "1:39: zone 'a' is given twice, first at 1:16", None),
        (ZONES + "rules: [{name: r, from: [a]}]", "2:9: a rule needs 'to', a list of zones", None),
        (ZONES + "rules: [{name: r, from: [], to: [a]}]", "2:9: a rule needs 'from', a list of zones", None),
        (ZONES + "rules: [{name: r, from: [any], to: [any]}]", "2:37: no zone is named 'any'", "list it under zones"),
        (ZONES + "rules: [{name: r, from: [b], to: [a]}]", "2:26: no zone is named 'b'", "list it under zones"),
        (
            ZONES + "rules: [{name: r, from: [a], to: [a], accounts: []}]",
            "2:49: 'accounts' is empty, so",
            "leave it out",
        ),
        (ZONES + "rules: [{name: r, from: [a], to: [a], until: soon}]", "2:46: 'soon' is not a time", "write it as"),
        (
            ZONES + "rules: [{name: r, from: [a], to: [a], since: 2026-02-01, until: 2026-02-01}]",
            "2:65: the rule ends before it begins",
            "until is exclusive",
        ),
        (
            ZONES + "rules: [{name: r, from: [a], to: [a]}, {name: r, from: [a], to: [a]}]",
            "2:47: rule 'r' is given twice",
            None,
        ),
    ],
)
def test_mistakes_are_named_by_place(text: str, message: str, hint: str | None) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "p.yaml")
    assert caught.value.message.startswith(f"p.yaml:{message}")
    assert hint is None or hint in (caught.value.hint or "")


@given(st.text(max_size=80) | st.lists(st.sampled_from(WHOLE.splitlines(keepends=True))).map("".join))
def test_whatever_the_text_it_is_a_policy_or_an_error_at_a_place(text: str) -> None:
    try:
        policy = parse_policy(text, "p.yaml")
    except InputError as error:
        assert error.message.startswith("p.yaml:")  # noqa: PT017 - either way is fine
    else:
        known = {zone.name for zone in policy.zones}
        assert all(set(rule.destinations) <= known for rule in policy.rules)
