"""The command `local-okta token`."""

import json
import subprocess

import pytest
from fastapi import FastAPI
from local_okta.dpop import ath_of, thumbprint
from local_okta.serving import bind, serving
from local_okta.state import LocalOkta
from local_okta_browser import decoded
from local_okta_commands import assert_one_line_error, free_port, run
from starlette.responses import RedirectResponse


def token(okta: LocalOkta, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command against a local Okta."""
    return run("token", "--issuer", okta.issuer, *arguments)


def test_ada_signs_in_by_default(local_okta: LocalOkta) -> None:
    """The command prints only Ada's token on standard output."""
    result = token(local_okta)
    assert (result.returncode, result.stderr) == (0, "")
    claims = decoded(result.stdout.removesuffix("\n"))[1]
    assert (claims["sub"], claims["scp"]) == ("ada@example.com", ["openid", "profile", "email"])
    assert local_okta.keys.verify(result.stdout.strip()) == claims


def test_user_and_scope_options(local_okta: LocalOkta) -> None:
    """The command accepts a person and scopes."""
    claims = decoded(
        token(local_okta, "--user", "grace@example.com", "--scope", "reports:read").stdout.strip()
    )[1]
    assert (claims["sub"], claims["scp"]) == ("grace@example.com", ["reports:read"])


def test_service_client_gets_its_token(local_okta: LocalOkta) -> None:
    """With --client service the command prints the service client's token."""
    claims = decoded(token(local_okta, "--client", "service").stdout.strip())[1]
    assert (claims["sub"], claims["scp"]) == ("0oalocalservice", ["reports:read"])


def test_issuer_from_the_environment(local_okta: LocalOkta) -> None:
    """The command uses an OKTA_ISSUER on loopback."""
    result = run("token", issuer=local_okta.issuer)
    assert decoded(result.stdout.strip())[1]["iss"] == local_okta.issuer


def test_issuer_of_a_real_org_is_ignored() -> None:
    """The command ignores an OKTA_ISSUER that is not on loopback."""
    result = run("token", "--help", issuer="https://dev-1.okta.com/oauth2/default")
    assert "http://localhost:9000/oauth2/default" in result.stdout
    assert "dev-1.okta.com" not in result.stdout


def test_missing_server_is_a_one_line_error() -> None:
    """Without a local Okta the error says how to start it."""
    issuer = f"http://localhost:{free_port()}/oauth2/default"
    result = run("token", "--issuer", issuer)
    assert_one_line_error(result, f"no local Okta at {issuer}: start it with make run, without OKTA_ISSUER")


def test_unknown_person_is_a_one_line_error(local_okta: LocalOkta) -> None:
    """The error for an unknown person names the known ones."""
    result = token(local_okta, "--user", "eve@example.com")
    assert_one_line_error(result, "eve@example.com", "ada@example.com", "grace@example.com")


@pytest.mark.parametrize("client", ["spa", "service"])
def test_unknown_scope_is_a_one_line_error(local_okta: LocalOkta, client: str) -> None:
    """The error for a refused scope has the server's error code."""
    assert_one_line_error(token(local_okta, "--client", client, "--scope", "nonsense"), "invalid_scope")


def test_outage_is_a_one_line_error(local_okta: LocalOkta) -> None:
    """The error during an outage names the status."""
    local_okta.switches.start_outage(None)
    assert_one_line_error(token(local_okta), "503")


def test_other_server_is_a_one_line_error(local_okta: LocalOkta) -> None:
    """The error for another server names the status."""
    other = local_okta.issuer.replace("/oauth2/default", "/oauth2/other")
    assert_one_line_error(run("token", "--issuer", other), "404")


def test_wrong_state_is_a_one_line_error() -> None:
    """A response without the state is refused."""
    app = FastAPI()
    app.add_api_route("/x/v1/authorize", lambda: "no form")
    app.add_api_route("/x/signin", lambda: RedirectResponse("/?code=a&state=b", 302), methods=["POST"])
    with bind("127.0.0.1", 0) as listener, serving(app, listener):
        result = run("token", "--issuer", f"http://127.0.0.1:{listener.getsockname()[1]}/x")
    assert_one_line_error(result, "not that of a local Okta")


def test_acr_option_signs_in_with_a_second_factor(local_okta: LocalOkta) -> None:
    """With --acr the token carries the requested acr."""
    claims = decoded(token(local_okta, "--acr", "urn:okta:loa:2fa:any").stdout.strip())[1]
    assert claims["acr"] == "urn:okta:loa:2fa:any"


def test_unmet_acr_is_a_one_line_error(local_okta: LocalOkta) -> None:
    """An acr that nobody can reach is the server's error."""
    assert_one_line_error(token(local_okta, "--acr", "phr"), "unmet_authentication_requirements")


@pytest.mark.parametrize("client", ["spa", "service"])
def test_dpop_option_prints_a_call(local_okta: LocalOkta, client: str) -> None:
    """With --dpop the command prints a bound token, a proof for the URL, and a curl command."""
    url = "http://localhost:8000/reports/1/approve"
    result = token(local_okta, "--client", client, "--dpop", "--method", "POST", "--url", url)
    first, second, command = result.stdout.splitlines()
    access_token, proof = first.removeprefix("TOKEN="), second.removeprefix("PROOF=")
    header, claims = decoded(proof)
    assert decoded(access_token)[1]["cnf"] == {"jkt": thumbprint(header["jwk"])}
    assert (claims["htm"], claims["htu"], claims["ath"]) == ("POST", url, ath_of(access_token))
    assert command == f'curl -s -X POST -H "Authorization: DPoP $TOKEN" -H "DPoP: $PROOF" \'{url}\''


def test_dpop_call_goes_to_the_port_of_the_api(
    local_okta: LocalOkta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """API_PORT is the variable that `make run` reads."""
    monkeypatch.setenv("API_PORT", "8300")
    assert "'http://localhost:8300/me'" in token(local_okta, "--dpop").stdout


def test_dpop_call_works_in_a_shell(local_okta: LocalOkta) -> None:
    """The printed lines run in a shell, as `eval` runs them, and curl sends both headers."""
    result = token(local_okta, "--dpop", "--url", f"{local_okta.issuer}/v1/userinfo")
    done = subprocess.run(["sh", "-c", result.stdout], capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["sub"] == "00ulocalada"


@pytest.mark.parametrize(
    "option",
    [("--url", "http://localhost/'; rm x"), ("--url", "ftp://localhost/"), ("--method", "get it")],
    ids=str,
)
def test_invalid_dpop_options_are_usage_errors(option: tuple[str, str]) -> None:
    """A URL or method that is not plain is a usage error: it would end up in a shell."""
    result = run("token", "--dpop", *option)
    assert (result.returncode, result.stdout) == (2, "")
    assert f"argument {option[0]}: must be" in result.stderr
