"""The authorization response (RFC 6749 §4.1.2), in the response mode that the application chose."""

import logging
import time
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from local_okta.authorization_request import AuthorizationError, AuthorizationRequest, ReturnAddress
from local_okta.config import origin_of
from local_okta.pages import page
from local_okta.state import CODE_LIFETIME, Code, Grant, LocalOkta, Session

log = logging.getLogger(__name__)


def send_code(okta: LocalOkta, asked: AuthorizationRequest, session: Session) -> Response:
    """Send the application a code for tokens of the person who signed in."""
    code = Code(
        grant=Grant(asked.client_id, asked.scopes, session, acr=asked.acr),
        redirect_uri=asked.return_address.redirect_uri,
        code_challenge=asked.code_challenge,
        nonce=asked.nonce,
        expires=time.monotonic() + CODE_LIFETIME,
    )
    return _send(okta, asked.return_address, {"code": okta.codes.add(code)})


def send_error(okta: LocalOkta, address: ReturnAddress, error: AuthorizationError) -> Response:
    """Log the error and send it to the application."""
    log.info("authorize refused: %s: %s", error.error, error.description)
    return _send(okta, address, {"error": error.error, "error_description": error.description})


def _send(okta: LocalOkta, address: ReturnAddress, response: dict[str, str]) -> Response:
    if address.state is not None:
        response["state"] = address.state
    if address.response_mode == "okta_post_message":
        return page(
            "post_message.html",
            frame_ancestors=sorted({origin_of(uri) for uri in okta.config.redirect_uris}),
            response=response,
            origin=origin_of(address.redirect_uri),
        )
    if address.response_mode == "form_post":
        return page(
            "form_post.html",
            form_action=[origin_of(address.redirect_uri)],
            response=response,
            redirect_uri=address.redirect_uri,
        )
    separator = "#" if address.response_mode == "fragment" else "?"
    return RedirectResponse(f"{address.redirect_uri}{separator}{urlencode(response)}", 302)
