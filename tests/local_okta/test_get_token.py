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
    """Run the command against a local Okta."""
    return run("local_okta.get_token", "--issuer", okta.issuer, *arguments)


def test_ada_signs_in_by_default(okta: LocalOkta) -> None:
    """The command prints only Ada's token on standard output."""
    result = token(okta)
    assert (result.returncode, result.stderr) == (0, "")
    claims = decoded(result.stdout.removesuffix("\n"))[1]
    assert (claims["sub"], claims["scp"]) == ("ada@example.com", ["openid", "profile", "email"])
    assert okta.keys.verify(result.stdout.strip()) == claims


def test_user_and_scope_options(okta: LocalOkta) -> None:
    """The command accepts a person and scopes."""
    claims = decoded(token(okta, "--user", "grace@example.com", "--scope", "reports:read").stdout.strip())[1]
    assert (claims["sub"], claims["scp"]) == ("grace@example.com", ["reports:read"])


def test_service_client_gets_its_token(okta: LocalOkta) -> None:
    """With --client service the command prints the service client's token."""
    claims = decoded(token(okta, "--client", "service").stdout.strip())[1]
    assert (claims["sub"], claims["scp"]) == ("0oalocalservice", ["reports:read"])


def test_issuer_from_the_environment(okta: LocalOkta) -> None:
    """The command uses an OKTA_ISSUER on loopback."""
    result = run("local_okta.get_token", issuer=okta.issuer)
    assert decoded(result.stdout.strip())[1]["iss"] == okta.issuer


def test_issuer_of_a_real_org_is_ignored() -> None:
    """The command ignores an OKTA_ISSUER that is not on loopback."""
    result = run("local_okta.get_token", "--help", issuer="https://dev-1.okta.com/oauth2/default")
    assert "http://localhost:9000/oauth2/default" in result.stdout
    assert "dev-1.okta.com" not in result.stdout


def test_missing_server_is_a_one_line_error() -> None:
    """Without a local Okta the error says how to start it."""
    issuer = f"http://localhost:{free_port()}/oauth2/default"
    result = run("local_okta.get_token", "--issuer", issuer)
    assert_one_line_error(result, f"no local Okta at {issuer}: start it with make run")


def test_unknown_person_is_a_one_line_error(okta: LocalOkta) -> None:
    """The error for an unknown person names the known ones."""
    result = token(okta, "--user", "eve@example.com")
    assert_one_line_error(result, "eve@example.com", "ada@example.com", "grace@example.com")


@pytest.mark.parametrize("client", ["spa", "service"])
def test_unknown_scope_is_a_one_line_error(okta: LocalOkta, client: str) -> None:
    """The error for a refused scope has the server's error code."""
    assert_one_line_error(token(okta, "--client", client, "--scope", "nonsense"), "invalid_scope")


def test_outage_is_a_one_line_error(okta: LocalOkta) -> None:
    """The error during an outage names the status."""
    okta.switches.start_outage(None)
    assert_one_line_error(token(okta), "503")


def test_other_server_is_a_one_line_error(okta: LocalOkta) -> None:
    """The error for another server names the status."""
    other = okta.issuer.replace("/oauth2/default", "/oauth2/other")
    assert_one_line_error(run("local_okta.get_token", "--issuer", other), "404")


def test_wrong_state_is_a_one_line_error() -> None:
    """A response without the state is refused."""
    app = FastAPI()
    app.add_api_route("/x/v1/authorize", lambda: "no form")
    app.add_api_route("/x/signin", lambda: RedirectResponse("/?code=a&state=b", 302), methods=["POST"])
    with bind("127.0.0.1", 0) as listener, serving(app, listener):
        result = run("local_okta.get_token", "--issuer", f"http://127.0.0.1:{listener.getsockname()[1]}/x")
    assert_one_line_error(result, "not that of a local Okta")
