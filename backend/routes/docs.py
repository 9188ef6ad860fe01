"""The API's own documentation, public: /openapi.json, and Swagger UI at /docs."""

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html, get_swagger_ui_oauth2_redirect_html
from fastapi.responses import HTMLResponse, Response

from backend.okta import PUBLIC
from backend.routes.openapi import describe
from backend.settings import Settings

_ASSETS: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}


def add_docs(app: FastAPI, settings: Settings) -> None:
    """Serve the documentation of `app`; its Authorize button signs in at the issuer with PKCE."""
    router = APIRouter(include_in_schema=False)
    page = get_swagger_ui_html(
        title=app.title,
        openapi_url="openapi.json",
        swagger_js_url="docs/swagger-ui-bundle.js",
        swagger_css_url="docs/swagger-ui.css",
        swagger_favicon_url="docs/favicon-32x32.png",
        oauth2_redirect_url="/docs/oauth2-redirect",
        init_oauth={
            "clientId": settings.okta_client_id[0],
            "scopes": "openid profile email",
            "usePkceWithAuthorizationCodeGrant": True,
        },
    )

    @router.get("/openapi.json", openapi_extra=PUBLIC)
    async def openapi() -> dict[str, Any]:
        return describe(app, settings.okta_issuer[0])

    html_routes = {"/docs": page, "/docs/oauth2-redirect": get_swagger_ui_oauth2_redirect_html()}
    for path, html in html_routes.items():
        router.add_api_route(path, _html(bytes(html.body), settings.okta_issuer[0]), openapi_extra=PUBLIC)
    for name, media_type in _ASSETS.items():
        router.add_api_route(f"/docs/{name}", _asset(name, media_type), openapi_extra=PUBLIC)
    app.include_router(router)


def _html(body: bytes, issuer: str) -> Callable[[], Awaitable[Response]]:
    body = body.replace(b"<html>", b'<html lang="en">')  # or a screen reader guesses the language
    scripts = re.findall(rb"<script>(.*?)</script>", body, re.DOTALL)
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" for script in scripts
    )
    authority = urlsplit(issuer)
    # Swagger UI styles its elements in place, and asks the issuer for the token by fetch.
    policy = (
        f"default-src 'none'; script-src 'self' {hashes};"
        " style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'none'; base-uri 'none';"
        f" connect-src 'self' {authority.scheme}://{authority.netloc}; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }

    async def serve() -> Response:
        return HTMLResponse(body, headers=headers)

    return serve


def _asset(name: str, media_type: str) -> Callable[[], Awaitable[Response]]:
    content = (files("fastapi_swagger") / "resources" / name).read_bytes()
    headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}

    async def serve() -> Response:
        return Response(content, headers=headers, media_type=media_type)

    return serve
