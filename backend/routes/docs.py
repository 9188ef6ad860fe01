"""The API's own documentation, public: /openapi.json, and Swagger UI at /docs.

swagger/vendor holds files of the npm package swagger-ui-dist, compressed.
"""

import gzip
import json
from collections.abc import Awaitable, Callable
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from fastapi_okta_auth import PUBLIC

from backend.settings import Settings

_FOLDER: Final = Path(__file__).parent / "swagger"
VENDOR: Final = _FOLDER / "vendor"
_MEDIA_TYPES: Final = {".css": "text/css", ".js": "text/javascript"}
_ASSETS: Final = ("swagger-ui-bundle.js", "swagger-ui.css", "oauth2-redirect.js", "page.js", "page.css")


def add_docs(app: FastAPI, settings: Settings) -> None:
    """Serve the documentation of `app`; its Authorize button signs in at the issuer with PKCE."""
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json", openapi_extra=PUBLIC)
    async def openapi() -> dict[str, Any]:
        return app.openapi()

    pages = {"/docs": _page(app.title, settings), "/docs/oauth2-redirect": _read("oauth2-redirect.html")}
    for path, html in pages.items():
        router.add_api_route(path, _html(html, settings), openapi_extra=PUBLIC)
    for name in _ASSETS:
        router.add_api_route(f"/docs/{name}", _asset(name), openapi_extra=PUBLIC)
    app.include_router(router)


def _read(name: str) -> str:
    return (_FOLDER / name).read_text()


def _page(title: str, settings: Settings) -> str:
    sign_in = {
        "clientId": settings.okta_client_id[0],
        "scopes": "openid profile email",
        "usePkceWithAuthorizationCodeGrant": True,
    }
    links: list[str] = []
    # The app is the first origin that may call the API from a browser.
    links = [f'<a href="{escape(origin)}">← Back to the app</a>' for origin in settings.cors_origins[:1]]
    return Template(_read("index.html")).substitute(
        title=escape(title),
        links="".join(links),
        sign_in=json.dumps(sign_in).replace("<", "\\u003c"),  # so that no value can end the element
    )


def _html(html: str, settings: Settings) -> Callable[[], Awaitable[Response]]:
    # Swagger UI asks the issuer for the token, and calls the API by its public URL.
    called = " ".join(sorted({_origin(settings.okta_issuer[0]), _origin(settings.resource_url)}))
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


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _asset(name: str) -> Callable[[Request], Awaitable[Response]]:
    vendored = VENDOR / f"{name}.gz"
    packed = vendored.read_bytes() if vendored.exists() else gzip.compress(_read(name).encode(), mtime=0)
    # Weak: the same tag for both encodings.
    etag = f'W/"{sha256(packed).hexdigest()[:32]}"'
    headers = {
        "Cache-Control": "public, max-age=86400",
        "ETag": etag,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }

    @cache
    def unpacked() -> bytes:
        return gzip.decompress(packed)

    async def serve(request: Request) -> Response:
        if etag in request.headers.get("If-None-Match", ""):
            return Response(status_code=304, headers=headers)
        if "gzip" not in request.headers.get("Accept-Encoding", ""):
            return Response(unpacked(), headers=headers, media_type=_MEDIA_TYPES[Path(name).suffix])
        compressed = headers | {"Content-Encoding": "gzip"}
        return Response(packed, headers=compressed, media_type=_MEDIA_TYPES[Path(name).suffix])

    return serve
