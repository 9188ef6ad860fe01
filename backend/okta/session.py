"""The HTTP session for requests to the issuer: proxies, certificates and what must not be sent."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp


def open_session(url: str) -> aiohttp.ClientSession:
    """Open a session for requests to the host of `url`.

    HTTPS_PROXY, HTTP_PROXY and NO_PROXY count, except for a loopback host. SSL_CERT_FILE and
    SSL_CERT_DIR replace the trusted certificates (OpenSSL reads them). Credentials in ~/.netrc
    are never sent, which `trust_env` would do.
    """
    return aiohttp.ClientSession(
        proxy=proxy_for(url),
        # A compressed response could expand beyond a size limit.
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
    )


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


def describe_error(error: Exception) -> str:
    """Return type and text of `error` for the log, without the password of a proxy's URL."""
    text = re.sub(r"[^\s/]+@", "***@", str(error))
    return f"{type(error).__name__}: {text}"
