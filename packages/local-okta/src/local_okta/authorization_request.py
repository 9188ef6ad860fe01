"""The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1, RFC 7636, RFC 9470)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from local_okta.config import Client, Config
from local_okta.protocol import PageError, Pairs, given, repeated, scope_fault, scopes_of

RESPONSE_MODES: Final = ("query", "fragment", "form_post", "okta_post_message")
PROMPTS: Final = frozenset({"none", "login", "consent"})
MAX_MAX_AGE: Final = 2**31 - 1
# How many factors each of Okta's values needs; 0 for a passkey, which nobody has here.
FACTORS: Final = {
    "urn:okta:loa:1fa:any": 1,
    "urn:okta:loa:1fa:pwd": 1,
    "urn:okta:loa:2fa:any": 2,
    "urn:okta:loa:2fa:any:ifpossible": 2,
    "phr": 0,
    "phrh": 0,
}
_CODE_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class AuthorizationError(Exception):
    """An error that goes back to the application with the request's `state`."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class UnmetRequirementsError(AuthorizationError):
    """Nobody can sign in the way that `acr_values` asks for (Okta's step-up guide)."""

    def __init__(self) -> None:
        super().__init__(
            "unmet_authentication_requirements",
            "Unable to meet the authentication requirements imposed by 'acr_values' parameter.",
        )


@dataclass(frozen=True)
class ReturnAddress:
    """Where and how to send the response: a registered redirect URI, a mode, the `state`."""

    redirect_uri: str
    response_mode: str
    state: str | None


@dataclass(frozen=True)
class AuthorizationRequest:
    """A valid request. The method of `code_challenge` is S256; `max_age` is in seconds.

    `acr` is the first of the requested `acr_values` that a sign-in here can reach,
    `login_hint` the login of who should sign in.
    """

    client_id: str
    return_address: ReturnAddress
    scopes: tuple[str, ...]
    code_challenge: str
    nonce: str | None
    prompts: frozenset[str]
    max_age: int | None
    acr: str | None
    login_hint: str | None

    @property
    def needs_second_factor(self) -> bool:
        """Whether the sign-in needs a second factor."""
        return self.acr is not None and FACTORS[self.acr] == 2

    def accepts_sign_in(self, auth_time: int, now: int) -> bool:
        """Whether a sign-in at `auth_time` is still recent enough; `max_age=0` accepts none."""
        if "login" in self.prompts or self.max_age == 0:
            return False
        return self.max_age is None or now - auth_time <= self.max_age


def find_return_address(clients: Mapping[str, Client], pairs: Pairs) -> tuple[Client, ReturnAddress]:
    """Return the client and its return address; raise `PageError` if either is not registered.

    This check comes first, because an unregistered address must never be redirected to
    (RFC 6749 §4.1.2.1).
    """
    if repeated(pairs) & {"client_id", "redirect_uri"}:
        raise PageError("client_id or redirect_uri is given more than once.")
    parameters = given(pairs)
    client = clients.get(parameters.get("client_id", ""))
    if client is None:
        raise PageError("No application has this client_id.")
    redirect_uri = parameters.get("redirect_uri")
    if redirect_uri not in client.redirect_uris:
        raise PageError("The redirect_uri is not one of the application's sign-in redirect URIs.")
    unique = {name: value for name, value in parameters.items() if name not in repeated(pairs)}
    mode = unique.get("response_mode", "query")
    known_mode = mode if mode in RESPONSE_MODES else "query"
    return client, ReturnAddress(redirect_uri, known_mode, unique.get("state"))


def check_request(
    config: Config, client: Client, return_address: ReturnAddress, pairs: Pairs
) -> AuthorizationRequest:
    """Return the validated request; raise `AuthorizationError` if it is invalid."""
    if repeated(pairs):
        raise AuthorizationError("invalid_request", "A parameter is given more than once.")
    parameters = given(pairs)
    if parameters.get("response_mode", "query") not in RESPONSE_MODES:
        raise AuthorizationError("invalid_request", "The response_mode is not supported.")
    _check_response_type(parameters)
    return AuthorizationRequest(
        client_id=client.client_id,
        return_address=return_address,
        scopes=_scopes(config, client, parameters),
        code_challenge=_code_challenge(parameters),
        nonce=parameters.get("nonce"),
        prompts=_prompts(parameters),
        max_age=_max_age(parameters),
        acr=_acr(parameters),
        login_hint=parameters.get("login_hint"),
    )


def _check_response_type(parameters: Mapping[str, str]) -> None:
    response_type = parameters.get("response_type")
    if response_type is None:
        raise AuthorizationError("invalid_request", "The response_type is missing.")
    if response_type != "code":
        raise AuthorizationError("unsupported_response_type", "The response_type must be code.")


def _scopes(config: Config, client: Client, parameters: Mapping[str, str]) -> tuple[str, ...]:
    scopes = scopes_of(parameters)
    if fault := scope_fault(config, client, scopes):
        raise AuthorizationError("invalid_scope", fault)
    return scopes


def _code_challenge(parameters: Mapping[str, str]) -> str:
    challenge = parameters.get("code_challenge")
    if challenge is None:
        msg = "A client without a secret must send a PKCE code_challenge."
        raise AuthorizationError("invalid_request", msg)
    # Without a method the challenge is "plain" (RFC 7636 §4.3).
    if parameters.get("code_challenge_method") != "S256":
        raise AuthorizationError("invalid_request", "The code_challenge_method must be S256.")
    if not _CODE_CHALLENGE.fullmatch(challenge):
        raise AuthorizationError("invalid_request", "The code_challenge is malformed.")
    return challenge


def _prompts(parameters: Mapping[str, str]) -> frozenset[str]:
    """Return the prompts. `consent` shows no page: no scope here requires consent, as in a new org."""
    prompts = frozenset(parameters.get("prompt", "").split())
    if not prompts <= PROMPTS or ("none" in prompts and len(prompts) > 1):
        msg = "The prompt must be none, or login and consent in any combination."
        raise AuthorizationError("invalid_request", msg)
    return prompts


def _max_age(parameters: Mapping[str, str]) -> int | None:
    max_age = parameters.get("max_age")
    if max_age is None:
        return None
    if not re.fullmatch(r"[0-9]{1,10}", max_age) or int(max_age) > MAX_MAX_AGE:
        msg = f"The max_age must be a whole number of seconds from 0 to {MAX_MAX_AGE}."
        raise AuthorizationError("invalid_request", msg)
    return int(max_age)


def _acr(parameters: Mapping[str, str]) -> str | None:
    # Okta ignores values that it does not know.
    known = [value for value in parameters.get("acr_values", "").split() if value in FACTORS]
    if known and not any(FACTORS[value] for value in known):
        raise UnmetRequirementsError
    return next((value for value in known if FACTORS[value]), None)
