"""With one step of the page "Connect your Okta org" undone, the doctor names its section, and no other."""

import pytest
from fastapi_okta_auth.doctor.__main__ import main
from fastapi_okta_auth.doctor.report import Section
from local_okta.config import REPORTS_SCOPES, SERVICE_CLIENT_ID, SPA_CLIENT_ID
from local_okta.testing import Config, OktaToken, running
from okta_support.diagnosis import diagnose, set_up

APP, DOCS = "http://localhost:3000", "http://localhost:8000"
APP_URI, DOCS_URI = f"{APP}/login/callback", f"{DOCS}/docs/oauth2-redirect"
SERVER, APPLICATION, ORIGIN = Section.SERVER, Section.APPLICATION, Section.ORIGIN
SCOPES, START, TOKEN = Section.SCOPES, Section.START, Section.TOKEN

Line = tuple[str, str, Section, str]
NO_CLIENT: list[Line] = [
    ("red", "client", APPLICATION, f"{APP} cannot use"),
    ("amber", "client", APPLICATION, f"{DOCS} cannot use"),
]
# What is undone; the configuration of Okta, the variables and the claims of the token that show it.
UNDONE: list[tuple[str, dict[str, object], dict[str, str], dict[str, object], list[Line]]] = [
    ("nothing", {}, {}, {}, []),
    ("server", {}, {"OKTA_ISSUER": "{issuer}x"}, {}, [
        ("red", "issuer", SERVER, "there is no authorization server"),
        ("red", "keys", SERVER, "/v1/keys"),
        ("red", "token issuer", SERVER, "iss is"),
    ]),
    ("org server", {}, {"OKTA_ISSUER": "http://localhost:9000"}, {}, [("red", "settings", SERVER, "org authorization server")]),
    ("audience", {}, {"OKTA_AUDIENCE": "api://other"}, {}, [("red", "token audience", SERVER, "api://default")]),
    ("application", {}, {"OKTA_CLIENT_ID": "0oaother"}, {"cid": "0oaother"}, NO_CLIENT),
    ("client id", {}, {"OKTA_CLIENT_ID": "0oalocal spa"}, {}, [("red", "settings", APPLICATION, "OKTA_CLIENT_ID")]),
    ("single-page application", {"client_changes": {SPA_CLIENT_ID: {"secret": "hidden"}}}, {}, {}, NO_CLIENT),
    ("redirect URI of the app", {"redirect_uris": (DOCS_URI,)}, {}, {}, [
        ("red", "client", APPLICATION, f"let {APP} get tokens"),
    ]),
    ("path of the redirect URI", {"redirect_uris": (f"{APP}/callback", DOCS_URI)}, {}, {}, [
        ("amber", "redirect URI", APPLICATION, APP_URI),
    ]),
    ("redirect URI of /docs", {"redirect_uris": (APP_URI,)}, {}, {}, [
        ("amber", "client", APPLICATION, f"let {DOCS} get tokens"),
    ]),
    ("first client", {}, {"OKTA_CLIENT_ID": f"{SERVICE_CLIENT_ID},{SPA_CLIENT_ID}"}, {}, NO_CLIENT[1:]),
    ("trusted origins", {"cors_origins": ()}, {}, {}, [
        ("amber", "trusted origin", ORIGIN, APP),
        ("amber", "trusted origin", ORIGIN, DOCS),
    ]),
    ("trusted origin of the app", {"cors_origins": (DOCS,)}, {}, {}, [("amber", "trusted origin", ORIGIN, APP)]),
    ("scope", {"custom_scopes": REPORTS_SCOPES[:2]}, {}, {}, [
        ("amber", "scopes", SCOPES, "POST /reports/{number}/approve requires reports:approve"),
    ]),
    ("groups", {}, {}, {"groups": None}, [("amber", "claims", SCOPES, "GET /admin requires the claim groups")]),
    ("token", {}, {}, {"aud": SPA_CLIENT_ID, "cid": None, "scp": None}, [("red", "token", TOKEN, "this is an ID token")]),
    ("setting", {}, {"OKTA_LEEWAY": "x"}, {}, [("red", "settings", START, "OKTA_LEEWAY")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("undone", "config", "variables", "claims", "expected"), UNDONE, ids=[row[0] for row in UNDONE]
)
def test_undone_step_is_named(
    monkeypatch: pytest.MonkeyPatch,
    undone: str,
    config: dict[str, object],
    variables: dict[str, str],
    claims: dict[str, object],
    expected: list[Line],
) -> None:
    """Everything else is green."""
    with running(Config(**config)) as okta:  # type: ignore[arg-type] # each row has the right types
        set_up(monkeypatch, okta.issuer)
        for name, value in variables.items():
            monkeypatch.setenv(name, value.format(issuer=okta.issuer))
        results = diagnose(OktaToken(okta)(**claims))  # type: ignore[arg-type] # they are claims
    lines = [result for result in results if result.colour != "green"]
    assert [(line.colour, line.check, line.section) for line in lines] == [line[:3] for line in expected]
    for line, (*_, finding) in zip(lines, expected, strict=True):
        assert finding in line.finding, undone
        assert line.remedy


def test_steps_that_only_a_token_shows_are_amber_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether there are an access policy and the claims shows in a token alone."""
    with running() as okta:
        set_up(monkeypatch, okta.issuer)
        results = diagnose()
    assert [(it.colour, it.check, it.section) for it in results if it.colour != "green"] == [
        ("amber", "access policy", Section.POLICY), ("amber", "claims", SCOPES), ("amber", "token", TOKEN),
    ]  # fmt: skip


def test_done_steps_are_green_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step that Okta shows has a line that says what was found."""
    with running() as okta:
        set_up(monkeypatch, okta.issuer)
        found = {result.check: result.finding for result in diagnose(OktaToken(okta)())}
        org = okta.org
    assert found["client"] == f"{DOCS} may get tokens for {SPA_CLIENT_ID}"
    assert found["redirect URI"] == f"{SPA_CLIENT_ID} has {DOCS_URI}"
    assert found["trusted origin"] == f"{org} trusts {DOCS}"
    assert found["scopes"] == "the issuer lists those of the routes: reports:approve, reports:read"
    assert found["access policy"].endswith(f"issues tokens to {SPA_CLIENT_ID} for 60 min")
    assert found["claims"] == "the token has those of the routes: groups"


def test_service_needs_no_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """The token of a service has no claims about a user, and that is no fault."""
    with running() as okta:
        set_up(monkeypatch, okta.issuer, OKTA_CLIENT_ID=f"{SPA_CLIENT_ID},{SERVICE_CLIENT_ID}")
        results = diagnose(OktaToken(okta)(person=None))
    assert {result.colour for result in results} == {"green"}
    assert "claims" not in {result.check for result in results}


def test_section_ends_the_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A person reads which section of which page explains the step."""
    set_up(monkeypatch, "http://localhost:9000")
    assert main([]) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert line.endswith('; see "1. Choose an authorization server" in Connect your Okta org')
