"""Questions have one answer, whether plain Python or the compiled walks give it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from graphmap.errors import QueryError
from graphmap.pipeline import questions
from tests.estates import estate

LOG = """
    Mar  1 10:00:00 web1 sshd[1]: Accepted publickey for bob from 198.51.100.7 port 50000 ssh2: ED25519 SHA256:k
    Mar  1 10:00:00 web1 sshd[2]: Accepted password for ann from 198.51.100.8 port 50001 ssh2
    Mar  1 10:00:10 db1 sshd[3]: Accepted publickey for adm-bob from 10.0.0.1 port 50002 ssh2: ED25519 SHA256:k
    Mar  1 10:00:10 web1 sshd[4]: Accepted password for root from 10.0.0.2 port 50003 ssh2
    Mar  1 10:00:20 vault sshd[5]: Accepted publickey for adm-bob from 10.0.0.2 port 50004 ssh2: ED25519 SHA256:k
    Mar  1 12:00:20 vault sshd[6]: Accepted publickey for adm-bob from 10.0.0.1 port 50005 ssh2: ED25519 SHA256:k
"""
INVENTORY = """
    segments: [{name: prod, cidrs: [10.0.0.0/24]}]
    hosts:
      - {name: web1, addresses: [10.0.0.1]}
      - {name: db1, addresses: [10.0.0.2]}
      - {name: vault}
"""
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("at", [None, NOON])
def test_answers_do_not_depend_on_the_number_of_hops(monkeypatch: pytest.MonkeyPatch, at: datetime | None) -> None:
    asked = estate(LOG, inventory=INVENTORY)
    window = timedelta(hours=3)

    def answers() -> list[object]:
        return [
            questions.reached_from(asked, "web1", at=at, window=window),
            questions.origins_of(asked, "vault", at=at, window=window),
            questions.paths(asked, "web1", ["vault"], at=at, window=window, limit=10),
        ]

    plain = answers()
    assert all(plain)
    monkeypatch.setattr(questions, "COMPILED_FROM", 0)
    assert answers() == plain


def test_an_account_that_nobody_has() -> None:
    with pytest.raises(QueryError, match="no account named 'bbo'"):
        questions.radius_of(estate(LOG, inventory=INVENTORY), account="bbo", at=None, window=timedelta(hours=1))
