"""The API's own documentation, public: /openapi.json, and Swagger UI at /docs.

swagger/assets holds files of the npm package swagger-ui-dist, unchanged, and what this page adds to
them: page.js starts Swagger UI, plugin.js replaces parts of it, accessible.js completes its HTML,
page.css its styles.
"""

import json
from collections.abc import Awaitable, Callable
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from .dpop.scheme import DPoP
from .http import origin_of
from .openapi import complete_openapi
from .public import PUBLIC, public
from .settings import OktaSettings

_FOLDER: Final = Path(__file__).parent / "swagger"


def add_docs(app: FastAPI, settings: OktaSettings, dpop: DPoP | None) -> None:
    """Serve the documentation of `app`; its Authorize button signs in at the issuer with PKCE."""
    complete_openapi(app, settings.okta_issuer[0], dpop)
    _remove_pages(app)

    async def openapi() -> Response:
        return JSONResponse(app.openapi())  # FastAPI would validate all of it, each time

    routes: dict[str, Callable[[], Awaitable[Any]]] = {
        "/openapi.json": openapi,
        "/docs": _html(_page(app.title, settings), settings),
        "/docs/oauth2-redirect": _html((_FOLDER / "oauth2-redirect.html").read_text(), settings),
    }
    for path, endpoint in routes.items():
        app.add_api_route(path, endpoint, openapi_extra=PUBLIC, include_in_schema=False)
    app.mount("/docs/assets", public(StaticFiles(directory=_FOLDER / "assets")))


def _remove_pages(app: FastAPI) -> None:
    """Remove FastAPI's own pages, which load scripts from a CDN."""
    own = {app.openapi_url, app.docs_url, app.redoc_url, app.swagger_ui_oauth2_redirect_url}
    app.router.routes[:] = [route for route in app.routes if getattr(route, "path", "") not in own]


def _page(title: str, settings: OktaSettings) -> str:
    sign_in = {
        "clientId": settings.okta_client_id[0],
        "usePkceWithAuthorizationCodeGrant": True,
    }
    return Template((_FOLDER / "index.html").read_text()).substitute(
        title=escape(title),
        sign_in=json.dumps(sign_in).replace("<", "\\u003c"),  # so that no value can end the element
    )


def _html(html: str, settings: OktaSettings) -> Callable[[], Awaitable[Response]]:
    # Swagger UI asks the issuer for the token, and calls the API by its public URL.
    called = " ".join(sorted({origin_of(settings.okta_issuer[0]), origin_of(settings.resource_url)}))
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        f" connect-src 'self' {called}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }

    async def serve() -> Response:
        return HTMLResponse(html, headers=headers)

    return serve
