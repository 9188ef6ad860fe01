"""`Idempotency-Key`: a POST that a client repeats creates one row, and gets the same response."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import Depends, Header, HTTPException, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi_okta_auth import Principal
from pydantic import BaseModel
from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.errors import Refused
from backend.models import IdempotencyKey

KEPT: Final = timedelta(hours=24)
_VISIBLE_ASCII: Final = "^[!-~]{1,255}$"


def idempotency_key(
    request: Request,
    _: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="1 to 255 visible ASCII characters, new for each report; a repeated request"
            " with the same key creates nothing, and returns the first response for 24 hours",
            json_schema_extra={"pattern": _VISIBLE_ASCII},
        ),
    ] = None,
) -> str | None:
    """Return the key of the request, or None. Raises HTTPException (400) for one that is malformed."""
    keys = request.headers.getlist("Idempotency-Key")
    if not keys:
        return None
    if len(keys) > 1 or not re.fullmatch(_VISIBLE_ASCII[1:-1], keys[0]):
        detail = "Idempotency-Key must be one header of 1 to 255 visible ASCII characters"
        raise HTTPException(status.HTTP_400_BAD_REQUEST, detail)
    return keys[0]


Key = Annotated[str | None, Depends(idempotency_key)]


async def first_response(session: AsyncSession, user: Principal, key: str, body: BaseModel) -> str | None:
    """Return the JSON of the response to the first request with `key`, or None if this is the first.

    Raises Refused (409) while the first one is running, RequestValidationError (422) if its body was
    another one.
    """
    await _lock(session, user, key)
    own = (IdempotencyKey.issuer == user.issuer, IdempotencyKey.user_id == user.user_id)
    await session.execute(
        delete(IdempotencyKey).where(*own, IdempotencyKey.created < datetime.now(UTC) - KEPT)
    )
    first = await session.scalar(select(IdempotencyKey).where(*own, IdempotencyKey.key == key))
    if first is None:
        return None
    if first.request != _digest(body):
        message = "the key was used with another body"
        fault = {"type": "idempotency_key_reused", "loc": ("header", "Idempotency-Key"), "msg": message}
        raise RequestValidationError([fault])
    return first.response


def keep_response(
    session: AsyncSession, user: Principal, key: str, body: BaseModel, response: BaseModel
) -> None:
    """Add the response to `session`, so that it is stored in the same transaction or not at all."""
    row = IdempotencyKey(
        issuer=user.issuer,
        user_id=user.user_id,
        key=key,
        request=_digest(body),
        response=response.model_dump_json(),
        created=datetime.now(UTC),
    )
    session.add(row)


async def _lock(session: AsyncSession, user: Principal, key: str) -> None:
    """Let no other transaction use `key`. SQLite has one transaction at a time anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return
    name = "\n".join((user.issuer, str(user.user_id), key))
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    if not await session.scalar(select(func.pg_try_advisory_xact_lock(number))):
        raise Refused(409, "The first request with this Idempotency-Key is still running.", "request_running")


def _digest(body: BaseModel) -> str:
    return hashlib.sha256(body.model_dump_json().encode()).hexdigest()
