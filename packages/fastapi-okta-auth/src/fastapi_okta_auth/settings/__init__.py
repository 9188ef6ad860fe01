"""The settings of the verification, with a check of each value that says what to write instead."""

from pydantic import SecretStr

from .checks import (
    Audiences,
    ClientIds,
    DPoPMode,
    ExplainChecks,
    IntrospectionCacheSeconds,
    IntrospectionClientId,
    IntrospectionSecret,
    Issuers,
    JwksUri,
    Leeway,
    NonceSecrets,
    OrgUrl,
    ReplayStoreUrl,
    ResourceUrl,
)
from .environment import EnvironmentSettings, SettingsError

__all__ = ["EnvironmentSettings", "OktaSettings", "SettingsError"]


class OktaSettings(EnvironmentSettings):
    """What `Okta` needs to know. A service extends the class with settings of its own."""

    okta_issuer: Issuers
    okta_client_id: ClientIds
    okta_audience: Audiences = ("api://default",)
    okta_jwks_uri: JwksUri = ""
    okta_leeway: Leeway = 60
    resource_url: ResourceUrl = "http://localhost:8000"
    dpop: DPoPMode = "off"
    dpop_replay_store: ReplayStoreUrl = SecretStr("")
    dpop_nonce_secrets: NonceSecrets = ()
    introspection_client_id: IntrospectionClientId = ""
    introspection_client_secret: IntrospectionSecret
    introspection_cache_seconds: IntrospectionCacheSeconds = 0
    explain_checks: ExplainChecks = False
    universal_logout_issuer: OrgUrl = ""

    @property
    def universal_logout_issuers(self) -> tuple[str, ...]:
        """The issuers whose users that org may revoke: its own, or the only one, at a custom domain."""
        own = [issuer for issuer in self.okta_issuer if issuer.startswith(f"{self.universal_logout_issuer}/")]
        return tuple(own) or self.okta_issuer

    @property
    def jwks_uris(self) -> dict[str, str]:
        """Map each issuer to the URL of its signing keys (Okta: "Retrieve JSON Web Key Set")."""
        return {issuer: self.okta_jwks_uri or f"{issuer}/v1/keys" for issuer in self.okta_issuer}
