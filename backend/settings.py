"""The settings of the service, read from the environment and from `.env`; the environment wins."""

import re
import sys
from typing import Annotated, ClassVar, Final, Literal, TypeVar
from urllib.parse import parse_qsl, urlsplit

from fastapi_okta_auth import Clean, EnvironmentSettings, Items, OktaSettings, Origins, SettingsError
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

EX_CONFIG: Final = 78
"""The exit status for an invalid configuration (sysexits.h)."""

SERVER_VARIABLES: Final = ("WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS", "DRAIN_SECONDS")
"""What gunicorn.conf.py reads in addition to Settings."""

SQLITE_FILE: Final = "sqlite+aiosqlite:///data/app.db"
_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
}

S = TypeVar("S", bound=EnvironmentSettings)


def _header_names(values: tuple[str, ...]) -> tuple[str, ...]:
    if "*" in values:
        raise ValueError("* would allow every header that a page requests; name each header")
    return values


def _database_url(value: SecretStr) -> SecretStr:
    """Check the URL of the database. Raises ValueError with the form to write, never with the password."""
    scheme, separator, rest = value.get_secret_value().partition("://")
    driver = _DRIVERS.get(scheme.partition("+")[0])
    if not separator or driver is None:
        raise ValueError(f"must be {SQLITE_FILE} or postgresql+psycopg://user:password@host/database")
    if scheme != driver:
        raise ValueError(f"names no driver that the service uses; write {driver}:// in front")
    if driver == "postgresql+psycopg":
        _check_postgresql(rest)
    elif not re.fullmatch(r"/[^?#:][^?#]*", rest):
        raise ValueError(f"names no file; write {SQLITE_FILE}, or four slashes before an absolute path")
    return value


def _check_postgresql(rest: str) -> None:
    from psycopg import ProgrammingError  # noqa: PLC0415 - slow to import, and not for SQLite
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - as above

    try:
        url = urlsplit(f"//{rest}")
        valid = url.port != 0 and len(url.path) > 1 and not url.fragment and url.netloc.count("@") <= 1
        make_conninfo(**dict(parse_qsl(url.query)))  # knows the options
    except (ValueError, ProgrammingError):
        valid = False
    if not valid:
        raise ValueError(
            "is not postgresql+psycopg://user:password@host/database; percent-encode special characters"
            " of the password, such as %40 for @; options are those of libpq, such as ?sslmode=verify-full"
        )


def _whole(minimum: int, maximum: int, unit: str) -> BeforeValidator:
    def check(value: object) -> int:
        text = str(value).strip()
        if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or not minimum <= int(text) <= maximum:
            raise ValueError(f"must be whole {unit} from {minimum} to {maximum}")
        return int(text)

    return BeforeValidator(check)


class Settings(OktaSettings):
    """All settings of the API. A new one also needs a line in `.env.example` and in docker-compose.yml."""

    other_variables: ClassVar[tuple[str, ...]] = SERVER_VARIABLES

    cors_origins: Origins = ("http://localhost:3000",)
    cors_headers: Annotated[Items, AfterValidator(_header_names)] = ()
    database_url: Annotated[SecretStr, Clean, AfterValidator(_database_url)] = SecretStr(SQLITE_FILE)
    universal_logout_seconds: Annotated[int, _whole(1, 60, "seconds")] = 1
    universal_logout_hours: Annotated[int, _whole(1, 720, "hours")] = 24
    docs_enabled: Annotated[bool, Clean] = True
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(str.upper), Clean
    ] = "INFO"
    log_format: Annotated[Literal["text", "json"], BeforeValidator(str.lower), Clean] = Field(
        default_factory=lambda: "text" if sys.stderr.isatty() else "json"
    )

    @classmethod
    def misspelled_variables(cls) -> list[str]:
        """Return a line for each variable that looks like a misspelled setting, or was one."""
        lines = super().misspelled_variables()
        if cls.variables().get("METRICS_ADDRESS"):
            lines.append(
                "METRICS_ADDRESS is set and nothing reads it; send metrics over OTLP: set"
                " FASTAPI_OTEL_AUTO_CONFIGURE=true and OTEL_EXPORTER_OTLP_ENDPOINT"
            )
        return lines


def load_or_exit(settings: type[S]) -> S:
    """Load the settings, or print one line per fault and exit with EX_CONFIG."""
    try:
        return settings.load()
    except SettingsError as error:
        print(error, file=sys.stderr)
        raise SystemExit(EX_CONFIG) from None
