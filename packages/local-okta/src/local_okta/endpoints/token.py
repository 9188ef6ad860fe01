"""`/v1/token`: exchanges a code, a refresh token or client credentials for tokens."""

import hashlib
import logging
import re
import secrets
import time
from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request
from jwt.utils import base64url_encode

from local_okta.config import AUDIENCE, OPENID_SCOPES, TOKEN_EXCHANGE, Client, origin_of
from local_okta.dpop import invalid_proof, proof_key
from local_okta.protocol import (
    OAuthError,
    authenticate_client,
    form_parameters,
    required,
    scope_fault,
    scopes_of,
)
from local_okta.state import CurrentOkta, Grant, LocalOkta
from local_okta.tokens import ActiveToken, find_active, token_response

log = logging.getLogger(__name__)
router = APIRouter()

# RFC 7636 §4.1
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 -- a token type


@router.post("/v1/token")
async def token(request: Request, okta: CurrentOkta) -> dict[str, Any]:
    """Return tokens (RFC 6749 §3.2), or an error (§5.2).

    With a DPoP proof the tokens are bound to its key (RFC 9449 §5).
    """
    form = await form_parameters(request)
    grant_type = required(form, "grant_type")
    client = authenticate_client(okta.clients, request, form)
    _check_origin(request, client)
    issue = _GRANT_TYPES.get(grant_type)
    if issue is None:
        raise OAuthError("unsupported_grant_type", "The grant_type is not supported.")
    if grant_type not in client.grant_types:
        msg = "The client is not authorized to use the provided grant type."
        raise OAuthError("unauthorized_client", msg)
    jkt = proof_key(request, okta, "/v1/token", needs_nonce=True)
    response = issue(okta, client, form, jkt)
    log.info("%s got %s by %s", client.client_id, response["scope"], grant_type)
    return response


def _check_origin(request: Request, client: Client) -> None:
    """Refuse a browser's request, as Okta does, from an origin that no redirect URI of the client has."""
    origin = request.headers.get("origin")
    if origin is not None and origin not in map(origin_of, client.redirect_uris):
        msg = "The Origin of a browser's request must be that of a redirect_uri of the client."
        raise OAuthError("access_denied", msg)


def _authorization_code(
    okta: LocalOkta, client: Client, form: Mapping[str, str], jkt: str | None
) -> dict[str, Any]:
    """Exchange a code (RFC 6749 §4.1.3) with its PKCE verifier (RFC 7636 §4.6).

    Using a code again is refused and ends the tokens of the first use (RFC 6749 §4.1.2).
    """
    redirect_uri = required(form, "redirect_uri")
    verifier = required(form, "code_verifier")
    code = okta.codes.get(required(form, "code"))
    if code is None or code.grant.client_id != client.client_id:
        raise OAuthError("invalid_grant", "The authorization code is invalid or has expired.")
    if code.used or time.monotonic() >= code.expires:
        code.grant.ended = True
        raise OAuthError("invalid_grant", "The authorization code is invalid or has expired.")
    code.used = True
    if redirect_uri != code.redirect_uri:
        raise OAuthError("invalid_grant", "The redirect_uri is not the one the code was sent to.")
    if not _verifier_matches(verifier, code.code_challenge):
        raise OAuthError("invalid_grant", "PKCE verification failed.")
    code.grant.jkt = jkt
    return token_response(okta, code.grant, code.grant.scopes, code.nonce)


def _refresh_token(
    okta: LocalOkta, client: Client, form: Mapping[str, str], jkt: str | None
) -> dict[str, Any]:
    """Exchange a refresh token (RFC 6749 §6) for new tokens and the next refresh token.

    Using one again ends the whole grant (RFC 9700 §4.14.2). Okta can allow a grace
    period; the local Okta has none. `scope` may narrow the grant, never widen it.
    """
    refresh_token = okta.refresh_tokens.get(required(form, "refresh_token"))
    if refresh_token is None or refresh_token.grant.client_id != client.client_id:
        raise OAuthError("invalid_grant", "The refresh token is invalid or expired.")
    grant = refresh_token.grant
    if refresh_token.used:
        grant.ended = True
    if grant.ended:
        raise OAuthError("invalid_grant", "The refresh token is invalid or expired.")
    if jkt != grant.jkt:
        raise invalid_proof("The refresh token is bound to another DPoP key, or to none.")
    scopes = scopes_of(form) or grant.scopes
    if not set(scopes) <= set(grant.scopes):
        raise OAuthError("invalid_scope", "The scope is wider than what was granted.")
    refresh_token.used = True
    return token_response(okta, grant, scopes)


def _client_credentials(
    okta: LocalOkta, client: Client, form: Mapping[str, str], jkt: str | None
) -> dict[str, Any]:
    """Return a token of the client itself (RFC 6749 §4.4).

    Like an Okta authorization server without a default scope, it refuses a request
    without `scope`, and one for the OpenID Connect scopes.
    """
    scopes = scopes_of(form)
    personal = next((scope for scope in scopes if scope in OPENID_SCOPES), None)
    if personal:
        msg = f"Cannot request '{personal}' scopes using client credentials."
        raise OAuthError("invalid_scope", msg)
    if fault := scope_fault(okta.config, client, scopes):
        raise OAuthError("invalid_scope", fault)
    return token_response(okta, Grant(client.client_id, scopes, jkt=jkt), scopes)


def _exchange_token(
    okta: LocalOkta, client: Client, form: Mapping[str, str], jkt: str | None
) -> dict[str, Any]:
    """Exchange a user's access token for one that names the client as the actor.

    `audience` or `resource` (RFC 8707) says which API the new token is for.
    """
    subject, scopes = _subject_token(okta, form), scopes_of(form)
    if fault := scope_fault(okta.config, client, scopes):
        raise OAuthError("invalid_scope", fault)
    grant = Grant(
        client.client_id,
        scopes,
        subject.grant.session,
        jkt=jkt,
        audience=_audience(okta, form),
        actor=_actor(client, subject),
    )
    return {**token_response(okta, grant, grant.scopes), "issued_token_type": ACCESS_TOKEN}


def _subject_token(okta: LocalOkta, form: Mapping[str, str]) -> ActiveToken:
    if required(form, "subject_token_type") != ACCESS_TOKEN:
        raise OAuthError("invalid_request", f"The subject_token_type must be {ACCESS_TOKEN}.")
    if form.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
        raise OAuthError("invalid_request", f"The requested_token_type must be {ACCESS_TOKEN}.")
    subject = find_active(okta, required(form, "subject_token"))
    if subject is None or not subject.is_access_token or subject.grant.session is None:
        raise OAuthError("invalid_grant", "The subject_token is not an active access token of a user.")
    return subject


def _audience(okta: LocalOkta, form: Mapping[str, str]) -> str:
    audience = form.get("audience") or form.get("resource") or AUDIENCE
    if audience not in okta.config.audiences:
        raise OAuthError("invalid_target", "The audience or resource is unknown.")
    return audience


def _actor(client: Client, subject: ActiveToken) -> dict[str, Any]:
    """Return the `act` claim: this client, and inside it the actor of the exchanged token, if any."""
    actor: dict[str, Any] = {"sub": client.client_id}
    return {**actor, "act": subject.grant.actor} if subject.grant.actor else actor


_GRANT_TYPES: Final = {
    "authorization_code": _authorization_code,
    "refresh_token": _refresh_token,
    "client_credentials": _client_credentials,
    TOKEN_EXCHANGE: _exchange_token,
}


def _verifier_matches(verifier: str, code_challenge: str) -> bool:
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = base64url_encode(hashlib.sha256(verifier.encode()).digest()).decode()
    return secrets.compare_digest(digest, code_challenge)
