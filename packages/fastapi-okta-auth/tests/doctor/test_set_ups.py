"""The doctor names the fault of a set-up and says what to do."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi_okta_auth.doctor.setup import check_settings
from okta_support.app import Settings, app_for
from okta_support.broken_issuer import Issuer
from okta_support.diagnosis import REAL, diagnose, set_up
from okta_support.key_set import KeySetServer, self_signed

Spoil = Callable[[Issuer, pytest.MonkeyPatch], None]


def stop(_: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the issuer unreachable."""
    monkeypatch.setenv("OKTA_ISSUER", "http://127.0.0.1:9/oauth2/default")


def dead_proxy(_: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a proxy that is down."""
    monkeypatch.setenv("OKTA_ISSUER", REAL)
    monkeypatch.setenv("CORS_ORIGINS", "https://app.example.com")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@127.0.0.1:9")


def setting(name: str, value: str) -> Spoil:
    """Set one variable to `value`."""
    return lambda _, monkeypatch: monkeypatch.setenv(name, value)


def state(**changes: object) -> Spoil:
    """The issuer is wrong."""

    def spoil(state: Issuer, _: pytest.MonkeyPatch) -> None:
        for name, value in changes.items():
            setattr(state, name, value)

    return spoil


BROKEN: list[tuple[str, Spoil, str, str, str]] = [
    ("no issuer", setting("OKTA_ISSUER", ""), "settings", "OKTA_ISSUER: missing", "put the issuer URI"),
    ("admin domain", setting("OKTA_ISSUER", "https://acme-admin.okta.com"), "settings", "admin console", REAL),
    ("org server", setting("OKTA_ISSUER", "https://acme.okta.com"), "settings", "org authorization", REAL),
    ("origin with a path", setting("CORS_ORIGINS", "http://localhost:3000/"), "settings", "no path", "http://localhost:3000"),
    ("issuer down", stop, "issuer", "is unreachable", "make run"),
    ("wrong server id", state(discovery_status=404), "issuer", "no authorization server", "Issuer URI in Okta"),
    ("custom domain", state(named="https://login.example.com/oauth2/default"), "issuer", "https://login.example.com", "into OKTA_ISSUER"),
    ("captive portal", state(discovery_status=302), "issuer", "returns status 302", "try again"),
    ("clock ahead", state(skew=-600), "clock", " s ahead of the issuer", "NTP"),
    ("clock behind", state(skew=600), "clock", " s behind the issuer", "NTP"),
    ("no usable key", state(keys={"keys": [{"kid": "a", "kty": "EC"}]}), "keys", "no usable key", "check OKTA_ISSUER"),
    ("wrong key address", setting("OKTA_JWKS_URI", "http://127.0.0.1:9/keys"), "keys", "127.0.0.1:9", "check OKTA_JWKS_URI"),
    ("proxy", dead_proxy, "issuer", "is unreachable", "check HTTPS_PROXY"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "spoil", "check", "finding", "remedy"), BROKEN, ids=[row[0] for row in BROKEN]
)
def test_first_red_line_names_the_fault(
    broken: Issuer,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    spoil: Spoil,
    check: str,
    finding: str,
    remedy: str,
) -> None:
    """The first red line names the fault of each set-up and says what to do."""
    set_up(monkeypatch, broken.url)
    spoil(broken, monkeypatch)
    first = next(result for result in diagnose() if result.colour == "red")
    assert first.check == check, name
    assert finding in first.finding + first.remedy
    assert remedy in first.remedy
    assert "secret" not in str(first)


def test_what_may_not_be_intended_is_amber(broken: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelled variable, a clock a little off and a CA bundle that nothing reads are warnings."""
    set_up(monkeypatch, broken.url, OKTA_AUDIENCES="x", REQUESTS_CA_BUNDLE="/ca.pem")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    broken.skew = 20
    amber = {result.check: result for result in diagnose() if result.colour == "amber"}
    assert "OKTA_AUDIENCES is set and nothing reads it" in amber["settings"].finding
    assert "OKTA_AUDIENCE" in amber["settings"].remedy
    assert amber["certificates"].remedy == "set SSL_CERT_FILE"
    assert " s behind the issuer" in amber["clock"].finding


def test_untrusted_certificate_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Behind a company's TLS proxy, the remedy is SSL_CERT_FILE."""
    server, context = KeySetServer(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with server.running() as address:
        set_up(monkeypatch, f"https://{address}/oauth2/default")
        first = next(result for result in diagnose() if result.colour == "red")
    assert "CERTIFICATE_VERIFY_FAILED" in first.finding
    assert "set SSL_CERT_FILE" in first.remedy


def test_each_issuer_is_checked(broken: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Discovery, clock and keys are checked per issuer."""
    set_up(monkeypatch, f"{broken.url},http://127.0.0.1:9/oauth2/aus1")
    parts = {"issuer", "clock", "keys"}
    checked = [(result.check, result.colour) for result in diagnose() if result.check in parts]
    assert checked == [
        ("issuer", "green"), ("clock", "green"), ("keys", "green"), ("issuer", "red"), ("keys", "red"),
    ]  # fmt: skip


def test_response_that_tells_nothing_is_amber(broken: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the issuer's endpoints return neither yes nor no, the doctor says that it cannot tell."""
    set_up(monkeypatch, broken.url)
    unclear = [result for result in diagnose() if result.check == "client"]
    assert {(result.colour, result.section) for result in unclear} == {("amber", "2. Create the application")}
    assert unclear[0].finding == f"cannot tell: {broken.url}/v1/token returns status 503"


def test_response_that_no_page_can_read_is_red(broken: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token endpoint without CORS lets no page sign in, even if it names no reason."""
    set_up(monkeypatch, broken.url)
    broken.token_status = 400
    app, docs = (result for result in diagnose() if result.check == "client")
    assert (app.colour, docs.colour) == ("red", "amber")
    assert "does not let http://localhost:3000 get tokens" in app.finding


def test_plain_http_origin_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser cannot sign in on such a page: it is no secure context."""
    set_up(monkeypatch, REAL, CORS_ORIGINS="http://app.example.com")
    settings = Settings.load()
    [line] = [it for it in check_settings(settings, app_for(settings)) if it.colour == "red"]
    assert (line.check, "plain http" in line.finding) == ("CORS origins", True)
    assert "https://app.example.com" in line.remedy


def test_local_values_with_an_org_are_amber(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the issuer of an org, an origin and a resource URL of this machine are warnings."""
    set_up(monkeypatch, REAL, HTTPS_PROXY="http://proxy.example.com:3128")
    app = app_for(Settings.load())
    amber = {result.check for result in check_settings(Settings.load(), app) if result.colour == "amber"}
    assert amber == {"CORS origins", "resource URL", "proxy"}
