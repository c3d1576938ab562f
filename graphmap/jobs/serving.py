"""What a daemon tells over HTTP: ``/health``, ``/ready`` and ``/metrics``, to whoever starts, watches and counts it."""

from __future__ import annotations

import socket
import threading
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from graphmap.jobs.metrics import metrics_text
from graphmap.pipeline.readiness import Readiness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

    from graphmap.config import Settings

_TEXT = "text/plain; charset=utf-8"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    timeout = 30

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing of each request."""


def serve(settings: Settings, address: str, port: int) -> Callable[[], None]:
    """Answer in a thread; call what is returned to stop.

    ``/health``: 200 as long as the process answers. ``/ready``: 200, or 503 with what is lacking, a line each.
    ``/metrics``: for Prometheus.

    Raises
    ------
    OSError
        The address cannot be listened on.
    """
    family, *_, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
    kind = type("Server", (_Server,), {"address_family": family})
    server = kind(place[:2], _Quiet)
    server.set_app(_application(settings))
    thread = threading.Thread(target=server.serve_forever, name="telling", daemon=True)
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop


def _application(settings: Settings) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    readiness = Readiness(settings)

    def ready() -> tuple[HTTPStatus, bytes, str]:
        lacking = readiness.lacking()
        status = HTTPStatus.SERVICE_UNAVAILABLE if lacking else HTTPStatus.OK
        return status, "".join(f"{one}\n" for one in lacking or ("ready",)).encode(), _TEXT

    def metrics() -> tuple[HTTPStatus, bytes, str]:
        return HTTPStatus.OK, *metrics_text(settings)

    places = {"/health": lambda: (HTTPStatus.OK, b"here\n", _TEXT), "/ready": ready, "/metrics": metrics}

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        tell = places.get(environ["PATH_INFO"])
        status, text, kind = tell() if tell else (HTTPStatus.NOT_FOUND, b"/health, /ready or /metrics\n", _TEXT)
        start(f"{status.value} {status.phrase}", [("Content-Type", kind), ("Content-Length", str(len(text)))])
        return [text]

    return answer
