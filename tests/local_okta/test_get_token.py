"""The command `python -m local_okta.get_token`."""

import subprocess

import pytest
from fastapi import FastAPI
from starlette.responses import RedirectResponse

from local_okta.serving import bind, serving
from local_okta.state import LocalOkta
from tests.local_okta.browser import decoded
from tests.local_okta.commands import assert_one_line_error, free_port, run


def token(okta: LocalOkta, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the token command against a local Okta."""
    return run("local_okta.get_token", "--issuer", okta.issuer, *arguments)


def test_token_of_ada_by_default(okta: LocalOkta) -> None:
    """The command prints Ada's token alone on standard output."""
    result = token(okta)
    assert (result.returncode, result.stderr) == (0, "")
    claims = decoded(result.stdout.removesuffix("\n"))[1]
    assert (claims["sub"], claims["scp"]) == ("ada@example.com", ["openid", "profile", "email"])
    assert okta.keys.verify(result.stdout.strip()) == claims


def test_token_of_another_person_and_scope(okta: LocalOkta) -> None:
    """The command takes a person and scopes."""
    claims = decoded(token(okta, "--user", "grace@example.com", "--scope", "reports:read").stdout.strip())[1]
    assert (claims["sub"], claims["scp"]) == ("grace@example.com", ["reports:read"])


def test_token_of_the_service_client(okta: LocalOkta) -> None:
    """The command gets the service client's own token."""
    claims = decoded(token(okta, "--client", "service").stdout.strip())[1]
    assert (claims["sub"], claims["scp"]) == ("0oalocalservice", ["reports:read"])


def test_issuer_from_the_environment(okta: LocalOkta) -> None:
    """A local OKTA_ISSUER is where the token comes from."""
    result = run("local_okta.get_token", issuer=okta.issuer)
    assert decoded(result.stdout.strip())[1]["iss"] == okta.issuer


def test_issuer_of_a_real_org_is_not_asked() -> None:
    """An OKTA_ISSUER elsewhere is not used: the default is the local one."""
    result = run("local_okta.get_token", "--help", issuer="https://dev-1.okta.com/oauth2/default")
    assert "http://localhost:9000/oauth2/default" in result.stdout
    assert "dev-1.okta.com" not in result.stdout


def test_token_without_a_server() -> None:
    """Without a local Okta the command says in one line how to start it."""
    issuer = f"http://localhost:{free_port()}/oauth2/default"
    result = run("local_okta.get_token", "--issuer", issuer)
    assert_one_line_error(result, f"no local Okta at {issuer}: start it with make run")


def test_token_of_an_unknown_person(okta: LocalOkta) -> None:
    """An unknown person is a one-line error that names those there are."""
    result = token(okta, "--user", "eve@example.com")
    assert_one_line_error(result, "eve@example.com", "ada@example.com", "grace@example.com")


@pytest.mark.parametrize("client", ["spa", "service"])
def test_token_with_an_unknown_scope(okta: LocalOkta, client: str) -> None:
    """A refused scope is a one-line error with the server's own words."""
    assert_one_line_error(token(okta, "--client", client, "--scope", "nonsense"), "invalid_scope")


def test_token_during_an_outage(okta: LocalOkta) -> None:
    """An outage is a one-line error."""
    okta.switches.start_outage(None)
    assert_one_line_error(token(okta), "503")


def test_token_from_something_else(okta: LocalOkta) -> None:
    """A server that is no local Okta is a one-line error."""
    other = okta.issuer.replace("/oauth2/default", "/oauth2/other")
    assert_one_line_error(run("local_okta.get_token", "--issuer", other), "404")


def test_token_with_another_state() -> None:
    """An answer that does not carry the state back is a one-line error."""
    app = FastAPI()
    app.add_api_route("/x/v1/authorize", lambda: "no form")
    app.add_api_route("/x/signin", lambda: RedirectResponse("/?code=a&state=b", 302), methods=["POST"])
    with bind("127.0.0.1", 0) as taken, serving(app, taken):
        result = run("local_okta.get_token", "--issuer", f"http://127.0.0.1:{taken.getsockname()[1]}/x")
    assert_one_line_error(result, "not that of a local Okta")
