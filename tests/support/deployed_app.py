"""The application with many test routes, and public ones: slow, blocking, failing, a WebSocket."""

import asyncio
import os
import time
from collections.abc import AsyncIterator

from fastapi import Request, WebSocket
from fastapi.responses import StreamingResponse
from fastapi_okta_auth import PUBLIC

from backend.main import create_app
from backend.observability.logging import configure_logging
from backend.observability.tracing import set_otel_variables
from backend.settings import Settings

settings = Settings.load()
configure_logging(settings)
set_otel_variables(Settings.variables())
app = create_app(settings)


for number in range(200):
    app.add_api_route(f"/many/{number}", lambda: None, name=f"many-{number}")


@app.get("/slow", openapi_extra=PUBLIC)
async def slow(seconds: float) -> StreamingResponse:
    """Send the worker's pid at once, and `done` after `seconds`."""

    async def body() -> AsyncIterator[bytes]:
        yield f"{os.getpid()}\n".encode()
        await asyncio.sleep(seconds)
        yield b"done\n"

    return StreamingResponse(body())


@app.get("/hang", openapi_extra=PUBLIC)
async def hang() -> None:
    """Block the event loop until the worker is killed."""
    time.sleep(600)  # noqa: ASYNC251 -- on purpose


@app.get("/boom", openapi_extra=PUBLIC)
async def boom() -> None:
    """Fail."""
    raise ZeroDivisionError("secret detail")


@app.get("/caller", openapi_extra=PUBLIC)
@app.post("/caller", openapi_extra=PUBLIC)
async def caller(request: Request) -> dict[str, object]:
    """Return the request as the application sees it."""
    return {
        "host": request.client.host if request.client else None,
        "scheme": request.url.scheme,
        "names": sorted(request.headers),
        "body": (await request.body()).decode(),
    }


@app.get("/endless", openapi_extra=PUBLIC)
async def endless() -> StreamingResponse:
    """Send without end."""

    async def body() -> AsyncIterator[bytes]:
        while True:
            yield bytes(65_536)
            await asyncio.sleep(0)

    return StreamingResponse(body())


@app.websocket("/ws/endless")
async def endless_messages(socket: WebSocket) -> None:
    """Send without end."""
    await socket.accept()
    while True:
        await socket.send_bytes(bytes(65_536))
        await asyncio.sleep(0)


@app.websocket("/ws/closing")
async def closing(socket: WebSocket) -> None:
    """Send more than buffers hold, and close."""
    await socket.accept()
    for _ in range(400):
        await socket.send_bytes(bytes(65_536))
    await socket.close()


@app.websocket("/ws")
async def greet(socket: WebSocket) -> None:
    """Accept, send one message, and close."""
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()
