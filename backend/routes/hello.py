"""The tutorial's two routes, and a greeting over a WebSocket."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Path, WebSocket, WebSocketDisconnect, status
from pydantic import BaseModel, Field

router = APIRouter(tags=["Hello"])


class Message(BaseModel):
    """A text for the caller."""

    message: str = Field(examples=["Hello, Ada"])


@router.get("/", summary="Check that the token is valid")
async def index() -> Message:
    """Return the tutorial's message; any valid token will do."""
    return Message(message="Congratulations, FastAPI this side.")


@router.get("/hello/{name}", summary="Greet a name")
async def hello(name: Annotated[str, Path(examples=["Ada"])]) -> Message:
    """Return a greeting for the name in the path."""
    return Message(message=f"Hello, {name}")


@router.websocket("/ws/hello")
async def hello_socket(socket: WebSocket) -> None:
    """Reply to each text message, a name, with a greeting."""
    await socket.accept()
    with suppress(WebSocketDisconnect):  # raised by a reply to a client that has disconnected
        while (message := await socket.receive())["type"] == "websocket.receive":
            if message.get("text") is None:
                await socket.close(status.WS_1003_UNSUPPORTED_DATA)
                return
            await socket.send_text(f"Hello, {message['text']}")
