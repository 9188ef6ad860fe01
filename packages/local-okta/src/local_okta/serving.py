"""Run servers in threads, on free ports."""

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
    """Return a socket that listens on the address (port 0: any free port); raise `OSError` if it cannot."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def server_for(app: FastAPI) -> uvicorn.Server:
    """Return a server for the app; run it with a socket from `bind`."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            # The access log would contain the id_token_hint of a sign-out.
            access_log=False,
            log_level="warning",
            # The switches check the peer's address, so no header may replace it.
            proxy_headers=False,
            timeout_graceful_shutdown=3,
        )
    )


@contextmanager
def serving(app: FastAPI, listener: socket.socket) -> Iterator[None]:
    """Serve the app in a thread on a socket from `bind`."""
    server = server_for(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
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
    """Serve any app in a thread on a free port and yield its base URL."""
    with bind("127.0.0.1", 0) as listener, serving(app, listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def running(config: Config | None = None) -> Iterator[LocalOkta]:
    """Run a local Okta in a thread on a free port and yield its state.

    Its issuer is the default one on that port; the issuer of `config` is ignored.
    """
    with bind("127.0.0.1", 0) as listener:
        issuer = f"http://localhost:{listener.getsockname()[1]}/oauth2/default"
        app = create_app(replace(config or Config(), issuer=issuer))
        okta: LocalOkta = app.state.okta
        with serving(app, listener):
            yield okta
