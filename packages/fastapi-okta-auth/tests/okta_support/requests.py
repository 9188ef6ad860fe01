"""Addresses of servers, and the headers of requests to them."""

import random
import ssl
import time
from contextlib import suppress

import httpx
from local_okta.serving import bind

_choose = random.SystemRandom().choice
# Created once: otherwise httpx loads the system's certificates for each request.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
DEAD_JWKS_URI = "http://127.0.0.1:9/keys"
# Every challenge ends with it (RFC 9728 section 5.1).
METADATA = ', resource_metadata="http://localhost:8000/.well-known/oauth-protected-resource"'


def wait_until_ready(url: str, probe: str = "readyz") -> None:
    """Wait until the application at `url` has keys, or until another `probe` succeeds."""
    deadline = time.monotonic() + 30
    while not _ready(f"{url}/{probe}"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no successful response from {probe}")
        time.sleep(0.02)


def _ready(probe: str) -> bool:
    try:
        return httpx.get(probe, verify=NO_TLS).is_success
    except httpx.TransportError:
        return False


def free_address() -> str:
    """Return an address on loopback where nothing listens, as host:port."""
    # Below the ephemeral ports, so that no other test gets the port in the meantime.
    while True:
        port = _choose(range(10_000, 32_768))
        with suppress(OSError), bind("127.0.0.1", port):
            return f"127.0.0.1:{port}"


def bearer(token: str) -> dict[str, str]:
    """Return the header for `token`."""
    return {"Authorization": f"Bearer {token}"}
