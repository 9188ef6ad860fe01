"""The token-exchange grant (RFC 8693): an agent or an API gets a token to act for a user."""

from collections.abc import Mapping
from typing import Any, Final

from local_okta.config import AUDIENCE, Client
from local_okta.issuing import ActiveToken, find_active, token_response
from local_okta.protocol import OAuthError, required, scopes_of
from local_okta.state import Grant, LocalOkta

ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 -- a token type


def exchange_token(
    okta: LocalOkta, client: Client, form: Mapping[str, str], jkt: str | None
) -> dict[str, Any]:
    """Exchange a user's access token for one that names the client as the actor.

    `audience` or `resource` (RFC 8707) says which API the new token is for.
    """
    subject = _subject_token(okta, form)
    grant = Grant(
        client.client_id,
        _scopes(client, form),
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


def _scopes(client: Client, form: Mapping[str, str]) -> tuple[str, ...]:
    scopes = scopes_of(form)
    if not scopes or not set(scopes) <= set(client.scopes):
        raise OAuthError("invalid_scope", f"The scope must be one or more of: {' '.join(client.scopes)}.")
    return scopes


def _audience(okta: LocalOkta, form: Mapping[str, str]) -> str:
    audience = form.get("audience") or form.get("resource") or AUDIENCE
    if audience not in okta.config.audiences:
        raise OAuthError("invalid_target", "The audience or resource is unknown.")
    return audience


def _actor(client: Client, subject: ActiveToken) -> dict[str, Any]:
    """Return the `act` claim: this client, and inside it the actor of the exchanged token, if any."""
    actor: dict[str, Any] = {"sub": client.client_id}
    return {**actor, "act": subject.grant.actor} if subject.grant.actor else actor
