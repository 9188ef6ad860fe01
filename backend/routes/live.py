"""A greeting over a WebSocket."""

from fastapi import APIRouter, WebSocket, status

router = APIRouter()


@router.websocket("/ws/hello")
async def hello_socket(socket: WebSocket) -> None:
    """Reply to each text message, a name, with a greeting."""
    await socket.accept()
    while (message := await socket.receive())["type"] == "websocket.receive":
        if message.get("text") is None:
            await socket.close(status.WS_1003_UNSUPPORTED_DATA)
            return
        await socket.send_text(f"Hello, {message['text']}")
