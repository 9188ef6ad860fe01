"""`docker compose up`, called through the published ports."""

import asyncio
import json
import os
import re

import httpx
import pytest
from local_okta.token_command import get_token_for_person

from tests.smoke.compose import API, APP, ISSUER, compose, run
from tests.support.balancer import Balancer

pytestmark = pytest.mark.usefixtures("stack")

ORG = {
    "OKTA_ISSUER": "https://dev-123456.okta.com/oauth2/default",
    "OKTA_CLIENT_ID": "0oareal,0oaother",
    "CORS_ORIGINS": APP,
}


def test_stack_gets_healthy(stack: float) -> None:
    """Everything is healthy in less than 90 seconds."""
    assert stack < 90


def test_token_opens_the_api(headers: dict[str, str]) -> None:
    """Ada's token opens the API."""
    assert httpx.get(f"{API}/hello/Ada", headers=headers).json() == {"message": "Hello, Ada"}
    assert httpx.get(f"{API}/me", headers=headers).json()["subject"] == "ada@example.com"
    assert httpx.get(f"{API}/admin", headers=headers).status_code == 200


def tampered(headers: dict[str, str]) -> str:
    """Ada's token with another signature."""
    head, _, signature = headers["Authorization"].rpartition(".")
    return f"{head}.{signature[::-1]}"


@pytest.mark.parametrize(
    ("authorization", "status", "challenge"),
    [
        pytest.param(None, 401, r'Bearer realm="[^"]+"(?!.*error)', id="none"),
        pytest.param("Basic YTpi", 401, r'Bearer realm="[^"]+"(?!.*error)', id="basic"),
        pytest.param("Bearer", 400, "invalid_request", id="no-token"),
        pytest.param("Bearer not.a.token", 401, "invalid_token", id="malformed"),
        pytest.param("Bearer " + "a" * 20_000, 401, "invalid_token", id="too-long"),
        pytest.param("tampered", 401, "invalid_token", id="tampered"),
    ],
)
def test_invalid_credentials_are_refused(
    headers: dict[str, str], authorization: str | None, status: int, challenge: str
) -> None:
    """Each refusal has its status and challenge."""
    sent = tampered(headers) if authorization == "tampered" else authorization
    for path in ("/hello/Ada", "/not/a/route"):
        response = httpx.get(API + path, headers={"Authorization": sent} if sent else {})
        assert response.status_code == status
        assert re.search(challenge, response.headers["WWW-Authenticate"])


def test_group_is_required() -> None:
    """Grace is not in the group Admins."""
    token = asyncio.run(get_token_for_person(ISSUER, "grace@example.com", "openid"))
    response = httpx.get(f"{API}/admin", headers={"Authorization": f"Bearer {token}"})
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
    assert [check["name"] for check in response.json()["checks"] if check["result"] == "failed"] == ["group"]


def test_only_the_app_passes_the_preflight() -> None:
    """CORS allows the origin of the app and no other."""
    for origin, allowed in ((APP, APP), ("http://evil.example", None)):
        asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        response = httpx.options(f"{API}/hello/Ada", headers=asked)
        assert response.headers.get("Access-Control-Allow-Origin") == allowed


@pytest.mark.parametrize(
    ("path", "status", "kind", "cache"),
    [
        ("/", 200, "text/html", "no-store"),
        ("/profile/deep", 200, "text/html", "no-store"),
        ("/config.js", 200, "application/javascript", "no-store"),
        ("/assets/nothing.js", 404, "text/html", "no-store"),
        ("ASSET", 200, "application/javascript", "public, max-age=31536000, immutable"),
    ],
)
def test_app_is_served_with_lifetimes_and_security_headers(
    path: str, status: int, kind: str, cache: str
) -> None:
    """Files have cache lifetimes and security headers; other paths return the app."""
    if path == "ASSET":
        found = re.search(r'src="(/assets/[^"]+\.js)"', httpx.get(APP).text)
        assert found
        path = found[1]
    response = httpx.get(APP + path)
    assert response.status_code == status
    assert response.headers["Content-Type"].partition(";")[0] == kind
    assert response.headers["Cache-Control"] == cache
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert "connect-src http://localhost:9000 http://localhost:8000 ws://localhost:8000;" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_app_gets_its_settings_at_start() -> None:
    """config.js has the issuer, the client and the URL of the API, and turns the console on."""
    config = httpx.get(f"{APP}/config.js").text
    for value in (ISSUER, '"0oalocalspa"', API, "console: true"):
        assert value in config


def test_console_breaks_the_local_okta_and_undoes_it() -> None:
    """The app's page lists the people and uses the switches, from the machine that runs the containers."""
    okta, page = ISSUER.removesuffix("/oauth2/default"), {"Origin": APP, "Sec-Fetch-Site": "same-site"}
    assert [it["login"] for it in httpx.get(f"{okta}/local/people", headers=page).json()]
    assert httpx.post(f"{okta}/local/skew?seconds=60", headers=page, json={}).json()["skew"] == 60
    assert httpx.post(f"{okta}/local/reset", headers=page, json={}).json()["skew"] == 0


def test_restart_under_load_fails_no_request(headers: dict[str, str]) -> None:
    """No request fails that was sent while the API was ready."""
    with Balancer(API, "/hello/Ada", headers) as balancer:
        balancer.wait_for_requests(200)
        compose("restart", "backend")
        balancer.wait_for_requests(200)
    assert balancer.failures == []


def test_local_okta_container_prints_a_token() -> None:
    """A machine with Docker and without Python gets a token from the container."""
    token = compose("exec", "-T", "local-okta", "local-okta", "token")
    assert httpx.get(f"{API}/me", headers={"Authorization": f"Bearer {token}"}).is_success


def test_api_asks_the_issuer_whether_a_token_is_active() -> None:
    """Introspection works in the API's container: a token approves a report until it is revoked."""
    get_token = ("local-okta", "token", "--scope", "openid reports:read reports:approve")
    token = compose("exec", "-T", "local-okta", *get_token)
    with httpx.Client(base_url=API, headers={"Authorization": f"Bearer {token}"}) as ada:
        found = [
            report for report in ada.get("/reports").json()["reports"] if report["owner"] == "00ulocalgrace"
        ]
        path = next(f"/reports/{report['id']}/approve" for report in found if report["status"] == "submitted")
        assert ada.post(path).json()["status"] == "approved"
        httpx.post(f"{ISSUER}/v1/revoke", data={"token": token, "client_id": "0oalocalspa"})
        assert ada.post(path).json()["code"] == "inactive"


def test_universal_logout_reaches_the_api_at_another_port() -> None:
    """The local Okta calls the API at its public URL, which has the port that the machine publishes."""
    project, ports = "fastapi-okta-smoke-ports", {"API_PORT": "18000", "OKTA_PORT": "19000"}
    okta, api = "http://localhost:19000", "http://localhost:18000"
    try:
        compose("up", "--build", "--detach", "--wait", "backend", project=project, **ports)
        token = asyncio.run(get_token_for_person(f"{okta}/oauth2/default", "ada@example.com", "openid"))
        ada = {"Authorization": f"Bearer {token}"}
        assert httpx.get(f"{api}/me", headers=ada).status_code == 200
        pressed = httpx.post(
            f"{okta}/local/universal-logout?person=ada", headers={"Accept": "application/json"}
        )
        assert pressed.json()["universal_logout"] == "ada@example.com: 204"
        assert httpx.get(f"{api}/me", headers=ada).json()["code"] == "user_revoked"
    finally:
        compose("down", "--volumes", project=project, **ports)


def test_make_down_works_with_an_issuer_and_no_client_id() -> None:
    """Containers can be watched and stopped although the compose file requires OKTA_CLIENT_ID."""
    project = {"COMPOSE_PROJECT_NAME": "fastapi-okta-smoke-none", "OKTA_ISSUER": ORG["OKTA_ISSUER"]}
    stopped = run("make", "down", **project)
    assert stopped.returncode == 0, stopped.stderr


def test_org_is_used_without_the_local_okta() -> None:
    """With an org, `up backend frontend` starts these and the database, and no value of the local Okta is set."""
    project = "fastapi-okta-smoke-org"
    try:
        compose("create", "--build", "backend", "frontend", project=project, **ORG)
        made = compose("ps", "--all", "--services", project=project, **ORG).split()
        assert sorted(made) == ["backend", "frontend", "migrate", "postgres"]
        for service in ("backend", "frontend"):
            environment = compose("run", "--rm", "--no-deps", service, "env", project=project, **ORG)
            assert f"OKTA_ISSUER={ORG['OKTA_ISSUER']}" in environment
            assert f"OKTA_CLIENT_ID={ORG['OKTA_CLIENT_ID']}" in environment
            assert not re.search(r"0oalocal|local-okta|localhost:9000", environment)
    finally:
        compose("down", "--volumes", project=project, **ORG)


@pytest.mark.parametrize("empty", [{}, {"OKTA_CLIENT_ID": ""}], ids=["missing", "empty"])
def test_org_without_a_client_id_does_not_start(empty: dict[str, str]) -> None:
    """Compose prints one line; the local client ids are not used instead."""
    started = run(
        "docker", "compose", "--env-file", os.devnull, "up", OKTA_ISSUER=ORG["OKTA_ISSUER"], **empty
    )
    assert started.returncode != 0
    (line,) = started.stderr.strip().splitlines()
    assert line.endswith("OKTA_ISSUER is set, so put the client id of your application there")
    assert "OKTA_CLIENT_ID is missing a value" in line


def test_copied_example_file_changes_nothing(stack: float) -> None:
    """With a copy of `.env.example`, Compose does what it does without."""
    assert stack
    command = ("docker", "compose", "--env-file")
    plain, copied = (
        run(*command, file, "config", "--format", "json") for file in (os.devnull, ".env.example")
    )
    assert json.loads(copied.stdout) == json.loads(plain.stdout)
