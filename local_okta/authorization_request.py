"""The authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1, RFC 7636)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from local_okta.config import Client
from local_okta.protocol import PageError, given, repeated, scopes_of

RESPONSE_MODES: Final = ("query", "fragment", "okta_post_message")
_CODE_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


class AuthorizeError(Exception):
    """A refusal that goes back to the application with the request's `state`."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True)
class ReturnAddress:
    """Where and how the answer goes back: a registered redirect URI, a mode, the `state`."""

    redirect_uri: str
    response_mode: str
    state: str | None


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request found good. `code_challenge` is of method S256."""

    client_id: str
    back: ReturnAddress
    scopes: tuple[str, ...]
    code_challenge: str
    nonce: str | None
    prompt: str | None


def find_return_address(
    clients: Mapping[str, Client], pairs: list[tuple[str, str]]
) -> tuple[Client, ReturnAddress]:
    """Return the client and its return address; raise `PageError` if either is not registered.

    This comes before all else: an unregistered address must never be redirected to
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
        msg = "The redirect_uri is not one of the application's sign-in redirect URIs."
        raise PageError(msg)
    unique = {name: value for name, value in parameters.items() if name not in repeated(pairs)}
    mode = unique.get("response_mode", "query")
    known_mode = mode if mode in RESPONSE_MODES else "query"
    return client, ReturnAddress(redirect_uri, known_mode, unique.get("state"))


def check_request(client: Client, back: ReturnAddress, pairs: list[tuple[str, str]]) -> AuthorizationRequest:
    """Return the request found good; raise `AuthorizeError` with what is wrong."""
    if repeated(pairs):
        raise AuthorizeError("invalid_request", "A parameter is given more than once.")
    parameters = given(pairs)
    if parameters.get("response_mode", "query") not in RESPONSE_MODES:
        raise AuthorizeError("invalid_request", "The response_mode is not supported.")
    _check_response_type(parameters)
    prompt = parameters.get("prompt")
    if prompt not in (None, "none", "login"):
        raise AuthorizeError("invalid_request", "The prompt must be none or login.")
    return AuthorizationRequest(
        client_id=client.client_id,
        back=back,
        scopes=_checked_scopes(client, parameters),
        code_challenge=_checked_code_challenge(parameters),
        nonce=parameters.get("nonce"),
        prompt=prompt,
    )


def _check_response_type(parameters: Mapping[str, str]) -> None:
    response_type = parameters.get("response_type")
    if response_type is None:
        raise AuthorizeError("invalid_request", "The response_type is missing.")
    if response_type != "code":
        raise AuthorizeError("unsupported_response_type", "The response_type must be code.")


def _checked_scopes(client: Client, parameters: Mapping[str, str]) -> tuple[str, ...]:
    scopes = scopes_of(parameters)
    if not scopes:
        raise AuthorizeError("invalid_scope", "There is no default scope: scope is required.")
    if not set(scopes) <= set(client.scopes):
        msg = "One or more scopes are not configured for the authorization server resource."
        raise AuthorizeError("invalid_scope", msg)
    return scopes


def _checked_code_challenge(parameters: Mapping[str, str]) -> str:
    challenge = parameters.get("code_challenge")
    if challenge is None:
        msg = "A PKCE code_challenge is required of a client without a secret."
        raise AuthorizeError("invalid_request", msg)
    # RFC 7636 §4.3: without a method it would be plain.
    if parameters.get("code_challenge_method") != "S256":
        raise AuthorizeError("invalid_request", "The code_challenge_method must be S256.")
    if not _CODE_CHALLENGE.fullmatch(challenge):
        raise AuthorizeError("invalid_request", "The code_challenge is malformed.")
    return challenge
