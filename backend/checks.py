"""What a setting must look like: each check returns the value or says what to put there instead."""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from pydantic import ValidationInfo

MAX_LEEWAY_SECONDS: Final = 300
_EXAMPLE: Final = "https://dev-123456.okta.com/oauth2/default"

MISSING: Final = {
    "OKTA_ISSUER": f"missing; put the issuer URI of your custom authorization server there, like {_EXAMPLE}",
    "OKTA_CLIENT_ID": "missing; put the client id of your application there (Okta console: Applications)",
}


def comma_separated(value: object) -> object:
    """Split a string at its commas; whitespace around the parts does not count."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",")) if value.strip() else ()


def issuers(value: tuple[str, ...]) -> tuple[str, ...]:
    """Check the issuers. Raises ValueError with the remedy."""
    if not value:
        raise ValueError(MISSING["OKTA_ISSUER"])
    return tuple(map(issuer, value))


def issuer(value: str) -> str:
    """Check the issuer URI of a custom authorization server. Raises ValueError with the remedy."""
    if not value:
        raise ValueError(MISSING["OKTA_ISSUER"])
    if "{" in value:
        raise ValueError(f"a placeholder is left in; put your own domain there, like {_EXAMPLE}")
    url = _http_url(value)
    host = url.hostname or ""
    if "-admin." in host:
        own = f"{url.scheme}://{url.netloc.replace('-admin.', '.')}/oauth2/default"
        raise ValueError(f"is the admin console's domain; take -admin out: {own}")
    if host.endswith(".com.com"):
        raise ValueError(f"ends in .com twice; write {value.replace('.com.com', '.com')}")
    if re.fullmatch(r"/oauth2/[^/]+/?", url.path) is None:
        raise ValueError(
            "is the org authorization server, whose tokens only Okta itself can verify;"
            f" put a custom one there: {url.scheme}://{url.netloc}/oauth2/default"
        )
    if value.endswith("/"):
        raise ValueError(f"ends in a slash and the iss claim does not; write {value.rstrip('/')}")
    if url.scheme == "http" and not is_loopback(host):
        raise ValueError(f"is plain http; write https://{url.netloc}{url.path}")
    return value


def client_ids(value: tuple[str, ...]) -> tuple[str, ...]:
    """Check the accepted client ids. Raises ValueError with the remedy."""
    if not value:
        raise ValueError(MISSING["OKTA_CLIENT_ID"])
    for client_id in value:
        if "{" in client_id:
            raise ValueError("a placeholder is left in; put the client id of your application there")
        if re.fullmatch(r"[\x21-\x7e]+", client_id) is None:
            raise ValueError("holds an empty item or a space; separate client ids by single commas")
    return value


def audiences(value: tuple[str, ...]) -> tuple[str, ...]:
    """Check the expected audiences. Raises ValueError with the remedy."""
    if not value or not all(value):
        raise ValueError("is empty; put the audience of your authorization server there, like api://default")
    return value


def jwks_uri(value: str, info: ValidationInfo) -> str:
    """Check where keys are fetched from; plain http only where the issuer is on loopback itself."""
    if value and _http_url(value).scheme == "http":
        issuers = info.data.get("okta_issuer", ())
        if not all(is_loopback(urlsplit(issuer).hostname or "") for issuer in issuers):
            raise ValueError("is plain http, so anyone on the way could swap the keys; use https")
    return value


def leeway(value: object) -> object:
    """Check the allowed clock skew, in whole seconds. Raises ValueError with the remedy."""
    if re.fullmatch(r"\d{1,3}", str(value)) is None or int(str(value)) > MAX_LEEWAY_SECONDS:
        raise ValueError(f"must be whole seconds from 0 to {MAX_LEEWAY_SECONDS}; 60 suits most")
    return int(str(value))


def origins(value: tuple[str, ...]) -> tuple[str, ...]:
    """Check the browser origins (RFC 6454 section 6.2). Raises ValueError with the remedy."""
    for origin in value:
        if "*" in origin:
            raise ValueError("* would let every site call this API; name each origin in full")
        url = _http_url(origin)
        if url.path:
            raise ValueError(f"an origin has no path; write {url.scheme}://{url.netloc}")
        # A browser sends the short form, and origins are compared letter by letter.
        default_port = {"http": 80, "https": 443}[url.scheme]
        if url.netloc != url.netloc.lower() or url.port == default_port:
            short = (url.hostname or "") if url.port in (None, default_port) else url.netloc.lower()
            raise ValueError(f"browsers write {origin} as {url.scheme}://{short}; write it so")
    return value


def resource_url(value: str) -> str:
    """Check the URL under which callers reach this API (RFC 9728 section 1.2). Raises ValueError."""
    url = _http_url(value)
    if value.endswith("/"):
        raise ValueError(f"ends in a slash; write {value.rstrip('/')}")
    if url.scheme == "http" and not is_loopback(url.hostname or ""):
        raise ValueError(f"is plain http; write https://{url.netloc}{url.path}")
    return value


def metrics_address(value: str) -> str:
    """Check where metrics are served, empty for nowhere. Raises ValueError with the remedy."""
    if not value:
        return value
    match = re.fullmatch(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})", value, re.ASCII)
    if match is None or not 0 < int(match[1]) < 65536:
        raise ValueError("must be host:port, like 127.0.0.1:9100, or empty for no metrics")
    return value


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine (RFC 6761 section 6.3 for names)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _http_url(value: str) -> SplitResult:
    try:
        url = urlsplit(value)
        valid = url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        valid = False
    if not valid or re.search(r"[\s\\]", value):
        raise ValueError("is not an http(s) URL; write it in full, like https://host.example.com")
    if "@" in url.netloc or url.query or url.fragment or value.endswith(("?", "#")):
        raise ValueError("has a user, a query or a fragment; write scheme, host and path alone")
    return url
