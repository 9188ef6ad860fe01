"""What the value of each setting must look like, and what to write instead."""

import re
from collections.abc import Callable
from importlib.util import find_spec
from typing import Annotated, Final, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo
from pydantic_settings import NoDecode

from fastapi_okta_auth.http import is_loopback

_EXAMPLE_ISSUER: Final = "https://dev-123456.okta.com/oauth2/default"
_EXAMPLE_CLIENT_ID: Final = "0oa1b2c3d4"
MISSING: Final = {
    "OKTA_ISSUER": f"missing; put the issuer URI of your authorization server there, like {_EXAMPLE_ISSUER}",
    "OKTA_CLIENT_ID": "missing; put the client id of your application there (Okta console: Applications)",
}
_COPY_CLIENT_ID: Final = "copy the Client ID of your application from Okta (Applications)"
_QUOTES: Final = "\"'`\u201c\u201d\u2018\u2019"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# The -admin domains are Okta's own: a custom domain may contain -admin.
_ADMIN: Final = re.compile(r"-admin(?=\.(okta[\w-]*|trex-govcloud)\.(com|mil)$)")

# Text and lists


def _text(value: object) -> object:
    """Strip whitespace. Raises ValueError for quotes and invisible characters."""
    if not isinstance(value, str):
        return value
    value = value.strip()
    if invisible := next((character for character in value if not character.isprintable()), None):
        raise ValueError(f"contains an invisible character (U+{ord(invisible):04X}); type the value again")
    if value.strip(_QUOTES) != value:
        raise ValueError("is in quotes; remove them")  # not quoted back: it may be a secret
    return value


def _items(value: object) -> object:
    """Split a string at its commas. Raises ValueError for spaces, semicolons, brackets and comments."""
    if not isinstance(value, str):
        return value
    items = [item.strip() for item in value.split(",")] if value.strip() else []
    for item in items:
        if "{" in item:
            raise ValueError("a placeholder is left in; put your own value there")
        if re.search(r"[][()<>]", item) and "://[" not in item:
            raise ValueError("contains brackets; write only the values, separated by commas")
        _text(item)
        if re.search(r"\s#", item):
            raise ValueError("contains a comment; put it on a separate line")
        if not item or re.search(r"[\s;]", item):
            raise ValueError("has a space, a semicolon or an empty item; separate values by single commas")
    return tuple(items)


def _secrets(value: object) -> object:
    """Split secrets at their commas."""
    items = _items(value)
    return tuple(map(SecretStr, items)) if isinstance(items, tuple) and isinstance(value, str) else items


def _seconds(maximum: int, advice: int) -> Callable[[object], int]:
    def check(value: object) -> int:
        if re.fullmatch(r"\d{1,3}", str(value).strip(), re.ASCII) is None or int(str(value)) > maximum:
            raise ValueError(f"must be whole seconds from 0 to {maximum}; {advice} suits most")
        return int(str(value))

    return check


# URLs


def _http_url(value: str) -> SplitResult:
    try:
        url = urlsplit(value)
        valid = url.scheme in _DEFAULT_PORTS and bool(url.hostname) and url.port != 0
    except ValueError:
        valid = False
    if not valid or re.search(r"[\s\\]", value):
        raise ValueError("is not an http(s) URL; write it in full, like https://host.example.com")
    if "@" in url.netloc or url.query or url.fragment or value.endswith(("?", "#")):
        raise ValueError("has a user, a query or a fragment; write only scheme, host and path")
    return url


def _origin(url: SplitResult, scheme: str = "") -> str:
    """Return the origin of `url` as browsers and Okta write it (RFC 6454 section 6.2)."""
    host = (url.hostname or "").removesuffix(".")
    host = f"[{host}]" if ":" in host else host.encode("idna").decode()
    port = "" if url.port in (None, _DEFAULT_PORTS[url.scheme]) else f":{url.port}"
    return f"{scheme or url.scheme}://{host}{port}"


def _secure_scheme(url: SplitResult) -> str:
    return url.scheme if is_loopback(url.hostname or "") else "https"


# Okta


def _issuers(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError(MISSING["OKTA_ISSUER"])
    for value in values:
        _check_issuer(value)
    return values


def _check_issuer(value: str) -> None:
    """Check one issuer of a custom authorization server. Raises ValueError with the issuer to write."""
    if value.startswith(_EXAMPLE_ISSUER.removesuffix("/oauth2/default")):
        raise ValueError("is the example value; copy the Issuer URI from Okta (Security > API)")
    has_scheme = re.match(r"https?:", value, re.IGNORECASE) is not None
    starts_with_host = re.match(r"[\w-]+(\.[\w-]+)+(?=[:/]|$)", value) is not None
    url = _http_url(f"https://{value}" if starts_with_host and not has_scheme else value)
    host = re.sub(r"(\.com)+$", ".com", _ADMIN.sub("", url.hostname or ""))
    server = re.match(r"/oauth2/(?!v1(?:/|$)|\.well-known)([^/]+)", url.path)
    path = server[0] if server else "/oauth2/default"
    netloc = url.netloc.lower().replace((url.hostname or "").lower(), host)
    right = _origin(url._replace(netloc=netloc), _secure_scheme(url)) + path
    if value == right:
        return
    fault = _issuer_fault(url, host, server and server[0]) if has_scheme else "lacks https://"
    raise ValueError(f"{fault}; write {right}")


def _issuer_fault(url: SplitResult, host: str, server: str | None) -> str:
    """Say how `url` differs from the issuer at `host`; `server` is the path of an authorization server."""
    if "-admin" in (url.hostname or "") and "-admin" not in host:
        return "is the admin console's domain"
    if host != url.hostname:
        return "ends in .com twice"
    if server is None:
        return "is the org authorization server, whose tokens only Okta can verify"
    if url.path != server:
        return "ends in a slash" if url.path == f"{server}/" else "is the URL of an endpoint"
    if url.scheme != _secure_scheme(url):
        return "is plain http"
    return "differs from the iss claim of tokens"


def _client_ids(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError(MISSING["OKTA_CLIENT_ID"])
    for value in values:
        _check_client_id(value)
    return values


def _check_client_id(value: str) -> None:
    if value == _EXAMPLE_CLIENT_ID:
        raise ValueError(f"is the example value; {_COPY_CLIENT_ID}")
    if "@" in value:
        raise ValueError(f"is an e-mail address; {_COPY_CLIENT_ID}")
    if "://" in value or value.endswith((".com", ".com/")):
        raise ValueError(f"is a URL; {_COPY_CLIENT_ID}")
    if re.fullmatch(r"[\w-]{64}", value, re.ASCII):
        raise ValueError(f"is a client secret, by its length; {_COPY_CLIENT_ID}")
    if re.fullmatch(r"[\w.~$+!*-]+", value, re.ASCII) is None:
        raise ValueError(f"is not a client id; {_COPY_CLIENT_ID}")


def _audiences(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("is empty; put the audience of your authorization server there, like api://default")
    if any(re.fullmatch(r"[^@/:]+@[^@/:]+", value) for value in values):
        raise ValueError("is an e-mail address; copy the Audience from Okta (Security > API)")
    return values


def _jwks_uri(value: str, info: ValidationInfo) -> str:
    """Check the URL of the keys; plain http is allowed for issuers on this machine only."""
    if not value:
        return value
    url, issuers = _http_url(value), info.data.get("okta_issuer", ())
    if len(issuers) > 1:
        raise ValueError("works with one issuer only; remove it, or name one issuer in OKTA_ISSUER")
    local = all(is_loopback(urlsplit(issuer).hostname or "") for issuer in issuers)
    if url.scheme == "http" and not local:
        raise ValueError("is plain http, so anyone on the network could replace the keys; use https")
    return value


def _org_url(value: str, info: ValidationInfo) -> str:
    """Check the URL of an Okta org, which signs as itself and not as an authorization server."""
    if not value:
        return value
    url = _http_url(value)
    netloc = url.netloc.lower().replace(url.hostname or "", _ADMIN.sub("", url.hostname or ""))
    right = _origin(url._replace(netloc=netloc), _secure_scheme(url))
    if value != right:
        raise ValueError(f"is not the URL of an org; write {right}")
    issuers = info.data.get("okta_issuer", ())
    if len(issuers) > 1 and not any(issuer.startswith(f"{value}/") for issuer in issuers):
        raise ValueError("is the org of no issuer in OKTA_ISSUER; write the scheme and host of one of them")
    return value


# The API


def _origins(values: tuple[str, ...]) -> tuple[str, ...]:
    """Check browser origins, which must equal the Origin header exactly."""
    for value in values:
        if "*" in value:
            raise ValueError("* would let every site call this API; name each origin in full")
        url = _http_url(value)
        if url.path:
            raise ValueError(f"an origin has no path; write {_origin(url)}")
        if value != _origin(url):
            raise ValueError(f"browsers send {value} as {_origin(url)}; write that")
    return values


def _resource_url(value: str) -> str:
    """Check the public URL of this API (RFC 9728 section 1.2)."""
    url = _http_url(value)
    right = _origin(url, _secure_scheme(url)) + url.path.rstrip("/")
    if value.endswith("/"):
        raise ValueError(f"ends in a slash; write {right}")
    if url.scheme != _secure_scheme(url):
        raise ValueError(f"is plain http; write {right}")
    if value != right:
        raise ValueError(f"is not in its normal form; write {right}")
    return value


def _replay_store(value: SecretStr) -> SecretStr:
    """Check the URL with the client that will use it; the text of its errors may quote the password."""
    text = value.get_secret_value()
    if not text:
        return value
    if re.match("rediss?://", text) is None:
        raise ValueError("must be a redis:// or rediss:// URL, or empty to store used proofs in memory")
    if find_spec("redis") is None:
        raise ValueError('requires the package redis; pip install "fastapi-okta-auth[redis]"')
    from redis.asyncio import BlockingConnectionPool  # noqa: PLC0415 - optional
    from redis.exceptions import RedisError  # noqa: PLC0415 - as above

    try:
        # Checks the options, and does not connect.
        BlockingConnectionPool.from_url(text).make_connection()  # type: ignore[no-untyped-call]  # redis's own
        valid = bool(urlsplit(text).hostname) and "," not in urlsplit(text).netloc
    except (ValueError, TypeError, AttributeError, RedisError):
        valid = False
    if not valid or urlsplit(text).fragment:
        raise ValueError(
            "must be like redis://user:password@host:6379/0; encode #, /, ? and @ in a password, as %23, %2F,"
            " %3F and %40; options of TLS require rediss://"
        )
    return value


def _nonce_secrets(values: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if len(values) > 2 or any(len(value.get_secret_value()) < 32 for value in values):
        raise ValueError(
            "must be one or two secrets of at least 32 characters; create one with `openssl rand -hex 32`"
        )
    return values


def _explain_checks(value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - a validator
    host = urlsplit(info.data.get("resource_url", "")).hostname or ""
    if value and not is_loopback(host):
        raise ValueError(
            "is for development: it shows callers each check; use it with a RESOURCE_URL on localhost"
        )
    return value


def _introspection_client_id(value: str) -> str:
    if value:
        _check_client_id(value)
    return value


def _introspection_secret(value: SecretStr, info: ValidationInfo) -> SecretStr:
    if bool(value.get_secret_value()) != bool(
        info.data.get("introspection_client_id", value.get_secret_value())
    ):
        raise ValueError("belongs to INTROSPECTION_CLIENT_ID; set both, or neither")
    return value


Clean: Final = BeforeValidator(_text)
"""Strips whitespace, and refuses quotes and invisible characters."""
Text = Annotated[str, Clean]
"""A string without quotes around it and without invisible characters."""
Items = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_items)]
"""Strings, separated by commas."""
Secret = Annotated[SecretStr, Clean]
"""A string that is never shown."""
Origins = Annotated[Items, AfterValidator(_origins)]
"""Browser origins, for CORS."""

Issuers = Annotated[Items, AfterValidator(_issuers)]
ClientIds = Annotated[Items, AfterValidator(_client_ids)]
Audiences = Annotated[Items, AfterValidator(_audiences)]
JwksUri = Annotated[Text, AfterValidator(_jwks_uri)]
Leeway = Annotated[int, BeforeValidator(_seconds(300, advice=60))]
ResourceUrl = Annotated[Text, AfterValidator(_resource_url)]
DPoPMode = Annotated[Literal["off", "allowed", "required"], BeforeValidator(str.lower), Clean]
ReplayStoreUrl = Annotated[Secret, AfterValidator(_replay_store)]
NonceSecrets = Annotated[
    tuple[SecretStr, ...], NoDecode, BeforeValidator(_secrets), AfterValidator(_nonce_secrets)
]
IntrospectionClientId = Annotated[Text, AfterValidator(_introspection_client_id)]
IntrospectionSecret = Annotated[
    Secret, AfterValidator(_introspection_secret), Field(default=SecretStr(""), validate_default=True)
]
OrgUrl = Annotated[Text, AfterValidator(_org_url)]
IntrospectionCacheSeconds = Annotated[int, BeforeValidator(_seconds(60, advice=0))]
ExplainChecks = Annotated[bool, Clean, AfterValidator(_explain_checks)]
