"""Request parameters: each given once, an empty one counts as absent (RFC 6749 §3.1)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from fastapi import Request
from starlette.exceptions import HTTPException

from local_okta.errors import OAuthError

MAX_FIELDS: Final = 32
MAX_FIELD_BYTES: Final = 16 * 1024


def repeated(pairs: Iterable[tuple[str, str]]) -> set[str]:
    """Return the names that occur more than once."""
    counts = Counter(name for name, _ in pairs)
    return {name for name, count in counts.items() if count > 1}


def given(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the parameters that have a value."""
    return {name: value for name, value in pairs if value}


def scopes_of(parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Return the scopes asked for, each once, in the order given."""
    return tuple(dict.fromkeys(parameters.get("scope", "").split()))


async def form_parameters(request: Request) -> dict[str, str]:
    """Read a form body; raise `OAuthError` if it is another kind, too large, or repeats a name."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/x-www-form-urlencoded":
        msg = "The body must be application/x-www-form-urlencoded."
        raise OAuthError("invalid_request", msg)
    try:
        form = await request.form(max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES)
    except HTTPException as error:
        raise OAuthError("invalid_request", "The form cannot be read.") from error
    pairs = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    if repeated(pairs):
        raise OAuthError("invalid_request", "A parameter is given more than once.")
    return given(pairs)
