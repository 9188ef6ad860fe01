"""Refusals: HTTP status, challenge, text for the caller and code for the log."""

import logging
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple
from urllib.parse import quote

MAX_SHOWN: Final = 64
_PRINTABLE: Final = " !#$%&'()*+,/:;<=>?@[]^`{|}"
REALM: Final = "api"


class Scheme(NamedTuple):
    """An authentication scheme, and the parameters in each of its challenges."""

    name: str
    parameters: str = ""


BEARER: Final = Scheme("Bearer")


def shown(text: str) -> str:
    """Return what a caller sent for the log: percent-encoded, so that no line starts in it, and cut."""
    return quote(text[:MAX_SHOWN], safe=_PRINTABLE, errors="replace")[:MAX_SHOWN]


def parameters(**values: str | None) -> str:
    """Format the realm and `values` as the parameters of a challenge, without None and ""."""
    present = {"realm": REALM, **values}
    return ", ".join(f'{name}="{value}"' for name, value in present.items() if value)


def www_authenticate(parameters: str, metadata_url: str, schemes: tuple[Scheme, ...]) -> str:
    """Return one challenge for each of `schemes` (RFC 9110 section 11.6.1).

    Only the first has `parameters`, so that there is at most one `error`. It also has
    `resource_metadata` (RFC 9728 section 5.1) if `metadata_url` is not empty.
    """
    first, *others = schemes
    pointer = f'resource_metadata="{metadata_url}"' if metadata_url else ""
    challenge = [f"{first.name} {parameters}", pointer, first.parameters]
    offers = [f"{other.name} {other.parameters}" for other in others]
    return ", ".join(part for part in [*challenge, *offers] if part)


class Reason(StrEnum):
    """Why a token is invalid, in the order of the checks.

    The value is the text for the caller, the name in lower case is the code.
    """

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
    INACTIVE = "token is not active"
    USER_REVOKED = "token was revoked for this user"
    USED = "token was used before"


class OktaAuthError(Exception):
    """A refused request.

    Attributes:
        status: The HTTP status.
        error: The `error` code of the challenge (RFC 6750 section 3.1).
        text: The fixed text for the caller.
        code: The stable code of the refusal, for the caller, the log and metrics.
        required: For the log only: what the route requires and the caller does not have.
        kid: For the log only: the key id in the token, unverified, as `shown` returns it.
        client: For the log only: the client in the token, likewise.
    """

    status: int = 401
    error: str | None = None
    text: str = "Unauthorized Access"
    code: str = "unauthorized"
    # WARNING, so that Python prints the refusal even if the application does not configure logging.
    log_level: int = logging.WARNING
    required: str | None = None
    kid: str | None = None
    client: str | None = None

    @property
    def challenge(self) -> str | None:
        """The parameters of the challenge, or None if the response must not have one."""
        return parameters(error=self.error)

    def text_for(self, *schemes: str) -> str:  # noqa: ARG002 - for subclasses
        """Return the text for the caller, where the API accepts `schemes`."""
        return self.text

    @property
    def headers(self) -> Mapping[str, str]:
        """Additional headers of the response."""
        return {}

    @property
    def retry_after(self) -> int | None:
        """Seconds until a retry can succeed, for `Retry-After`."""
        return None


class NoCredentials(OktaAuthError):
    """The request has no credentials, so the challenge names no error (RFC 6750 section 3.1)."""

    code = "no_credentials"
    # DEBUG, because scanners cause this constantly; the access log has the request anyway.
    log_level = logging.DEBUG


class UnsupportedScheme(OktaAuthError):
    """`Authorization` has an unsupported scheme: no credentials for this API (RFC 6750 section 3.1)."""

    code = "unsupported_scheme"

    def text_for(self, *schemes: str) -> str:
        """Name the schemes that the API accepts."""
        return f"Unauthorized scheme: use {' or '.join(schemes)}"


class MalformedHeader(OktaAuthError):
    """`Authorization` is repeated or is not of the form `<scheme> <token>` (RFC 6750 section 3.1)."""

    status = 400
    error = "invalid_request"
    code = "malformed_header"

    def text_for(self, *schemes: str) -> str:
        """Show the form for each scheme that the API accepts."""
        forms = " or ".join(f"{scheme} <token>" for scheme in schemes)
        return f"Unauthorized request: Authorization must be one header of the form {forms}"


class InvalidCredentials(OktaAuthError):
    """The token or the proof is invalid for a reason that the caller may know.

    `noun` is what the text calls it.
    """

    noun: str

    def __init__(self, why: StrEnum) -> None:
        super().__init__(why)
        self.why = why
        self.text = f"Unauthorized {self.noun} or {why}"
        self.code = why.name.lower()

    @property
    def challenge(self) -> str:
        """Includes the reason as `error_description`, so that a client can recognize an expired token."""
        return parameters(error=self.error, error_description=str(self.why))


class InvalidToken(InvalidCredentials):
    """The token is invalid (RFC 6750 section 3.1, `invalid_token`)."""

    error = "invalid_token"
    noun = "token"


class InsufficientScope(OktaAuthError):
    """The token is valid and lacks a scope (RFC 6750 section 3.1, `insufficient_scope`)."""

    status = 403
    error = "insufficient_scope"
    text = "Forbidden"
    code = "insufficient_scope"

    def __init__(self, scopes: tuple[str, ...] = ()) -> None:
        super().__init__(scopes)
        self.scopes = scopes
        self.required = f"scope {' '.join(scopes)!r}"

    @property
    def challenge(self) -> str:
        """Includes the required scopes, so that a client can request a new token."""
        return parameters(error=self.error, scope=" ".join(self.scopes) or None)


class Forbidden(OktaAuthError):
    """The token is valid and the caller lacks a group or a claim; no new token would help."""

    status = 403
    text = "Forbidden"
    code = "forbidden"

    def __init__(self, required: str) -> None:
        super().__init__(required)
        self.required = required

    @property
    def challenge(self) -> None:
        """None: a challenge would send an OAuth client into a loop of sign-ins."""
        return


class ServiceUnavailable(OktaAuthError):
    """The request can be neither accepted nor refused now; `code` says what is unavailable.

    `retry_after` is in seconds; None where no retry can succeed.
    """

    status = 503
    text = "Service Unavailable"

    def __init__(self, code: str, retry_after: float | None = 1) -> None:
        super().__init__(code)
        self.code = code
        self._retry_after = retry_after

    @property
    def challenge(self) -> None:
        """None: the caller's credentials are not the problem."""
        return

    @property
    def retry_after(self) -> int | None:
        """Whole seconds until a retry can succeed, at least one."""
        return None if self._retry_after is None else max(1, round(self._retry_after))


class KeysUnavailable(ServiceUnavailable):
    """There are no signing keys, so the token can be neither accepted nor refused."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("keys_unavailable", retry_after)
