"""Real receivers on loopback: HTTP, with TLS or not, syslog, and certificates for them."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DEADLINE = 30.0


class Reply(NamedTuple):
    """What a receiver does with a request."""

    code: int = 200
    body: bytes = b"ok"
    headers: tuple[tuple[str, str], ...] = ()
    before: Callable[[], Any] = bool
    """Done before it answers."""
    closes: bool = False
    """It closes the connection instead of an answer, in the middle of the status line."""


class Request(NamedTuple):
    """What was posted."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Web:
    """A web server: it answers as `replies` say, one after the other, and then with 200."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    def keys(self) -> list[str]:
        """The idempotency keys that came, in order."""
        return [request.headers["Idempotency-Key"] for request in self.requests]


@contextmanager
def web_server(context: ssl.SSLContext | None = None) -> Iterator[Web]:
    """A web server on a free port."""
    web = Web()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                web.requests.append(Request(self.path, dict(self.headers), body))
                reply = web.replies.pop(0) if web.replies else Reply()
            reply.before()
            if reply.closes:
                self.wfile.write(b"HTTP/1.1 20")
                self.close_connection = True
                return
            with suppress(OSError):  # the sender may have given up
                self.send_response(reply.code)
                for name, value in (*reply.headers, ("Content-Length", str(len(reply.body)))):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    scheme = "http" if context is None else "https"
    web.url = f"{scheme}://{'127.0.0.1' if context is None else 'localhost'}:{server.server_port}/hook/s3cret-path"
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def stream_server(context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """A TCP server: its port, and all that came over each connection, once that has ended."""
    got: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    stop = threading.Event()

    def serve() -> None:
        while not stop.is_set():
            try:
                accepted, _ = listener.accept()
            except TimeoutError:
                continue
            accepted.settimeout(DEADLINE)
            with suppress(OSError):
                connection = accepted if context is None else context.wrap_socket(accepted, server_side=True)
                with connection:
                    received = b""
                    while chunk := connection.recv(65536):
                        received += chunk
                    got.append(received)
            accepted.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1], got
    finally:
        stop.set()
        thread.join()
        listener.close()


class Certificates(NamedTuple):
    """A CA, and what it signed: for ``localhost`` and for a client."""

    ca: Path
    certificate: Path
    key: Path

    def server(self, *, clients: bool = False) -> ssl.SSLContext:
        """For a server; with `clients`, for one that wants a certificate of its clients."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.ca)
        return context


def make_certificates(folder: Path) -> Certificates:
    """Certificates made by openssl, for a day."""
    made = Certificates(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    new = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "1",
    ]
    ca_key = folder / "ca.key"
    _run(*new, "-subj", "/CN=test CA", "-addext", "keyUsage=critical,keyCertSign", "-keyout", ca_key, "-out", made.ca)
    _run(
        *new, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext",
        "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature",
        "-CA", made.ca, "-CAkey", ca_key, "-keyout", made.key, "-out", made.certificate,
    )  # fmt: skip
    return made


def _run(*words: str | Path) -> None:
    subprocess.run([str(word) for word in words], check=True, capture_output=True, timeout=60)
