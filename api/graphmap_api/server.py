"""One uvicorn process on a socket that is open already."""

from __future__ import annotations

import gc
import signal
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    import socket

    from fastapi import FastAPI

_YOUNG = 50_000
"""How many objects come before the collector looks for rings. An answer makes some thousands; with Python's own 700 it
looks every few answers at all that the process holds, which stops everybody for a while."""


def run(app: FastAPI, listener: socket.socket, *, grace: int) -> None:
    """Answer until SIGINT or SIGTERM, then let running requests end for at most `grace` seconds.

    Requests are not logged: the first one has the token in its address.
    """
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="error",
        server_header=False,
        timeout_graceful_shutdown=grace,
        lifespan="off",
        ws="none",
    )
    gc.set_threshold(_YOUNG)
    # uvicorn raises the signal that stopped it once more when all is done, which is no failure here
    before = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    server = uvicorn.Server(config)
    app.state.stopping = lambda: server.should_exit
    try:
        server.run(sockets=[listener])
    finally:
        app.state.runs.end()
        for number, handler in before.items():
            signal.signal(number, handler)
