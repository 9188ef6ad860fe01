"""Running a server, on a port of its own if asked."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import uvicorn
from fastapi import FastAPI

from local_okta.app import create_app
from local_okta.config import Config
from local_okta.state import LocalOkta


def bind(host: str, port: int) -> socket.socket:
    """Take the address (port 0: any free one); raise `OSError` when that is not possible."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    taken = socket.socket(family, kind, protocol)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind(address)
        taken.listen()
    except OSError:
        taken.close()
        raise
    return taken


def server_for(app: FastAPI) -> uvicorn.Server:
    """Return a server for the app; run it with the socket that `bind` gave."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            # The access log would hold the id_token_hint of a sign-out.
            access_log=False,
            log_level="warning",
            # The switches trust the peer's address, so no header may replace it.
            proxy_headers=False,
            timeout_graceful_shutdown=3,
        )
    )


@contextmanager
def serving(app: FastAPI, taken: socket.socket) -> Iterator[None]:
    """Serve the app in a thread on a socket that `bind` gave."""
    server = server_for(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def serve(app: FastAPI) -> Iterator[str]:
    """Serve any app in a thread on a free port and give its base URL."""
    with bind("127.0.0.1", 0) as taken, serving(app, taken):
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@contextmanager
def running(config: Config | None = None) -> Iterator[LocalOkta]:
    """Run a local Okta in a thread on a free port and give its state.

    Its issuer is the fixed one with another port, whatever `config` says.
    """
    with bind("127.0.0.1", 0) as taken:
        issuer = f"http://localhost:{taken.getsockname()[1]}/oauth2/default"
        app = create_app(replace(config or Config(), issuer=issuer))
        okta: LocalOkta = app.state.okta
        with serving(app, taken):
            yield okta
