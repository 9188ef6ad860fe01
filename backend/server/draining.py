"""Draining: a process that was told to end lets its callers go elsewhere before it stops listening."""

import ctypes
import mmap
import socket
import struct
import sys
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Anonymous shared memory: what gunicorn's master writes here, the workers forked from it read.
_flag: Final = mmap.mmap(-1, 1)


def begin() -> None:
    """Start draining, in this process and in all that were forked from it since the import."""
    _flag[0] = 1


def draining() -> bool:
    """Whether draining has begun."""
    return _flag[0] == 1


def admit_no_more(listener: socket.socket) -> bool:
    """Let the kernel ignore attempts to connect to `listener`, in all processes that share it.

    Closing it would reset the connections that are made but not accepted yet, with requests
    on their way. After this none is made any more, and those that are can be accepted first.
    This is a socket filter of Linux (socket(7), SO_ATTACH_FILTER). Returns whether it is in
    place: newer kernels want CAP_NET_ADMIN for it, which a hardened container lacks.
    """
    if sys.platform != "linux":
        return False
    drop_all = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # BPF: return 0 bytes
    program = struct.pack("HP", 1, ctypes.addressof(drop_all))
    try:
        listener.setsockopt(socket.SOL_SOCKET, 26, program)  # SO_ATTACH_FILTER
    except OSError:
        return False
    return True


class DrainMiddleware:
    """Pure ASGI middleware: while draining, `/readyz` answers 503 and every answer ends its connection.

    The first tells a load balancer to send no new requests, the second makes clients and
    proxies let go of the connections they keep (RFC 9110 section 7.6.1, `Connection: close`).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, unless it asks whether more requests should come."""
        if scope["type"] != "http" or not draining():
            await self.app(scope, receive, send)
        elif scope["path"] == "/readyz":
            refusal = JSONResponse({"status": "draining"}, 503, headers={"Connection": "close"})
            await refusal(scope, receive, send)
        else:
            await self.app(scope, receive, _closing(send))


def _closing(send: Send) -> Send:
    async def send_and_close(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["Connection"] = "close"
        await send(message)

    return send_and_close
