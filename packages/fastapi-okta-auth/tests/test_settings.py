"""Settings: what is valid, and what the line about an invalid value says."""

from pathlib import Path

import pytest
from fastapi_okta_auth import OktaSettings, SettingsError
from pydantic import SecretStr

ISSUER = "https://acme.okta.com/oauth2/default"
VALID = {"OKTA_ISSUER": ISSUER, "OKTA_CLIENT_ID": "0oa1"}
SECRET = "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run each test in an empty folder, where it can write `.env`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("fastapi_okta_auth.settings.environment.ENV_FILE", ".env")


def load(monkeypatch: pytest.MonkeyPatch, **changes: str) -> OktaSettings:
    """Load settings from VALID and `changes`."""
    for name, value in {**VALID, **changes}.items():
        monkeypatch.setenv(name, value)
    return OktaSettings.load()


def faults(monkeypatch: pytest.MonkeyPatch, **changes: str) -> list[str]:
    """Return the lines about `changes`."""
    with pytest.raises(SettingsError) as error:
        load(monkeypatch, **changes)
    return error.value.faults


def test_issuer_and_client_id_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything else has a default."""
    settings = load(monkeypatch)
    assert settings.okta_issuer == (ISSUER,)
    assert settings.okta_client_id == ("0oa1",)
    assert settings.okta_audience == ("api://default",)
    assert settings.jwks_uris == {ISSUER: f"{ISSUER}/v1/keys"}
    assert settings.okta_leeway == 60
    assert settings.resource_url == "http://localhost:8000"
    assert (settings.dpop, settings.dpop_nonce_secrets) == ("off", ())


def test_several_issuers_have_separate_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each issuer has the URL of its own keys."""
    other = "https://login.example.com/oauth2/aus1"
    settings = load(monkeypatch, OKTA_ISSUER=f"{ISSUER}, {other}", OKTA_AUDIENCE="api://a,api://b")
    assert settings.jwks_uris == {ISSUER: f"{ISSUER}/v1/keys", other: f"{other}/v1/keys"}
    assert settings.okta_audience == ("api://a", "api://b")


def test_secrets_do_not_appear_in_the_settings_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text of the settings hides secrets, and so do faults about them."""
    settings = load(
        monkeypatch,
        DPOP_REPLAY_STORE=f"redis://:{SECRET}@localhost",
        DPOP_NONCE_SECRETS=f"{SECRET},{SECRET}x",
        INTROSPECTION_CLIENT_ID="0oaservice",
        INTROSPECTION_CLIENT_SECRET=SECRET,
    )
    assert settings.dpop_nonce_secrets == (SecretStr(SECRET), SecretStr(f"{SECRET}x"))
    assert SECRET not in repr(settings)
    lines = faults(
        monkeypatch,
        DPOP_REPLAY_STORE=SECRET,
        DPOP_NONCE_SECRETS=f"'{SECRET}'",
        INTROSPECTION_CLIENT_SECRET=f'"{SECRET}"',
    )
    assert len(lines) == 3
    assert SECRET not in str(lines)


@pytest.mark.parametrize(
    "changes",
    [
        {"OKTA_ISSUER": "http://localhost:9000/oauth2/default"},
        {"OKTA_ISSUER": "http://127.0.0.1:9000/oauth2/aus123"},
        {"OKTA_ISSUER": "http://[::1]:9000/oauth2/default"},
        {"OKTA_ISSUER": "http://okta.localhost:9000/oauth2/default", "OKTA_JWKS_URI": "http://okta:9000/k"},
        {"OKTA_ISSUER": "https://login.example.com/oauth2/aus1"},
        {"OKTA_ISSUER": "https://sso-admin.acme.example/oauth2/default"},
        {"OKTA_ISSUER": f" {ISSUER}\r"},
        {"OKTA_JWKS_URI": "https://proxy.example.com/keys"},
        {"OKTA_CLIENT_ID": "a, b"},
        {"OKTA_CLIENT_ID": "0oa1\r"},
        {"OKTA_LEEWAY": "0"},
        {"OKTA_LEEWAY": "300"},
        {"RESOURCE_URL": "https://api.example.com/v1"},
        {"DPOP": "Required", "DPOP_REPLAY_STORE": "rediss://cache:6379/0", "DPOP_NONCE_SECRETS": SECRET},
        {
            "INTROSPECTION_CLIENT_ID": "0oa2",
            "INTROSPECTION_CLIENT_SECRET": "x y",
            "INTROSPECTION_CACHE_SECONDS": "60",
        },
    ],
    ids=str,
)
def test_valid_values(monkeypatch: pytest.MonkeyPatch, changes: dict[str, str]) -> None:
    """Valid values are accepted, in any case and with surrounding whitespace where that is safe."""
    load(monkeypatch, **changes)


@pytest.mark.parametrize(
    ("variable", "value", "fault"),
    [
        ("OKTA_ISSUER", "", "missing; put the issuer URI"),
        ("OKTA_ISSUER", "https://{yourOktaDomain}/oauth2/default", "a placeholder is left in"),
        ("OKTA_ISSUER", "https://dev-123456.okta.com/oauth2/default", "is the example value"),
        ("OKTA_ISSUER", "https://acme-admin.okta.com", "admin console's domain; write https://acme.okta.com/oauth2/default"),
        ("OKTA_ISSUER", "https://acme-admin.oktapreview.com/oauth2/aus1", "write https://acme.oktapreview.com/oauth2/aus1"),
        ("OKTA_ISSUER", "https://acme.okta.com.com/oauth2/aus1", "ends in .com twice; write https://acme.okta.com/oauth2/aus1"),
        ("OKTA_ISSUER", "https://acme.okta.com", "is the org authorization server, whose tokens only Okta can verify; write"),
        ("OKTA_ISSUER", "https://acme.okta.com/", "is the org authorization server"),
        ("OKTA_ISSUER", "https://acme.okta.com/oauth2", "is the org authorization server"),
        ("OKTA_ISSUER", "https://acme.okta.com/oauth2/v1/token", "is the org authorization server"),
        ("OKTA_ISSUER", "https://acme.okta.com/oauth2/aus1/", "ends in a slash; write https://acme.okta.com/oauth2/aus1"),
        ("OKTA_ISSUER", "https://acme.okta.com/oauth2/aus1/v1/token", "is the URL of an endpoint; write https://acme.okta.com/oauth2/aus1"),
        ("OKTA_ISSUER", f"{ISSUER}/.well-known/openid-configuration", f"is the URL of an endpoint; write {ISSUER}"),
        ("OKTA_ISSUER", "HTTPS://Acme.Okta.com/oauth2/default", f"differs from the iss claim of tokens; write {ISSUER}"),
        ("OKTA_ISSUER", "https://acme.okta.com:443/oauth2/default", f"differs from the iss claim of tokens; write {ISSUER}"),
        ("OKTA_ISSUER", "https://bücher.example/oauth2/default", "write https://xn--bcher-kva.example/oauth2/default"),
        ("OKTA_ISSUER", "acme.okta.com", f"lacks https://; write {ISSUER}"),
        ("OKTA_ISSUER", "acme-admin.okta.com/oauth2/aus1", "lacks https://; write https://acme.okta.com/oauth2/aus1"),
        ("OKTA_ISSUER", f'"{ISSUER}"', "is in quotes; remove them"),
        ("OKTA_ISSUER", f"{ISSUER},http://a.example/oauth2/default", "is plain http; write https://a.example/oauth2/default"),
        ("OKTA_ISSUER", "http://localhost.example.com/oauth2/default", "is plain http"),
        ("OKTA_ISSUER", "http://10.0.0.1/oauth2/default", "is plain http"),
        ("OKTA_ISSUER", "https://acme.okta.com:99999/oauth2/default", "is not an http(s) URL"),
        ("OKTA_ISSUER", "https://u:p@acme.okta.com/oauth2/default", "has a user, a query or a fragment"),
        ("OKTA_ISSUER", f"{ISSUER}?x", "has a user, a query or a fragment"),
        ("OKTA_CLIENT_ID", "", "missing; put the client id"),
        ("OKTA_CLIENT_ID", "{clientId}", "a placeholder is left in"),
        ("OKTA_CLIENT_ID", "0oa1b2c3d4", "is the example value"),
        ("OKTA_CLIENT_ID", "a,,b", "an empty item; separate values by single commas"),
        ("OKTA_CLIENT_ID", "a b", "a space"),
        ("OKTA_CLIENT_ID", "a;b", "a semicolon"),
        ("OKTA_CLIENT_ID", "'a'", "is in quotes"),
        ("OKTA_CLIENT_ID", '["a","b"]', "contains brackets"),
        ("OKTA_CLIENT_ID", "a # the app", "contains a comment"),
        ("OKTA_CLIENT_ID", "a\u200bb", "contains an invisible character (U+200B)"),
        ("OKTA_CLIENT_ID", "a\nb", "contains an invisible character (U+000A)"),
        ("OKTA_CLIENT_ID", "ada@example.com", "is an e-mail address"),
        ("OKTA_CLIENT_ID", "https://acme.okta.com", "is a URL"),
        ("OKTA_CLIENT_ID", "acme.okta.com", "is a URL"),
        ("OKTA_CLIENT_ID", "x" * 64, "is a client secret, by its length"),
        ("OKTA_CLIENT_ID", "0oaé", "is not a client id"),
        ("OKTA_AUDIENCE", " ", "is empty"),
        ("OKTA_AUDIENCE", '"api://default"', "is in quotes"),
        ("OKTA_AUDIENCE", "[api://default]", "contains brackets"),
        ("OKTA_AUDIENCE", "api://a;api://b", "a semicolon"),
        ("OKTA_AUDIENCE", "api://a api://b", "a space"),
        ("OKTA_AUDIENCE", "api://\u2060default", "contains an invisible character (U+2060)"),
        ("OKTA_AUDIENCE", "ada@example.com", "is an e-mail address"),
        ("OKTA_JWKS_URI", "http://acme.okta.com/keys", "is plain http, so anyone on the network"),
        ("OKTA_JWKS_URI", "http://localhost:9000/keys", "is plain http, so anyone on the network"),
        ("OKTA_JWKS_URI", "file:///keys", "is not an http(s) URL"),
        *(("OKTA_LEEWAY", value, "must be whole seconds from 0 to 300") for value in ("-1", "301", "1.5", "60.0", "a minute", "")),
        ("RESOURCE_URL", "http://api.example.com", "is plain http; write https://api.example.com"),
        ("RESOURCE_URL", "https://api.example.com/v1/", "ends in a slash; write https://api.example.com/v1"),
        ("RESOURCE_URL", "https://API.example.com:443", "is not in its normal form; write https://api.example.com"),
        ("RESOURCE_URL", "api.example.com", "is not an http(s) URL"),
        ("DPOP", "on", "must be one of 'off', 'allowed' or 'required'"),
        ("DPOP_REPLAY_STORE", "localhost:6379", "must be a redis:// or rediss:// URL"),
        ("DPOP_NONCE_SECRETS", "short", "must be one or two secrets of at least 32 characters"),
        ("DPOP_NONCE_SECRETS", f"{SECRET},{SECRET}1,{SECRET}2", "must be one or two secrets"),
        ("INTROSPECTION_CLIENT_ID", "ada@example.com", "is an e-mail address"),
        ("INTROSPECTION_CLIENT_SECRET", "x", "belongs to INTROSPECTION_CLIENT_ID; set both, or neither"),
        ("INTROSPECTION_CACHE_SECONDS", "61", "must be whole seconds from 0 to 60"),
    ],
)  # fmt: skip
def test_invalid_values(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, fault: str) -> None:
    """Each invalid value is one line that names the variable and says what to put there."""
    [line] = faults(monkeypatch, **{variable: value})
    assert line.startswith(f"{variable}: ")
    assert fault in line
    assert line.isprintable()


def test_jwks_uri_works_with_one_issuer_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A single URL cannot hold the keys of two issuers."""
    changes = {
        "OKTA_ISSUER": f"{ISSUER},https://b.example/oauth2/aus1",
        "OKTA_JWKS_URI": "https://b.example/keys",
    }
    assert faults(monkeypatch, **changes) == [
        "OKTA_JWKS_URI: works with one issuer only; remove it, or name one issuer in OKTA_ISSUER"
    ]


def test_introspection_client_id_needs_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """An id without a secret is reported where the secret belongs."""
    [line] = faults(monkeypatch, INTROSPECTION_CLIENT_ID="0oa2")
    assert line.startswith("INTROSPECTION_CLIENT_SECRET: ")


def test_all_faults_are_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fault is a line."""
    lines = faults(monkeypatch, OKTA_ISSUER="https://acme.okta.com", OKTA_LEEWAY="x", DPOP="on")
    assert [line.partition(":")[0] for line in lines] == ["OKTA_ISSUER", "OKTA_LEEWAY", "DPOP"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_environment_wins_over_env_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, encoding: str
) -> None:
    """Settings come from `.env`, with or without a byte order mark; the environment wins."""
    text = f"OKTA_ISSUER={ISSUER}\r\nokta_client_id=a\r\nOKTA_LEEWAY=5\nOTHER=x\n"
    (tmp_path / ".env").write_bytes(text.encode(encoding))
    monkeypatch.setenv("OKTA_LEEWAY", "7")
    settings = OktaSettings.load()
    assert (settings.okta_client_id, settings.okta_leeway) == (("a",), 7)
    read = OktaSettings.variables()
    assert (read["OKTA_ISSUER"], read["OKTA_CLIENT_ID"], read["OKTA_LEEWAY"]) == (ISSUER, "a", "7")


def test_env_file_that_is_not_utf8_is_one_line(tmp_path: Path) -> None:
    """A `.env` in Latin-1 is reported instead of a traceback."""
    (tmp_path / ".env").write_bytes("# Müller\n".encode("latin-1"))
    with pytest.raises(SettingsError) as error:
        OktaSettings.load()
    assert error.value.faults == [".env: is not UTF-8 text; save it as UTF-8"]


def test_misspelled_variables_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Names that resemble a setting are reported, in `.env` and the environment; others are not."""
    (tmp_path / ".env").write_text("OKTA_ISUER=x\nokta_audience=y\nOKTA_CLIENT_ID=z\nVITE_OKTA_ISSUER=w\n")
    for name in ("OKTA_LEEWEY", "LOGNAME", "VITE_OKTA_CLIENT_ID"):
        monkeypatch.setenv(name, "x")
    assert OktaSettings.misspelled_variables() == [
        "OKTA_ISUER is set and nothing reads it; did you mean OKTA_ISSUER?",
        "OKTA_LEEWEY is set and nothing reads it; did you mean OKTA_LEEWAY?",
        "okta_audience is in lower case, which Docker Compose ignores; write OKTA_AUDIENCE",
    ]


def test_misspelled_name_is_reported_with_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing variable and its misspelling are two lines."""
    monkeypatch.setenv("OKTA_CLIENT_ID", "0oa1")
    monkeypatch.setenv("OKTA_ISUER", ISSUER)
    with pytest.raises(SettingsError) as error:
        OktaSettings.load()
    missing, hint = error.value.faults
    assert missing.startswith("OKTA_ISSUER: missing; ")
    assert hint == "OKTA_ISUER is set and nothing reads it; did you mean OKTA_ISSUER?"
