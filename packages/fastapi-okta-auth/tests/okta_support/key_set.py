"""A server with a key set, a certificate for it, and a client."""

import json
import threading
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi_okta_auth.http import Endpoint
from fastapi_okta_auth.keys import fetch_key_set
from local_okta.keys import KeyRing


class KeySetServer(ThreadingHTTPServer):
    """Serves a key set for every path, or `status`, and records request lines and headers."""

    status = 200

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        body = json.dumps(KeyRing().jwks()).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.requests.append((self.path, dict(self.headers)))
                self.send_response(server.status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        server = self
        super().__init__(("127.0.0.1", 0), Handler)

    @contextmanager
    def running(self) -> Iterator[str]:
        """Run the server; yield host and port."""
        threading.Thread(target=self.serve_forever, daemon=True).start()
        with self:
            yield f"127.0.0.1:{self.server_port}"
            self.shutdown()


async def fetch(url: str) -> int:
    """Fetch the key set at `url` as the service does; return how many keys it has."""
    async with aclosing(Endpoint(url)) as session:
        return len((await fetch_key_set(session)).keys)


def self_signed(folder: Path) -> Path:
    """Write a key and a certificate for 127.0.0.1 into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(private + certificate.public_bytes(pem))
    return folder / "server.pem"
