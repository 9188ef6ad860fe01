"""The doctor names the fault of a set-up, and the remedy."""

from collections.abc import Callable

import pytest

from backend.doctor.environment import check_environment
from backend.settings import Settings
from tests.commands.doctor.conftest import REAL, diagnose, set_up
from tests.support.broken_issuer import Issuer

Spoil = Callable[[Issuer, pytest.MonkeyPatch], None]


def stop(_: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens there."""
    monkeypatch.setenv("OKTA_ISSUER", "http://127.0.0.1:9/oauth2/default")


def proxy_in_between(_: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that knows nothing of this machine."""
    monkeypatch.setenv("HTTP_PROXY", "http://user:secret@127.0.0.1:9")


def setting(name: str, value: str) -> Spoil:
    """One setting is wrong."""
    return lambda _, monkeypatch: monkeypatch.setenv(name, value)


def state(**changes: object) -> Spoil:
    """The issuer is wrong."""

    def spoil(state: Issuer, _: pytest.MonkeyPatch) -> None:
        for name, value in changes.items():
            setattr(state, name, value)

    return spoil


BROKEN: list[tuple[str, Spoil, str, str, str]] = [
    ("no issuer", setting("OKTA_ISSUER", ""), "settings", "OKTA_ISSUER: missing", "put the issuer URI"),
    ("admin domain", setting("OKTA_ISSUER", "https://dev-1-admin.okta.com"), "settings", "admin console", REAL),
    ("org server", setting("OKTA_ISSUER", "https://dev-1.okta.com"), "settings", "org authorization", REAL),
    ("origin with a path", setting("CORS_ORIGINS", "http://localhost:3000/"), "settings", "no path", "http://localhost:3000"),
    ("plain http origin", setting("CORS_ORIGINS", "http://app.example.com"), "CORS origins", "plain http", "https://app.example.com"),
    ("issuer down", stop, "issuer", "cannot be reached", "make run"),
    ("wrong server id", state(discovery_status=404), "issuer", "no authorization server", "Issuer URI in Okta"),
    ("custom domain", state(named="https://login.example.com/oauth2/default"), "issuer", "https://login.example.com", "into OKTA_ISSUER"),
    ("captive portal", state(discovery_status=302), "issuer", "answers 302", "try again"),
    ("clock ahead", state(skew=-600), "clock", " s ahead of the issuer", "NTP"),
    ("clock behind", state(skew=600), "clock", " s behind the issuer", "NTP"),
    ("no usable key", state(keys={"keys": [{"kid": "a", "kty": "EC"}]}), "keys", "no usable key", "check OKTA_ISSUER"),
    ("wrong key address", setting("OKTA_JWKS_URI", "http://127.0.0.1:9/keys"), "keys", "127.0.0.1:9", "check OKTA_JWKS_URI"),
    ("proxy", proxy_in_between, "proxy", "between here and a local issuer", "NO_PROXY"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "spoil", "check", "finding", "remedy"), BROKEN, ids=[row[0] for row in BROKEN]
)
def test_broken_set_ups(
    broken: Issuer,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    spoil: Spoil,
    check: str,
    finding: str,
    remedy: str,
) -> None:
    """In each broken set-up the first red line names the fault and says what to do."""
    set_up(monkeypatch, broken.url)
    spoil(broken, monkeypatch)
    first = next(result for result in diagnose() if result.colour == "red")
    assert first.check == check, name
    assert finding in first.finding + first.remedy
    assert remedy in first.remedy
    assert "secret" not in str(first)


def test_amber(broken: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What works and may not be meant is amber: a misspelt variable, a clock a little off."""
    set_up(monkeypatch, broken.url, OKTA_AUDIENCES="x")
    broken.skew = 20
    amber = {result.check: result for result in diagnose() if result.colour == "amber"}
    assert "OKTA_AUDIENCES is set and nothing reads it" in amber["settings"].finding
    assert "OKTA_AUDIENCE" in amber["settings"].remedy
    assert " s behind the issuer" in amber["clock"].finding


def test_misspelt_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that nearly has a setting's name is pointed out, and one of another program is not."""
    set_up(monkeypatch, REAL, LOG_LEVLE="DEBUG", METRIC_ADDRESS="x", UVICORN_LOG_LEVEL="debug", LOGNAME="ada")
    unread = [result for result in check_environment(Settings.load()) if "nothing reads it" in result.finding]
    assert [(result.colour, result.finding.split()[0], result.remedy) for result in unread] == [
        ("amber", "LOG_LEVLE", "did you mean LOG_LEVEL?"),
        ("amber", "METRIC_ADDRESS", "did you mean METRICS_ADDRESS?"),
    ]


def test_local_leftovers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside a real issuer, an origin and a resource URL of this machine are amber."""
    set_up(monkeypatch, REAL, HTTPS_PROXY="http://proxy.example.com:3128")
    amber = {result.check for result in check_environment(Settings.load()) if result.colour == "amber"}
    assert amber == {"CORS origins", "resource URL", "proxy"}
