"""Which client calls (RFC 6749 §2.3)."""

import base64
import secrets
from collections.abc import Mapping
from urllib.parse import unquote_plus

from fastapi import Request

from local_okta.config import Client
from local_okta.errors import OAuthError


def authenticate_client(clients: Mapping[str, Client], request: Request, form: Mapping[str, str]) -> Client:
    """Return the client that sent the request; raise `OAuthError` unless it proves who it is.

    Credentials come as Basic or in the form. A public client has no secret and names
    itself alone; okta-auth-js does so as `Basic base64(client_id)`, without the colon.
    """
    header = request.headers.get("authorization")
    if header is None:
        client_id, secret = form.get("client_id"), form.get("client_secret")
    else:
        client_id, secret = _basic_credentials(header)
        if "client_secret" in form or form.get("client_id", client_id) != client_id:
            raise OAuthError("invalid_request", "Send the client credentials in one way only.")
    client = clients.get(client_id or "")
    if client is None:
        raise _refusal("The client_id is missing or unknown.")
    if not secrets.compare_digest((client.secret or "").encode(), (secret or "").encode()):
        raise _refusal("The client secret is missing or wrong.")
    return client


def _basic_credentials(header: str) -> tuple[str, str | None]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise _refusal("The Authorization header must be Basic.")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError as error:
        raise _refusal("The Authorization header is malformed.") from error
    client_id, _, secret = decoded.partition(":")
    # RFC 6749 §2.3.1: both are form-encoded before they are joined.
    return unquote_plus(client_id), unquote_plus(secret) or None


def _refusal(description: str) -> OAuthError:
    challenge = 'Basic realm="local Okta"'
    return OAuthError("invalid_client", description, status=401, challenge=challenge)
