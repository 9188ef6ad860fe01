"""The settings of the service, from the environment or `.env`; the environment wins."""

import sys
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from backend import checks

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

EX_CONFIG: Final = 78
"""The exit status for a configuration that cannot work (sysexits.h)."""

Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(checks.comma_separated)]


LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]


class SettingsError(Exception):
    """Settings that cannot be used; `faults` holds one line for each thing that is wrong."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Settings(BaseSettings):
    """Everything that can be set: the fields are the variables, in lower case."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    okta_issuer: Annotated[Listed, AfterValidator(checks.issuers)]
    okta_client_id: Annotated[Listed, AfterValidator(checks.client_ids)]
    okta_audience: Annotated[Listed, AfterValidator(checks.audiences)] = ("api://default",)
    okta_jwks_uri: Annotated[str, AfterValidator(checks.jwks_uri)] = ""
    okta_leeway: Annotated[int, BeforeValidator(checks.leeway)] = 60
    cors_origins: Annotated[Listed, AfterValidator(checks.origins)] = ("http://localhost:3000",)
    resource_url: Annotated[str, AfterValidator(checks.resource_url)] = "http://localhost:8000"
    dpop: Annotated[Literal["off", "allowed", "required"], BeforeValidator(str.lower)] = "off"
    dpop_replay_store: SecretStr = SecretStr("")
    dpop_nonce_secrets: Annotated[
        tuple[SecretStr, ...], NoDecode, BeforeValidator(checks.comma_separated)
    ] = ()
    introspection_client_id: str = ""
    introspection_client_secret: SecretStr = SecretStr("")
    introspection_cache_seconds: int = 0
    docs_enabled: bool = True
    log_level: Annotated[LogLevel, BeforeValidator(str.upper)] = "INFO"
    log_format: Annotated[Literal["text", "json"], BeforeValidator(str.lower)] = "text"
    metrics_address: Annotated[str, AfterValidator(checks.metrics_address)] = ""

    @property
    def jwks_uris(self) -> dict[str, str]:
        """Map each issuer to the URL of its signing keys (Okta: "Retrieve JSON Web Key Set")."""
        return {issuer: self.okta_jwks_uri or f"{issuer}/v1/keys" for issuer in self.okta_issuer}

    @classmethod
    def load(cls) -> Self:
        """Read the settings. Raises SettingsError, with all that is wrong and not the first alone."""
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError([_fault(detail) for detail in error.errors()]) from None


def load_or_exit() -> Settings:
    """Load the settings, or print one line per fault and exit with EX_CONFIG."""
    try:
        return Settings.load()
    except SettingsError as error:
        print(error, file=sys.stderr)
        raise SystemExit(EX_CONFIG) from None


def _fault(detail: "ErrorDetails") -> str:
    variable = str(detail["loc"][0]).upper()
    match detail["type"]:
        case "missing":
            text = checks.MISSING[variable]
        case "bool_parsing":
            text = "must be true or false"
        case "literal_error":
            text = f"must be one of {detail['ctx']['expected']}"
        case _:
            text = detail["msg"].removeprefix("Value error, ")
    return f"{variable}: {text}"
