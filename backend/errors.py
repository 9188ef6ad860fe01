"""Error responses: a text for people and, where a program can act on it, a `code`."""

from fastapi import FastAPI, HTTPException, Request, Response, WebSocket, WebSocketDisconnect, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel
from starlette.requests import ClientDisconnect
from starlette.types import Scope


class TokenRefusal(BaseModel):
    """Why the token is refused, or not enough."""

    error: str
    code: str


class Detail(BaseModel):
    """Why the request failed."""

    detail: str


class Refusal(Detail):
    """Why a route refused the request, and a code for programs."""

    code: str


class Refused(HTTPException):
    """A 403 or 409 of a route. The access log has the `code` as the reason."""

    def __init__(self, status_code: int, detail: str, code: str) -> None:
        super().__init__(status_code, detail)
        self.code = code


def add_error_handlers(app: FastAPI) -> None:
    """Add the handlers of this module to `app`."""

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> JSONResponse:
        request.scope["refusal"] = {"code": error.code}
        return JSONResponse({"detail": error.detail, "code": error.code}, error.status_code)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        # FastAPI's own handler returns the input too, and fails for a value that JSON lacks, such as NaN.
        faults = [{name: fault[name] for name in ("type", "loc", "msg")} for fault in error.errors()]
        return JSONResponse({"detail": faults}, status.HTTP_422_UNPROCESSABLE_CONTENT)

    @app.exception_handler(ClientDisconnect)
    async def left(_: Request, __: Exception) -> Response:
        # Nobody receives it. Without a handler it is a 500 in the log, with a traceback.
        return Response(status_code=status.HTTP_400_BAD_REQUEST)

    @app.exception_handler(WebSocketDisconnect)
    async def websocket_left(_: WebSocket, __: Exception) -> None:
        pass  # a route sent to a client that has gone, or waited for its message

    @app.exception_handler(status.HTTP_405_METHOD_NOT_ALLOWED)
    async def not_allowed(request: Request, _: Exception) -> JSONResponse:
        headers = {"Allow": ", ".join(sorted(_allowed_methods(app, request.scope)))}
        return JSONResponse({"detail": "Method Not Allowed"}, status.HTTP_405_METHOD_NOT_ALLOWED, headers)


def _allowed_methods(app: FastAPI, scope: Scope) -> set[str]:
    """Return the methods of all routes with the path of `scope` (RFC 9110 section 15.5.6).

    Starlette names those of the first one.
    """
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return {
        method
        for route in iter_route_contexts(app.routes)
        if route.methods and route.path_regex.match(path)
        for method in route.methods
    }


async def internal_server_error(_: Request, __: Exception) -> JSONResponse:
    """Return a 500 without details; the server logs the exception."""
    return JSONResponse({"error": "Internal Server Error"}, status_code=500)
