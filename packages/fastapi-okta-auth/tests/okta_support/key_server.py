"""A JWKS server that can fail in many ways."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from fastapi import FastAPI
from local_okta.keys import KeyRing
from local_okta.serving import serve
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

ISSUER: Final = "https://acme.okta.com/oauth2/default"
Respond = Callable[["KeyServer"], Awaitable[Response]]


class KeyServer:
    """Publishes `keys` at `url`; `respond` creates each response. Counts the fetches."""

    def __init__(self, keys: KeyRing) -> None:
        self.keys = keys
        self.respond: Respond = well
        self.cache_control = "max-age=3600"
        self.fetches = 0
        self.url = ""
        self.closing = False
        self._fetched = threading.Condition()

    async def publish(self, _: Request) -> Response:
        """Respond to a fetch."""
        with self._fetched:
            self.fetches += 1
            self._fetched.notify_all()
        return await self.respond(self)

    def wait_for_fetch(self, number: int) -> None:
        """Wait until `number` fetches have started."""
        with self._fetched:
            assert self._fetched.wait_for(lambda: self.fetches >= number, timeout=10)


@contextmanager
def key_server(keys: KeyRing, path: str = "/keys") -> Iterator[KeyServer]:
    """Serve a KeyServer on a free port, at `path`."""
    server = KeyServer(keys)
    app = FastAPI(openapi_url=None)
    app.add_route(path, server.publish)
    with serve(app) as url:
        server.url = f"{url}{path}"
        yield server
        server.closing = True


async def well(server: KeyServer) -> Response:
    """Respond as Okta does."""
    return JSONResponse(server.keys.jwks(), headers={"Cache-Control": server.cache_control})


async def slow(server: KeyServer) -> Response:
    """Respond correctly, after half a second."""
    await asyncio.sleep(0.5)
    return await well(server)


def held(release: threading.Event) -> Respond:
    """Respond correctly, once `release` is set."""

    async def respond(server: KeyServer) -> Response:
        await asyncio.to_thread(release.wait, 10)
        return await well(server)

    return respond


async def silent(server: KeyServer) -> Response:
    """Respond correctly, but long after the client has timed out."""
    for _ in range(80):
        if server.closing:
            break
        await asyncio.sleep(0.1)
    return await well(server)


async def trickling(_: KeyServer) -> Response:
    """Send a body that never ends."""

    async def body() -> AsyncIterator[bytes]:
        for _ in range(80):
            yield b" "
            await asyncio.sleep(0.1)

    return StreamingResponse(body(), media_type="application/json")


async def huge(server: KeyServer) -> Response:
    """Send the right keys after two megabytes of spaces."""

    async def body() -> AsyncIterator[bytes]:
        for _ in range(32):
            yield b" " * 65536
        yield bytes((await well(server)).body)

    return StreamingResponse(body(), media_type="application/json")


async def truncated(server: KeyServer) -> Response:
    """Send less than `Content-Length` says."""
    whole = await well(server)
    return Response(whole.body[:100], headers={"Content-Length": str(len(whole.body))})


async def redirecting(server: KeyServer) -> Response:
    """Redirect to another origin with well-formed keys that are not the issuer's."""
    return RedirectResponse(server.url.replace("127.0.0.1", "localhost") + "?elsewhere")


def status(code: int) -> Respond:
    """Send the right keys with status `code`."""

    async def respond(server: KeyServer) -> Response:
        return JSONResponse(server.keys.jwks(), code)

    return respond


def content(value: Any) -> Respond:
    """Send status 200 with `value` in the body."""

    async def respond(_: KeyServer) -> Response:
        return Response(value) if isinstance(value, bytes) else JSONResponse(value)

    return respond


FAULTS: Final[dict[str, Respond]] = {
    "silent": silent,
    "trickling": trickling,
    "huge": huge,
    "truncated": truncated,
    "redirecting": redirecting,
    "429": status(429),
    "500": status(500),
    "503": status(503),
    "203": status(203),
    "html": content(b"<html>Sign in to the Wi-Fi</html>"),
    "empty": content(b""),
    "no keys member": content({"error": "not_found"}),
    "no keys": content({"keys": []}),
    "null": content(None),
    "keys of another type": content({"keys": 7}),
    "unusable keys": content({"keys": [None, 7, {"kty": "RSA"}, {"kid": "a", "kty": "EC"}]}),
    "deeply nested": content(b"[" * 100_000),
}
