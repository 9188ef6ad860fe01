"""What a caller is told when a request is refused, and what the log is told."""

import logging
from enum import StrEnum

REALM = "api"
MAX_SHOWN = 64


class Reason(StrEnum):
    """Why a token fails, in the order of the checks: the text for the caller, the name for the log."""

    TOO_LARGE = "token is too large"
    MALFORMED = "token is not a signed JWT"
    ALGORITHM = "algorithm is not RS256"
    KEY_ID = "header has no key id"
    CRITICAL = "header demands an extension that is not supported"
    TYPE = "token is not an access token"
    ISSUER = "issuer is not accepted"
    AUDIENCE = "audience is not accepted"
    CLIENT = "client is not accepted"
    SUBJECT = "subject is missing"
    BOUND = "token is bound to a key and cannot be used as a bearer token"
    EXPIRY = "expiry is missing or not a number"
    EXPIRED = "token has expired"
    NOT_YET_VALID = "token is not valid yet"
    UNKNOWN_KEY = "signing key is not known"
    SIGNATURE = "signature is not valid"
    CLAIMS = "claims are not accepted"


class OktaAuthError(Exception):
    """A refused request: its HTTP status, its challenge, its fixed text, and the log's reason.

    `kid` and `client` are what the token claims, where it could be read, cut at MAX_SHOWN characters.
    Nobody has verified them.
    """

    status: int = 401
    error: str | None = None
    text: str
    reason: str
    log_level: int = logging.INFO
    kid: str | None = None
    client: str | None = None

    @property
    def challenge(self) -> str | None:
        """The value of `WWW-Authenticate`, or None where a challenge would be wrong."""
        return _challenge(error=self.error)

    @property
    def retry_after(self) -> int | None:
        """Seconds until a new try makes sense, for `Retry-After`."""
        return None


class NoCredentials(OktaAuthError):
    """The request names no credentials, so the challenge names no error (RFC 6750 section 3.1)."""

    text = "Unauthorized Access"
    reason = "no_credentials"
    # Scanners and load balancers knock all day; what they try is in the access log.
    log_level = logging.DEBUG


class UnsupportedScheme(OktaAuthError):
    """`Authorization` is present but its scheme is not Bearer (RFC 6750 section 2.1)."""

    error = "invalid_request"
    text = "Unauthorized scheme: use Bearer"
    reason = "unsupported_scheme"


class MalformedHeader(OktaAuthError):
    """`Authorization` is repeated or does not read `Bearer <token>` (RFC 6750 section 3.1)."""

    status = 400
    error = "invalid_request"
    text = "Unauthorized request: Authorization must be one header of the form Bearer <token>"
    reason = "malformed_header"


class InvalidToken(OktaAuthError):
    """The token was read and fails (RFC 6750 section 3.1, `invalid_token`)."""

    error = "invalid_token"

    def __init__(self, why: Reason) -> None:
        super().__init__(why)
        self.why = why
        self.text = f"Unauthorized token or {why}"
        self.reason = why.name.lower()

    @property
    def challenge(self) -> str:
        """Names the reason in `error_description`, so that a client can tell expiry from the rest."""
        return _challenge(error=self.error, error_description=str(self.why))


class InsufficientScope(OktaAuthError):
    """The token is good and does not allow this (RFC 6750 section 3.1, `insufficient_scope`)."""

    status = 403
    error = "insufficient_scope"
    text = "Forbidden"
    reason = "insufficient_scope"

    def __init__(self, scopes: tuple[str, ...] = ()) -> None:
        super().__init__(scopes)
        self.scopes = scopes

    @property
    def challenge(self) -> str:
        """Names the scopes that the route wants, where it wants scopes."""
        return _challenge(error=self.error, scope=" ".join(self.scopes) or None)


class KeysUnavailable(OktaAuthError):
    """No signing keys can be had, so the token can be called neither good nor bad."""

    status = 503
    text = "Service Unavailable"
    reason = "keys_unavailable"
    log_level = logging.WARNING

    def __init__(self, retry_after: float) -> None:
        self._retry_after = max(1, round(retry_after))
        super().__init__(self._retry_after)

    @property
    def challenge(self) -> None:
        """None: the caller's credentials are not what is missing."""
        return

    @property
    def retry_after(self) -> int:
        """Whole seconds until the keys are next asked for, at least one."""
        return self._retry_after


def _challenge(**parameters: str | None) -> str:
    named = {"realm": REALM, **parameters}
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in named.items() if value)
