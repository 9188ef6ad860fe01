"""The doctor names the right fault and the right remedy."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from anyio import run

from backend.__main__ import main
from backend.doctor import examine
from backend.doctor.environment import check_environment
from backend.doctor.result import Result
from backend.settings import Settings
from local_okta.keys import SigningKey
from local_okta.pytest_plugin import OktaToken, person_claims
from local_okta.state import LocalOkta
from tests.broken_issuer import Issuer, issuer

REAL = "https://dev-1.okta.com/oauth2/default"
Spoil = Callable[[Issuer, pytest.MonkeyPatch], None]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours, no proxy, and a folder without `.env`."""
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
    for name in (*(field.upper() for field in Settings.model_fields), *proxies):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def broken() -> Iterator[Issuer]:
    """An issuer that is well until a test spoils it."""
    with issuer() as state:
        yield state


def diagnose(token: str | None = None) -> list[Result]:
    """What the doctor finds."""
    return run(examine, token)


def set_up(monkeypatch: pytest.MonkeyPatch, url: str, **variables: str) -> None:
    """An environment for the issuer at `url`."""
    for name, value in {"OKTA_ISSUER": url, "OKTA_CLIENT_ID": "0oalocalspa", **variables}.items():
        monkeypatch.setenv(name, value)


def test_all_is_well(okta: LocalOkta, okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a right set-up and a good token everything is green."""
    set_up(monkeypatch, okta.issuer)
    results = diagnose(okta_token())
    assert {result.colour for result in results} == {"green"}
    assert results[-1].finding.startswith(
        "accepted: ada@example.com by 0oalocalspa, scopes openid profile email"
    )


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


@pytest.mark.parametrize(
    ("claims", "check", "finding", "remedy"),
    [
        (
            {"iss": "https://dev-1.okta.com"},
            "issuer",
            "iss is 'https://dev-1.okta.com'",
            "custom authorization server",
        ),
        ({"iss": REAL}, "issuer", f"iss is '{REAL}'", "OKTA_ISSUER is http://localhost"),
        ({"aud": "api://other"}, "audience", "aud is 'api://other'", "OKTA_AUDIENCE is api://default"),
        ({"cid": "0oaother"}, "client", "cid is '0oaother'", "OKTA_CLIENT_ID"),
        ({"cid": None}, "client", "there is no cid", "OKTA_CLIENT_ID"),
        ({"exp": 1_700_000_000}, "times", "token has expired", "get a new one"),
        ({"nbf": 4_000_000_000}, "times", "token is not valid yet", "NTP"),
        ({"sub": 7}, "subject", "subject is missing", "where is this one from"),
        ({"cnf": {"jkt": "x"}}, "bearer", "bound to a key", "DPoP"),
        ({"headers": {"kid": "other"}}, "key", "signing key is not known", "OKTA_JWKS_URI"),
        ({"headers": {"alg": "HS256"}}, "header", "algorithm is not RS256", "where is this one from"),
        ({"pad": "x" * 20_000}, "form", "token is too large", "16 KiB"),
    ],
    ids=str,
)
def test_tokens(
    okta: LocalOkta,
    okta_token: OktaToken,
    monkeypatch: pytest.MonkeyPatch,
    claims: dict[str, object],
    check: str,
    finding: str,
    remedy: str,
) -> None:
    """Of a token that fails the doctor tells the check, what the token says, and what to change."""
    set_up(monkeypatch, okta.issuer)
    token = okta_token(**claims)  # type: ignore[arg-type] # headers is one of them
    results = diagnose(token)
    passed = [result for result in results if result.check.startswith("token ") and result.colour == "green"]
    assert results[-1].check == f"token {check}"
    assert finding in results[-1].finding
    assert remedy in results[-1].remedy
    assert len(passed) == [
        "form",
        "header",
        "issuer",
        "audience",
        "client",
        "subject",
        "bearer",
        "times",
        "key",
    ].index(check)
    assert not any(part in str(results) for part in token.split("."))


def test_forged_and_garbled(okta: LocalOkta, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forged token, one in quotes, and nothing at all are told apart."""
    set_up(monkeypatch, okta.issuer)
    forged = SigningKey().sign(person_claims(okta.issuer), {"kid": okta.keys.published[0].kid})
    assert diagnose(forged)[-1].check == "token signature"
    assert diagnose(f'"{forged}"')[-1].check == "token form"
    assert diagnose("two words")[-1].check == "token form"
    assert diagnose("")[-1].check == "token form"


def test_amber(broken: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What works and may not be meant is amber: a misspelt variable, a clock a little off."""
    set_up(monkeypatch, broken.url, OKTA_AUDIENCES="x")
    broken.skew = 20
    amber = {result.check: result for result in diagnose() if result.colour == "amber"}
    assert "OKTA_AUDIENCES is set and nothing reads it" in amber["settings"].finding
    assert "OKTA_AUDIENCE" in amber["settings"].remedy
    assert " s behind the issuer" in amber["clock"].finding


def test_local_leftovers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside a real issuer, an origin and a resource URL of this machine are amber."""
    set_up(monkeypatch, REAL, HTTPS_PROXY="http://proxy.example.com:3128")
    amber = {result.check for result in check_environment(Settings.load()) if result.colour == "amber"}
    assert amber == {"CORS origins", "resource URL", "proxy"}


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str, stdin: str = "") -> int:
    """Run the command line."""
    monkeypatch.setattr(sys, "argv", ["backend", "doctor", *arguments])
    monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
    return main()


def test_table_and_status(
    okta: LocalOkta,
    okta_token: OktaToken,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The table has a line for each result, and the exit status tells whether anything is red."""
    set_up(monkeypatch, okta.issuer)
    assert command(monkeypatch, "--token", "-", stdin=okta_token() + "\n") == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("green") for line in lines)
    assert command(monkeypatch, "--token", "-", stdin=okta_token(exp=1)) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("red    token times")
    assert " -> get a new one" in last


def test_json(okta: LocalOkta, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """--json is one document for machines."""
    set_up(monkeypatch, okta.issuer, OKTA_LEEWAY="x")
    assert command(monkeypatch, "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is False
    assert document["results"] == [
        {
            "colour": "red",
            "check": "settings",
            "finding": "OKTA_LEEWAY: must be whole seconds from 0 to 300",
            "remedy": "60 suits most",
        }
    ]


def test_it_agrees_with_the_service(
    okta: LocalOkta, okta_token: OktaToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The doctor's verdict on a token is the service's, since it is the service's verifier that gives it."""
    set_up(monkeypatch, okta.issuer, OKTA_CLIENT_ID="0oalocalservice")
    assert diagnose(okta_token())[-1].check == "token client"
    assert diagnose(okta_token(cid="0oalocalservice"))[-1].finding.startswith("accepted")
