"""The settings of Universal Logout."""

import pytest
from fastapi_okta_auth import SettingsError

from backend.settings import Settings

ACME = "https://acme.okta.com"
ISSUERS = f"{ACME}/oauth2/default,https://other.okta.com/oauth2/default"


def load(**values: object) -> Settings:
    """Return the settings with these values."""
    return Settings.load(**{"okta_issuer": f"{ACME}/oauth2/default", "okta_client_id": "0oa1", **values})


@pytest.mark.parametrize(
    ("value", "remedy"),
    [
        (f"{ACME}/", f"write {ACME}"),
        (f"{ACME}/oauth2/default", f"write {ACME}"),
        ("https://acme-admin.okta.com", f"write {ACME}"),
        ("HTTPS://Acme.okta.com:443", f"write {ACME}"),
        ("http://acme.okta.com", f"write {ACME}"),
        ("acme.okta.com", "write it in full"),
        ('"https://acme.okta.com"', "remove them"),
    ],
)
def test_org_that_cannot_work(value: str, remedy: str) -> None:
    """One line says what to write."""
    with pytest.raises(SettingsError, match="UNIVERSAL_LOGOUT_ISSUER: ") as error:
        load(universal_logout_issuer=value)
    assert remedy in str(error.value)


def test_org_of_no_issuer() -> None:
    """With several issuers, an org that owns none of them would revoke nobody."""
    with pytest.raises(SettingsError, match="no issuer in OKTA_ISSUER"):
        load(okta_issuer=ISSUERS, universal_logout_issuer="https://third.okta.com")


def test_issuers_whose_users_an_org_may_revoke() -> None:
    """Its own; or the only one, which may be at a custom domain."""
    several = load(okta_issuer=ISSUERS, universal_logout_issuer=ACME)
    assert several.universal_logout_issuers == (f"{ACME}/oauth2/default",)
    custom = load(okta_issuer="https://login.acme.com/oauth2/default", universal_logout_issuer=ACME)
    assert custom.universal_logout_issuers == ("https://login.acme.com/oauth2/default",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (f"universal_logout_{name}", value)
        for name in ("seconds", "hours")
        for value in ("0", "1.5", "x", "9999")
    ],
)
def test_interval_that_cannot_work(name: str, value: str) -> None:
    """It says the range."""
    with pytest.raises(SettingsError, match=f"{name.upper()}: must be whole .* from 1 to "):
        load(**{name: value})
