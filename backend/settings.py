"""The settings of the service, read from the environment and from `.env`; the environment wins."""

import sys
from typing import Annotated, ClassVar, Final, Literal, TypeVar

from fastapi_okta_auth import Clean, EnvironmentSettings, Items, OktaSettings, Origins, SettingsError
from pydantic import AfterValidator, BeforeValidator, Field

EX_CONFIG: Final = 78
"""The exit status for an invalid configuration (sysexits.h)."""

SERVER_VARIABLES: Final = ("WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS", "DRAIN_SECONDS")
"""What gunicorn.conf.py reads in addition to Settings."""

S = TypeVar("S", bound=EnvironmentSettings)


def _header_names(values: tuple[str, ...]) -> tuple[str, ...]:
    if "*" in values:
        raise ValueError("* would allow every header that a page requests; name each header")
    return values


class Settings(OktaSettings):
    """All settings of the API. A new one also needs a line in `.env.example` and in docker-compose.yml."""

    other_variables: ClassVar[tuple[str, ...]] = SERVER_VARIABLES

    cors_origins: Origins = ("http://localhost:3000",)
    cors_headers: Annotated[Items, AfterValidator(_header_names)] = ()
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
