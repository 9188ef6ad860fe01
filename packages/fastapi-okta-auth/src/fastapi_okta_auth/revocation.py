"""Refuse the tokens of users that Okta's Universal Logout, or an operator, has signed out everywhere.

The request is described in Okta's guide "Build Universal Logout for your app" and in
draft-parecki-oauth-global-token-revocation.
"""

import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, Literal, NamedTuple, Protocol

from jwt import get_algorithm_by_name

from .credentials import credentials
from .errors import MAX_SHOWN, InvalidToken, OktaAuthError, Reason
from .explain import checked
from .keys import SigningKeys
from .principal import Principal
from .token import UnverifiedToken, check_times, is_number, parse_object, parse_token

LOGOUT_PATH: Final = "/oauth/global-token-revocation"
TYPES: Final = frozenset({"global-token-revocation+jwt", "application/global-token-revocation+jwt"})
MAX_SUBJECT: Final = 320  # the longest e-mail address
MAX_JTI: Final = 255
MAX_LIFETIME_SECONDS: Final = 24 * 3600  # bounds how long a `jti` must be remembered
_MEMBERS: Final = {"email": {"format", "email"}, "iss_sub": {"format", "iss", "sub"}}
_RS256: Final = get_algorithm_by_name("RS256")


class Subject(NamedTuple):
    """A user of `issuer`: by `email`, in lower case, or by `iss_sub`, the user id (RFC 9493)."""

    issuer: str
    format: Literal["email", "iss_sub"]
    value: str


class RevokedUsers(Protocol):
    """Which users are revoked. The application keeps it in memory, because each request asks."""

    def revoked_at(self, user: Principal) -> float | None:
        """Return when `user` was revoked, in seconds since the epoch, or None."""

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` after each change; return a function that ends it."""


class MalformedSubject(OktaAuthError):
    """The body does not name a user in a known way."""

    status = 400
    text = "Bad Request: the body must have one subject, in the format email or iss_sub"
    code = "malformed_subject"

    @property
    def challenge(self) -> None:
        """None: the credentials are valid."""
        return


class TokenUsed(InvalidToken):
    """The JWT of a request was used before, with this body or another: the body is not signed."""

    def __init__(self) -> None:
        super().__init__(Reason.USED)


class LogoutRequest(NamedTuple):
    """A verified request: refuse tokens of `subjects` that were issued until `moment`.

    Times are in seconds since the epoch. `jti` must not be accepted again before `expires_at`.
    """

    subjects: tuple[Subject, ...]
    moment: float
    jti: str
    expires_at: float


def check_not_revoked(user: Principal, revoked_users: RevokedUsers) -> None:
    """Raise InvalidToken if the token of `user` was issued at or before their revocation."""
    moment = revoked_users.revoked_at(user)
    if moment is None:
        return
    issued = user.claims.get("iat")
    if not checked("revoked", is_number(issued) and issued > moment, f"iat after {moment}", issued):
        error = InvalidToken(Reason.USER_REVOKED)
        error.kid, error.client = user.kid, user.client_id
        raise error


@contextmanager
def watched(
    user: Principal, revoked_users: RevokedUsers | None, end: Callable[[str], None]
) -> Iterator[None]:
    """Call `end` with the reason when `user` is revoked while the block runs."""
    if revoked_users is None:
        yield
        return

    def changed() -> None:
        try:
            check_not_revoked(user, revoked_users)
        except InvalidToken as error:
            end(str(error.why))

    stop = revoked_users.watch(changed)
    try:
        yield
    finally:
        stop()


class UniversalLogout:
    """Verifies the requests that one Okta org sends to one URL of this service.

    Args:
        org: The org, such as `https://acme.okta.com`: the `iss` of its requests.
        audience: The URL of the endpoint: the `aud` of its requests.
        issuers: The issuers whose users the org may revoke.
        leeway: Allowed clock skew in seconds.
    """

    def __init__(self, org: str, audience: str, issuers: Iterable[str], leeway: int) -> None:
        self.org = org
        self.audience = audience
        self.issuers = tuple(issuers)
        self.leeway = leeway
        self.keys = SigningKeys(org, f"{org}/oauth2/v1/keys")

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Fetch the org's keys, now and before they expire, until the block ends."""
        async with self.keys:
            yield

    async def verify(self, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> LogoutRequest:
        """Verify the JWT in `Authorization`, then parse `body`. The caller records `jti`.

        Raises OktaAuthError: 401 for the JWT, 400 for the body, 503 without the org's keys.
        """
        token = parse_token(credentials(headers).token, TYPES)
        try:
            await self._check(token)
        except OktaAuthError as error:
            error.kid = token.kid[:MAX_SHOWN]
            raise
        claims = token.claims
        return LogoutRequest(_subjects(body, self), claims["iat"], claims["jti"], claims["exp"] + self.leeway)

    async def _check(self, token: UnverifiedToken) -> None:
        _check_claims(token.claims, self)
        key = await self.keys.get(token.kid)
        if not _RS256.verify(token.signing_input, key.key, token.signature):
            raise InvalidToken(Reason.SIGNATURE)


def _check_claims(claims: Mapping[str, Any], logout: UniversalLogout) -> None:
    if claims.get("iss") != logout.org:
        raise InvalidToken(Reason.ISSUER)
    if claims.get("aud") not in (logout.audience, [logout.audience]):
        raise InvalidToken(Reason.AUDIENCE)
    check_times(claims, time.time(), logout.leeway)
    jti, issued = claims.get("jti"), claims.get("iat")
    if not isinstance(jti, str) or not 0 < len(jti) <= MAX_JTI or "\0" in jti:
        raise InvalidToken(Reason.CLAIMS)
    if not is_number(issued) or claims["exp"] > issued + MAX_LIFETIME_SECONDS:
        raise InvalidToken(Reason.CLAIMS)


def _subjects(body: bytes, logout: UniversalLogout) -> tuple[Subject, ...]:
    """Return whom `body` names: `{"subject": …}` (the guide) or `{"sub_id": …}` (Okta's own API)."""
    try:
        members = parse_object(body)
    except ValueError:
        raise MalformedSubject from None
    subject = members.get("subject", members.get("sub_id"))
    if len(members) != 1 or not isinstance(subject, dict):
        raise MalformedSubject
    if subject.keys() != _MEMBERS.get(str(subject.get("format"))) or not all(map(_is_name, subject.values())):
        raise MalformedSubject
    if subject["format"] == "email":
        return tuple(Subject(issuer, "email", subject["email"].casefold()) for issuer in logout.issuers)
    named = logout.issuers if subject["iss"] == logout.org else (subject["iss"],)
    if not set(named) <= set(logout.issuers):
        raise MalformedSubject  # the org may not revoke users of this issuer
    return tuple(Subject(issuer, "iss_sub", subject["sub"]) for issuer in named)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_SUBJECT and "\0" not in value
