"""An issuer with a fault."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local_okta.keys import KeyRing


@dataclass
class Issuer:
    """The responses of the issuer; `skew` moves its clock, in seconds."""

    url: str = ""
    named: str | None = None
    discovery_status: int = 200
    token_status: int = 503
    keys: dict[str, Any] = field(default_factory=lambda: KeyRing().jwks())
    skew: int = 0


@contextmanager
def issuer() -> Iterator[Issuer]:
    """Serve an Issuer on a free port."""
    state = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.endswith("/v1/keys"):
                self.respond(200, state.keys)
            else:
                self.respond(state.discovery_status, {"issuer": state.named or state.url})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.respond(state.token_status, {"error": "invalid_grant"})

        def respond(self, status: int, body: dict[str, Any]) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def date_time_string(self, timestamp: float | None = None) -> str:

            return super().date_time_string((timestamp or time.time()) + state.skew)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.url = f"http://127.0.0.1:{server.server_port}/oauth2/default"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield state
        finally:
            server.shutdown()
