"""The tutorial's two routes, and a greeting over a WebSocket."""

from typing import Annotated

from fastapi import APIRouter, Path, WebSocket
from pydantic import BaseModel

router = APIRouter(tags=["Hello"])


class Message(BaseModel):
    """A text for the caller."""

    message: str


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
    async for name in socket.iter_text():
        await socket.send_text(f"Hello, {name}")
