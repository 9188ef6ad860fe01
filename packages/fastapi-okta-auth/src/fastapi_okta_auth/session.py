"""HTTP requests to the issuer: proxies, certificates, limits, no stored credentials."""

import asyncio
import re
from ipaddress import ip_address
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2

HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # a compressed response could expand beyond the size limit
    "User-Agent": "fastapi-okta",
}
MAX_CONNECTIONS: Final = 100
KEEPALIVE_SECONDS: Final = 15  # shorter than servers keep a connection
_ERRORS: Final = (
    httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ProxyError, httpcore2.UnsupportedProtocol,
    OSError, ValueError,
    ImportError,  # a SOCKS proxy requires socksio
)  # fmt: skip


class RequestError(Exception):
    """There is no usable response. The text says why and is safe to log."""


class Response(NamedTuple):
    """A response; the names of `headers` are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class IssuerSession:
    """Sends requests to `url`; `aclose` it after use.

    HTTPS_PROXY, HTTP_PROXY and NO_PROXY are used, except for a loopback host. SSL_CERT_FILE and
    SSL_CERT_DIR replace the trusted certificates. Redirects are not followed, and neither
    cookies nor the credentials in ~/.netrc are sent.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: httpcore2.AsyncConnectionPool | None = None

    async def aclose(self) -> None:
        """Close the connections."""
        if self._pool is not None:
            await self._pool.aclose()

    async def request(
        self,
        method: str,
        *,
        seconds: float,
        max_bytes: int,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> Response:
        """Return the response, with any status.

        Raises RequestError if there is none after `seconds`, or if its body exceeds `max_bytes`.
        """
        # httpcore's own Host lacks the brackets of an IPv6 address.
        sent = [("Host", urlsplit(self._url).netloc), *HEADERS.items(), *(headers or {}).items()]
        try:
            self._pool = self._pool or _open_pool(self._url)
            async with (
                asyncio.timeout(seconds),
                self._pool.stream(method, self._url, headers=sent, content=content) as response,
            ):
                body = bytearray()
                async for chunk in response.aiter_stream():
                    body += chunk
                    if len(body) > max_bytes:
                        raise RequestError(f"response larger than {max_bytes} bytes")
        except TimeoutError:
            raise RequestError(f"no response within {seconds:g} s") from None
        except _ERRORS as error:
            raise RequestError(_describe(error)) from None
        received = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers
        }
        return Response(response.status, received, bytes(body))


def _open_pool(url: str) -> httpcore2.AsyncConnectionPool:
    proxy = proxy_for(url)
    return httpcore2.AsyncConnectionPool(
        # Once, because reading the certificates takes milliseconds.
        ssl_context=httpcore2.default_ssl_context() if url.startswith("https:") else None,
        proxy=None if proxy is None else _parse_proxy(proxy),
        max_connections=MAX_CONNECTIONS,
        keepalive_expiry=KEEPALIVE_SECONDS,
    )


def _parse_proxy(url: str) -> httpcore2.Proxy:
    try:
        parts = urlsplit(url)
        auth = unquote_to_bytes(parts.username or ""), unquote_to_bytes(parts.password or "")
        return httpcore2.Proxy(url, auth if parts.username else None)
    except ValueError:
        raise ValueError("the proxy's URL is invalid") from None  # the error may quote the password


def proxy_for(url: str) -> str | None:
    """Return the URL of the proxy for requests to `url`, or None for a direct connection."""
    parts = urlsplit(url)
    if is_loopback(parts.hostname or "") or proxy_bypass(parts.netloc):
        return None
    proxy = getproxies().get(parts.scheme)
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"  # as curl reads it


def is_loopback(host: str) -> bool:
    """Return whether `host` is this machine (names: RFC 6761 section 6.3)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _describe(error: BaseException) -> str:
    """Return type and text of the cause of `error`, without the password of a proxy's URL."""
    while cause := error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error.__cause__:
        error = cause
    text = re.sub(r"[^\s/]+@", "***@", str(error))
    return f"{type(error).__name__}: {text}"
