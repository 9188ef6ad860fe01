"""The caller as a row in the database: data belongs to `(issuer, user_id)`."""

from contextlib import suppress
from typing import Annotated, Final

from fastapi import Depends
from fastapi_okta_auth import CurrentUser, Principal
from sqlalchemy.exc import IntegrityError

from backend.database import Session
from backend.errors import Refused
from backend.models import User

_MAX_USER_ID: Final = 255


async def require_user(user: CurrentUser) -> Principal:
    """Return the caller. Raises Refused (403) for a token without a user, such as that of a service."""
    if not user.user_id or len(user.user_id) > _MAX_USER_ID or _storable(user.user_id) != user.user_id:
        raise Refused(403, "This requires a user's token; a service stores no data.", "user_required")
    return user


async def stored_user(user: Annotated[Principal, Depends(require_user)], session: Session) -> Principal:
    """Return the caller, with a row in `users`; login and name are those of the token."""
    latest = User(
        issuer=user.issuer,
        user_id=user.user_id,
        login=_storable(user.subject),
        name=_storable(str(user.claims.get("name", user.subject))),
    )
    row = await session.get(User, (latest.issuer, latest.user_id))
    if row is not None:
        row.login, row.name = latest.login, latest.name
        return user
    with suppress(IntegrityError):  # another request of this user was first
        async with session.begin_nested():
            session.add(latest)
    return user


def _storable(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL stores no U+0000
