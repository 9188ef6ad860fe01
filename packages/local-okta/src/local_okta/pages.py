"""HTML pages, each with a strict Content Security Policy."""

import secrets
from collections.abc import Iterable

from jinja2 import Environment, PackageLoader
from starlette.responses import HTMLResponse

_templates = Environment(loader=PackageLoader("local_okta"), autoescape=True)


def page(
    template: str,
    *,
    status: int = 200,
    form_action: Iterable[str] = (),
    frame_ancestors: Iterable[str] = (),
    **context: object,
) -> HTMLResponse:
    """Render a template. The policy allows only its own inline style and script, by a nonce.

    `form_action` lists where its form may post and be redirected to, `frame_ancestors`
    the origins that may frame it; both are empty by default.
    """
    nonce = secrets.token_urlsafe(16)
    policy = (
        "default-src 'none'",
        f"style-src 'nonce-{nonce}'",
        f"script-src 'nonce-{nonce}'",
        "base-uri 'none'",
        f"form-action {_sources(form_action)}",
        f"frame-ancestors {_sources(frame_ancestors)}",
    )
    html = _templates.get_template(template).render(nonce=nonce, **context)
    return HTMLResponse(html, status, {"Content-Security-Policy": "; ".join(policy)})


def _sources(sources: Iterable[str]) -> str:
    return " ".join(sources) or "'none'"
