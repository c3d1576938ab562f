"""Webhooks against a real server."""

from __future__ import annotations

import json
import logging
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest

from graphmap.alerts.forms import body_of
from graphmap.alerts.within import within
from graphmap.errors import DeliveryError
from tests.alerts.entries import output
from tests.alerts.findings import MESSAGE, TWO
from tests.alerts.receivers import Certificates, Reply, Web, web_server

if TYPE_CHECKING:
    from pathlib import Path

    from graphmap.alerts import Output

SECRET = "hunter2-hunter2"


def failure(made: Output) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        made.send(MESSAGE)
    assert "s3cret-path" not in caught.value.message
    assert SECRET not in caught.value.message
    return caught.value


def test_a_webhook_gets_the_whole_message_once(tmp_path: Path, web: Web) -> None:
    (tmp_path / "key").write_text(SECRET)
    made = output(
        tmp_path, kind="webhook", url=web.url, secret_file="key", secret_header="X-Key: v1 {secret}",
        headers={"X-Team": "blue"},
    )  # fmt: skip
    assert made.send(TWO) == "HTTP 200 ok"
    (request,) = web.requests
    assert request.path == "/hook/s3cret-path"
    assert request.body == body_of("json", TWO, None).content
    assert {"Content-Type", "Idempotency-Key", "X-Key", "X-Team"} <= request.headers.keys()
    wanted = {"Content-Type": "application/json", "Idempotency-Key": TWO.key, "X-Key": f"v1 {SECRET}", "X-Team": "blue"}
    assert {name: request.headers[name] for name in wanted} == wanted
    document = json.loads(request.body)
    assert (document["schema"], document["id"]) == ("graphmap.alert/1", TWO.key)
    assert document["findings"][0]["evidence"][0]["text"].startswith("Mar 10")


def test_slack_gets_its_shape_at_an_address_that_is_kept_in_a_file(tmp_path: Path, web: Web) -> None:
    (tmp_path / "hook").write_text(web.url + "\n")
    made = output(tmp_path, kind="slack", url_file="hook", group=20)
    assert made.target.where == "url_file"
    assert made.send(TWO) == "HTTP 200 ok"
    assert web.requests[0].body == body_of("slack", TWO, None).content


@pytest.mark.parametrize(
    ("code", "lasting"),
    [(500, False), (503, False), (401, False), (404, False), (408, False), (429, False), (400, True), (413, True)],
)
def test_what_is_no_success_fails_and_says_whether_trying_again_helps(
    tmp_path: Path, web: Web, code: int, lasting: bool
) -> None:
    web.replies.append(Reply(code, b"no \x1b[31m" + SECRET.encode() + b" cannot POST /hook/s3cret-path"))
    made = output(tmp_path, kind="webhook", url=web.url, secret_in_clear=SECRET)
    with pytest.raises(DeliveryError) as caught:
        made.send(MESSAGE)
    assert caught.value.message == f"{web.url.rpartition('/hook')[0]}: HTTP {code} no \\x1b[31m*** cannot POST ***"
    assert (caught.value.lasting, caught.value.after) == (lasting, None)


def test_retry_after_is_read_as_seconds_and_as_a_date(tmp_path: Path, web: Web) -> None:
    made = output(tmp_path, kind="webhook", url=web.url)
    date = format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True)
    for text in ("120", date, "soon", "-5", "Wed, 01 Jan 2020 00:00:00 GMT"):
        web.replies.append(Reply(429, b"", (("Retry-After", text),)))
    waits = [failure(made).after for _ in range(5)]
    assert waits[0] == 120
    assert waits[1] == pytest.approx(300, abs=60)
    assert waits[2:] == [None, None, 0]


def test_a_redirect_is_not_followed(tmp_path: Path, web: Web) -> None:
    web.replies.append(Reply(307, b"", (("Location", f"{web.url}/other"),)))
    error = failure(output(tmp_path, kind="webhook", url=web.url, secret_in_clear=SECRET))
    assert "HTTP 307" in error.message
    assert len(web.requests) == 1


def test_a_receiver_that_hangs_is_left(tmp_path: Path, web: Web) -> None:
    done = threading.Event()
    web.replies.append(Reply(before=lambda: done.wait(30)))
    error = failure(output(tmp_path, kind="webhook", url=web.url, timeout="1s"))
    done.set()
    assert error.message.endswith("no answer within 1 s")


def test_a_receiver_that_is_never_late_and_never_done_is_left() -> None:
    """Each byte of a slow answer is in time: only the limit of the whole ends it."""
    done = threading.Event()
    with pytest.raises(DeliveryError, match=r"^there: no end within 0.05 s$"):
        within(0.05, "there", lambda: done.wait(30))
    done.set()
    assert within(30, "there", lambda: "answer") == "answer"


def test_a_connection_that_closes_in_the_middle_is_a_failure(tmp_path: Path, web: Web) -> None:
    web.replies.append(Reply(closes=True))
    assert not failure(output(tmp_path, kind="webhook", url=web.url)).lasting


def test_nobody_there(tmp_path: Path) -> None:
    with web_server() as other:
        url = other.url
    assert "refused" in failure(output(tmp_path, kind="webhook", url=url)).message


def test_an_endless_answer_is_read_no_further_than_it_is_shown(tmp_path: Path, web: Web) -> None:
    web.replies.append(Reply(200, b"x" * 5_000_000))
    assert output(tmp_path, kind="webhook", url=web.url).send(MESSAGE) == "HTTP 200 " + "x" * 300


def test_tls_is_verified(tmp_path: Path, certificates: Certificates) -> None:
    with web_server(certificates.server()) as web:
        made = output(tmp_path, kind="webhook", url=web.url, ca_file=str(certificates.ca))
        assert made.send(MESSAGE) == "HTTP 200 ok"
        assert "certificate verify failed" in failure(output(tmp_path, kind="webhook", url=web.url)).message
        other_name = web.url.replace("localhost", "127.0.0.1")
        wrong = failure(output(tmp_path, kind="webhook", url=other_name, ca_file=str(certificates.ca)))
        assert "certificate verify failed" in wrong.message
        assert len(web.requests) == 1


def test_a_client_shows_its_certificate_where_it_has_one(tmp_path: Path, certificates: Certificates) -> None:
    trust = {"ca_file": str(certificates.ca)}
    ours = {"certificate_file": str(certificates.certificate), "key_file": str(certificates.key)}
    with web_server(certificates.server(clients=True)) as web:
        assert output(tmp_path, kind="webhook", url=web.url, **trust, **ours).send(MESSAGE) == "HTTP 200 ok"
        failure(output(tmp_path, kind="webhook", url=web.url, **trust))


def test_a_ca_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    error = failure(output(tmp_path, kind="webhook", url="https://localhost:1/", ca_file="ca.pem"))
    assert str(tmp_path / "ca.pem") in error.message


def test_the_log_does_not_hold_the_address(tmp_path: Path, web: Web, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        output(tmp_path, kind="webhook", url=web.url).send(MESSAGE)
    assert "s3cret-path" not in caplog.text
