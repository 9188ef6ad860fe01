"""The URL that a DPoP proof is for (`htu`), and the URL of the request (RFC 9449 section 4.3)."""

from typing import Final
from urllib.parse import quote

from starlette.types import Scope
from yarl import URL

# Characters that a path contains unencoded (RFC 3986 section 3.3), and the percent sign.
_PATH_CHARACTERS: Final = "/%:@!$&'()*+,;=~"


def request_url(resource: str, scope: Scope) -> str | None:
    """Return the URL of the request of `scope`, normalised, for an API that callers reach at `resource`.

    Host and X-Forwarded headers are ignored, because a caller can set them. Returns None for a path
    with dot segments: a URL without them is another one, but the router sees them.
    """
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    escaped = quote(path, safe=_PATH_CHARACTERS)
    root = quote(scope.get("root_path", ""), safe=_PATH_CHARACTERS).rstrip("/")
    if root and (escaped == root or escaped.startswith(f"{root}/")):
        escaped = escaped.removeprefix(root)
    if any(segment in (".", "..") for segment in escaped.replace("%2E", ".").replace("%2e", ".").split("/")):
        return None
    # Always with a slash, so that a path such as "@other.example" cannot become part of the host.
    return normalized(f"{resource.rstrip('/')}/{escaped.removeprefix('/')}")


def claimed_url(htu: object, scope: Scope) -> str | None:
    """Return `htu`, normalised; None if it is not an absolute URL."""
    if not isinstance(htu, str):
        return None
    # Clients write the URL of a WebSocket handshake with either scheme.
    is_websocket = scope["type"] == "websocket" and htu[:2].lower() == "ws"
    return normalized(f"http{htu[2:]}" if is_websocket else htu)


def normalized(url: str) -> str | None:
    """Return `url` without query and fragment, in the normal form of RFC 3986 section 6.2.

    None if it is not an absolute URL, or if it carries credentials.
    """
    try:
        parsed = URL(url)
        if not parsed.absolute or parsed.user is not None or parsed.password is not None:
            return None
        normal = f"{parsed.scheme}://{parsed.host}:{parsed.port}{parsed.raw_path}"
    except ValueError:  # some parts are parsed when they are read
        return None
    return normal
