"""HTTP requests to Okta: proxies, certificates, limits, client authentication, no stored credentials."""

import asyncio
import base64
import json
import logging
import re
import time
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any, Final, NamedTuple
from urllib.parse import quote_plus, unquote_to_bytes, urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2

from .errors import MAX_SHOWN, InvalidToken, OktaAuthError, Reason, ServiceUnavailable

HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",  # a compressed response could expand beyond the size limit
    "User-Agent": "fastapi-okta-auth",
}
MAX_CONNECTIONS: Final = 100
KEEPALIVE_SECONDS: Final = 15  # shorter than servers keep a connection
FORM_TIMEOUT_SECONDS: Final = 2.0
MAX_FORM_RESPONSE_BYTES: Final = 64 * 1024
MAX_RETRY_SECONDS: Final = 60
_ERRORS: Final = (
    httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ProxyError, httpcore2.UnsupportedProtocol,
    OSError, ValueError,
    ImportError,  # a SOCKS proxy requires socksio
)  # fmt: skip

_log = logging.getLogger(__name__)


class RequestError(Exception):
    """There is no usable response. The text says why and is safe to log."""


class Response(NamedTuple):
    """A response; the names of `headers` are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Endpoint:
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
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.aclose()

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


class ConfidentialClient:
    """Posts forms to an endpoint of Okta, authenticated with a client secret; `aclose` it after use.

    `purpose` is the first part of each code in log and metrics.
    """

    def __init__(self, url: str, client_id: str, client_secret: str, purpose: str) -> None:
        # RFC 6749 section 2.3.1 encodes both before HTTP's own encoding.
        credentials = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
        basic = base64.b64encode(credentials.encode()).decode()
        self._headers = {
            "Authorization": f"Basic {basic}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self._endpoint = Endpoint(url)
        self._purpose = purpose
        self._limited_until = 0.0

    async def aclose(self) -> None:
        """Close the connections."""
        await self._endpoint.aclose()

    async def post(self, form: dict[str, str]) -> dict[str, Any]:
        """Post `form`, and return the JSON object of a response with status 200.

        Raises InvalidToken if Okta refuses the token in the form. Raises ServiceUnavailable for any
        other response, for none within FORM_TIMEOUT_SECONDS and, without a request, until the time
        that an earlier response with status 429 has named.
        """
        wait = self._limited_until - time.monotonic()
        if wait > 0:
            raise ServiceUnavailable(f"{self._purpose}_rate_limited", wait)
        try:
            response = await self._endpoint.request(
                "POST",
                seconds=FORM_TIMEOUT_SECONDS,
                max_bytes=MAX_FORM_RESPONSE_BYTES,
                headers=self._headers,
                content=urlencode(form).encode(),
            )
        except RequestError as error:
            raise self._unavailable("unreachable", str(error)) from None
        return self._members(response)

    def _members(self, response: Response) -> dict[str, Any]:
        members = json_object(response.body)
        match response.status:
            case 200 if members:
                return members
            case 200:
                raise self._unavailable("malformed", "the response is not a JSON object")
            case 429:
                wait = _rate_limit_seconds(response.headers)
                self._limited_until = time.monotonic() + wait
                raise self._unavailable("rate_limited", f"no request for {wait} s", wait)
            case 400 | 401 | 403:
                raise self._rejection(response.status, members)
            case status:
                raise self._unavailable("failed", f"HTTP status {status}")

    def _rejection(self, status: int, members: dict[str, Any]) -> OktaAuthError:
        error = str(members.get("error"))[:MAX_SHOWN]
        if error == "invalid_grant":  # the caller's token is expired or revoked (RFC 8693 section 2.2.2)
            return InvalidToken(Reason.INACTIVE)
        # Not the caller's fault: our client or its access policy in Okta is wrong.
        return self._unavailable("rejected", f"HTTP status {status}, error {error!r}")

    def _unavailable(self, fault: str, detail: str, retry_after: int = 1) -> ServiceUnavailable:
        level = logging.ERROR if fault == "rejected" else logging.WARNING
        _log.log(level, "%s %s: %s", self._purpose, fault.replace("_", " "), detail)
        return ServiceUnavailable(f"{self._purpose}_{fault}", retry_after)


def _rate_limit_seconds(headers: dict[str, str]) -> int:
    """Return how long not to ask, from 1 to MAX_RETRY_SECONDS (Okta: "Rate limits", X-Rate-Limit-Reset)."""
    after, reset = headers.get("retry-after", ""), headers.get("x-rate-limit-reset", "")
    seconds = 1.0
    if re.fullmatch("[0-9]{1,9}", after):
        seconds = int(after)
    elif re.fullmatch("[0-9]{1,12}", reset):
        try:  # by Okta's own clock
            now = parsedate_to_datetime(headers.get("date", "")).timestamp()
        except ValueError:
            now = time.time()
        seconds = int(reset) - now
    return round(min(max(seconds, 1), MAX_RETRY_SECONDS))


def json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`, or an empty one."""
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return members if isinstance(members, dict) else {}


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


def origin_of(url: str) -> str:
    """Return the scheme, host and port of `url`, as they are written there."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


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
