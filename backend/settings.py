"""The settings of the service, read from the environment and from `.env`; the environment wins."""

import os
import re
import sys
from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values
from fastapi_okta_auth.session import is_loopback
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

EX_CONFIG: Final = 78
"""The exit status for an invalid configuration (sysexits.h)."""

ENV_FILE = ".env"
ENCODING: Final = "utf-8-sig"  # Windows editors write a byte order mark
_EXAMPLE_ISSUER: Final = "https://dev-123456.okta.com/oauth2/default"
_EXAMPLE_CLIENT_ID: Final = "0oa1b2c3d4"
_MISSING: Final = {
    "OKTA_ISSUER": f"missing; put the issuer URI of your authorization server there, like {_EXAMPLE_ISSUER}",
    "OKTA_CLIENT_ID": "missing; put the client id of your application there (Okta console: Applications)",
}
_COPY_CLIENT_ID: Final = "copy the Client ID of your application from Okta (Applications)"
_QUOTES: Final = "\"'`\u201c\u201d\u2018\u2019"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}

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


def _word(change: Callable[[str], str]) -> BeforeValidator:
    return BeforeValidator(lambda value: change(value.strip()) if isinstance(value, str) else value)


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
        raise ValueError(_MISSING["OKTA_ISSUER"])
    for value in values:
        _check_issuer(value)
    return values


def _check_issuer(value: str) -> None:
    """Check one issuer of a custom authorization server. Raises ValueError with the issuer to write."""
    if value.startswith(_EXAMPLE_ISSUER.removesuffix("/oauth2/default")):
        raise ValueError("is the example value; copy the Issuer URI from Okta (Security > API)")
    complete = re.match(r"https?:", value, re.IGNORECASE)
    url = _http_url(
        value if complete or not re.match(r"[\w-]+(\.[\w-]+)+(?=[:/]|$)", value) else f"https://{value}"
    )
    # The -admin domains are Okta's own: a custom domain may contain -admin.
    host = re.sub(r"-admin(?=\.(okta[\w-]*|trex-govcloud)\.(com|mil)$)", "", url.hostname or "")
    host = re.sub(r"(\.com)+$", ".com", host)
    server = re.match(r"/oauth2/(?!v1(?:/|$)|\.well-known)([^/]+)", url.path)
    path = server[0] if server else "/oauth2/default"
    netloc = url.netloc.lower().replace((url.hostname or "").lower(), host)
    right = _origin(url._replace(netloc=netloc), _secure_scheme(url)) + path
    if value == right:
        return
    if not complete:
        fault = "lacks https://"
    elif "-admin" in (url.hostname or "") and "-admin" not in host:
        fault = "is the admin console's domain"
    elif host != url.hostname:
        fault = "ends in .com twice"
    elif server is None:
        fault = "is the org authorization server, whose tokens only Okta can verify"
    elif url.path != path:
        fault = "ends in a slash" if url.path == f"{path}/" else "is the URL of an endpoint"
    elif url.scheme != _secure_scheme(url):
        fault = "is plain http"
    else:
        fault = "differs from the iss claim of tokens"
    raise ValueError(f"{fault}; write {right}")


def _client_ids(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError(_MISSING["OKTA_CLIENT_ID"])
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


def _metrics_address(value: str) -> str:
    match = re.fullmatch(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})", value, re.ASCII)
    if value and (match is None or not 0 < int(match[1]) < 65536):
        raise ValueError("must be host:port, like 127.0.0.1:9100, or empty for no metrics")
    return value


def _replay_store(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if text and re.fullmatch(r"rediss?://\S+", text) is None:
        raise ValueError("must be a redis:// or rediss:// URL, or empty to store used proofs in memory")
    return value


def _nonce_secrets(values: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if len(values) > 2 or any(len(value.get_secret_value()) < 32 for value in values):
        raise ValueError(
            "must be one or two secrets of at least 32 characters; create one with `openssl rand -hex 32`"
        )
    return values


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


class SettingsError(Exception):
    """Invalid settings. `faults` has one line for each fault."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class EnvironmentSettings(BaseSettings):
    """Settings from variables with the names of the fields; each fault is one line."""

    model_config = SettingsConfigDict(
        env_file_encoding=ENCODING, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    @classmethod
    def load(cls) -> Self:
        """Read the environment and `.env`. Raises SettingsError with all faults and misspelled names."""
        _env_file()  # report its faults first
        try:
            return cls(_env_file=ENV_FILE)
        except ValidationError as error:
            faults = [_fault(detail) for detail in error.errors()]
            raise SettingsError(faults + misspelled_variables()) from None

    @classmethod
    def load_or_exit(cls) -> Self:
        """Load the settings, or print one line per fault and exit with EX_CONFIG."""
        try:
            return cls.load()
        except SettingsError as error:
            print(error, file=sys.stderr)
            raise SystemExit(EX_CONFIG) from None


Text = Annotated[str, BeforeValidator(_text)]
Items = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_items)]
Secret = Annotated[SecretStr, BeforeValidator(_text)]


class Settings(EnvironmentSettings):
    """All settings of the API. A new one also needs a line in `.env.example` and in docker-compose.yml."""

    okta_issuer: Annotated[Items, AfterValidator(_issuers)]
    okta_client_id: Annotated[Items, AfterValidator(_client_ids)]
    okta_audience: Annotated[Items, AfterValidator(_audiences)] = ("api://default",)
    okta_jwks_uri: Annotated[Text, AfterValidator(_jwks_uri)] = ""
    okta_leeway: Annotated[int, BeforeValidator(_seconds(300, advice=60))] = 60
    cors_origins: Annotated[Items, AfterValidator(_origins)] = ("http://localhost:3000",)
    resource_url: Annotated[Text, AfterValidator(_resource_url)] = "http://localhost:8000"
    dpop: Annotated[Literal["off", "allowed", "required"], _word(str.lower)] = "off"
    dpop_replay_store: Annotated[Secret, AfterValidator(_replay_store)] = SecretStr("")
    dpop_nonce_secrets: Annotated[
        tuple[SecretStr, ...], NoDecode, BeforeValidator(_secrets), AfterValidator(_nonce_secrets)
    ] = ()
    introspection_client_id: Annotated[Text, AfterValidator(_introspection_client_id)] = ""
    introspection_client_secret: Annotated[Secret, AfterValidator(_introspection_secret)] = Field(
        default=SecretStr(""), validate_default=True
    )
    introspection_cache_seconds: Annotated[int, BeforeValidator(_seconds(60, advice=0))] = 0
    docs_enabled: Annotated[bool, _word(str)] = True
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], _word(str.upper)] = "INFO"
    log_format: Annotated[Literal["text", "json"], _word(str.lower)] = "text"
    metrics_address: Annotated[Text, AfterValidator(_metrics_address)] = ""

    @property
    def jwks_uris(self) -> dict[str, str]:
        """Map each issuer to the URL of its signing keys (Okta: "Retrieve JSON Web Key Set")."""
        return {issuer: self.okta_jwks_uri or f"{issuer}/v1/keys" for issuer in self.okta_issuer}


SERVER_VARIABLES: Final = ("WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS", "DRAIN_SECONDS")
"""What gunicorn.conf.py reads in addition to Settings."""


def variables() -> dict[str, str]:
    """Return the variables in `.env` and in the environment, which wins, with upper-case names.

    Raises SettingsError for a `.env` that cannot be read.
    """
    return {name.upper(): value or "" for name, value in [*_env_file().items(), *os.environ.items()]}


def misspelled_variables() -> list[str]:
    """Return a line for each variable that looks like a misspelled setting. Raises as `variables` does."""
    known = {*map(str.upper, Settings.model_fields), *SERVER_VARIABLES}
    lines = []
    for name in sorted({*_env_file(), *os.environ} - known):
        [near] = get_close_matches(name.upper(), known, n=1, cutoff=0.8) or [""]
        if near == name.upper():
            lines.append(f"{name} is in lower case, which Docker Compose ignores; write {near}")
        elif near and not name.startswith("VITE_"):  # those are the app's
            lines.append(f"{name} is set and nothing reads it; did you mean {near}?")
    return lines


def _env_file() -> dict[str, str | None]:
    try:
        return dotenv_values(ENV_FILE, encoding=ENCODING)
    except UnicodeDecodeError:
        fault = f"{ENV_FILE}: is not UTF-8 text; save it as UTF-8"
    except OSError as error:
        fault = f"{ENV_FILE}: cannot be read ({error.strerror}); change its permissions"
    raise SettingsError([fault])


def _fault(detail: "ErrorDetails") -> str:
    variable = str(detail["loc"][0]).upper()
    known: dict[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            text = _MISSING[variable]
        case "bool_parsing":
            text = "must be true or false"
        case "literal_error":
            text = f"must be one of {known['expected']}"
        case _:
            text = detail["msg"].removeprefix("Value error, ")
    return f"{variable}: {text}"
