"""Responses to errors that no route handles."""

from fastapi import Request
from fastapi.responses import JSONResponse


async def internal_server_error(_: Request, __: Exception) -> JSONResponse:
    """Return a 500 without details; the server logs the exception."""
    return JSONResponse({"error": "Internal Server Error"}, status_code=500)
