"""What a newcomer gets from `docker compose up`, through the published ports."""

import asyncio
import json
import os
import re

import httpx
import pytest

from local_okta.client import get_token_for_person
from tests.smoke.compose import API, APP, ISSUER, compose, docker, run
from tests.support.balancer import Balancer

pytestmark = pytest.mark.usefixtures("stack")

ORG = {
    "OKTA_ISSUER": "https://dev-123456.okta.com/oauth2/default",
    "OKTA_CLIENT_ID": "0oareal,0oaother",
    "CORS_ORIGINS": APP,
}
# Until the worker has fetched its keys.
SCRAPE = """
import time, urllib.request
page = ""
for attempt in range(100):
    try:
        page = urllib.request.urlopen("http://{host}:9100/metrics", timeout=2).read().decode()
    except OSError:
        pass
    if any(line.startswith("okta_keys_held") and line.endswith(" 1.0") for line in page.splitlines()):
        break
    time.sleep(0.2)
print(page)
"""


def test_healthy_in_time(stack: float) -> None:
    """Everything is healthy in less than 90 seconds."""
    assert stack < 90


def test_hello(headers: dict[str, str]) -> None:
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
        (None, 401, r'Bearer realm="[^"]+"(?!.*error)'),
        ("Basic YTpi", 401, "invalid_request"),
        ("Bearer", 400, "invalid_request"),
        ("Bearer not.a.token", 401, "invalid_token"),
        ("Bearer " + "a" * 20_000, 401, "invalid_token"),
        ("tampered", 401, "invalid_token"),
    ],
)
def test_refusals(headers: dict[str, str], authorization: str | None, status: int, challenge: str) -> None:
    """What is no good token is refused, with the challenge that says why."""
    sent = tampered(headers) if authorization == "tampered" else authorization
    for path in ("/hello/Ada", "/not/a/route"):
        answer = httpx.get(API + path, headers={"Authorization": sent} if sent else {})
        assert answer.status_code == status
        assert re.search(challenge, answer.headers["WWW-Authenticate"])


def test_group() -> None:
    """Grace is no administrator."""
    token = asyncio.run(get_token_for_person(ISSUER, "grace@example.com", "openid"))
    answer = httpx.get(f"{API}/admin", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()) == (403, {"error": "Forbidden"})


def test_preflight() -> None:
    """The app's origin may call the API, another one may not."""
    for origin, allowed in ((APP, APP), ("http://evil.example", None)):
        asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        answer = httpx.options(f"{API}/hello/Ada", headers=asked)
        assert answer.headers.get("Access-Control-Allow-Origin") == allowed


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
def test_app(path: str, status: int, kind: str, cache: str) -> None:
    """The app's files come with the right lifetimes and all security headers; other paths give the app."""
    if path == "ASSET":
        found = re.search(r'src="(/assets/[^"]+\.js)"', httpx.get(APP).text)
        assert found
        path = found[1]
    answer = httpx.get(APP + path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].partition(";")[0] == kind
    assert answer.headers["Cache-Control"] == cache
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert "connect-src http://localhost:9000 http://localhost:8000;" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_app_config() -> None:
    """The app is told at start where to sign in and which API to call."""
    config = httpx.get(f"{APP}/config.js").text
    for value in (ISSUER, '"0oalocalspa"', API):
        assert value in config


def test_restart_under_load(headers: dict[str, str]) -> None:
    """A restart of the API loses none of the requests that were sent while it was ready."""
    with Balancer(API, "/hello/Ada", headers) as balancer:
        balancer.wait_for_requests(200)
        compose("restart", "backend")
        balancer.wait_for_requests(200)
    assert balancer.failures == []


def test_metrics() -> None:
    """With METRICS_ADDRESS the API's metrics can be had on its network; no port is published for them."""
    settings = {"METRICS_ADDRESS": "0.0.0.0:9100"}
    container = compose("run", "--detach", "--rm", "--no-deps", "backend", **settings).splitlines()[-1]
    try:
        host = docker("inspect", "--format", "{{.Config.Hostname}}", container)
        scrape = SCRAPE.format(host=host)
        scraped = compose("exec", "-T", "local-okta", "python", "-c", scrape)
        assert re.search(r"^okta_keys_held\S+ 1\.0$", scraped, re.MULTILINE)
        assert docker("port", container) == ""
    finally:
        docker("stop", container)
    assert "9100" not in docker("port", compose("ps", "--quiet", "backend"))


def test_real_org() -> None:
    """With a real org set, `up backend frontend` starts these two alone, and both know the org alone."""
    project = "fastapi-okta-smoke-org"
    try:
        compose("create", "backend", "frontend", project=project, **ORG)
        made = compose("ps", "--all", "--services", project=project, **ORG).split()
        assert sorted(made) == ["backend", "frontend"]
        for service in made:
            environment = compose("run", "--rm", "--no-deps", service, "env", project=project, **ORG)
            assert f"OKTA_ISSUER={ORG['OKTA_ISSUER']}" in environment
            assert f"OKTA_CLIENT_ID={ORG['OKTA_CLIENT_ID']}" in environment
            assert not re.search(r"0oalocal|local-okta|localhost:9000", environment)
    finally:
        compose("down", project=project, **ORG)


@pytest.mark.parametrize("empty", [{}, {"OKTA_CLIENT_ID": ""}], ids=["missing", "empty"])
def test_real_org_without_client(empty: dict[str, str]) -> None:
    """A real org without a client id is one line, and nothing starts: the local Okta's do not stand in."""
    started = run(
        "docker", "compose", "--env-file", os.devnull, "up", OKTA_ISSUER=ORG["OKTA_ISSUER"], **empty
    )
    assert started.returncode != 0
    (line,) = started.stderr.strip().splitlines()
    assert line.endswith("OKTA_ISSUER is set, so put the client id of your application there")
    assert "OKTA_CLIENT_ID is missing a value" in line


def test_example_as_it_is(stack: float) -> None:
    """A plain copy of `.env.example` changes nothing: it is the local Okta."""
    assert stack
    command = ("docker", "compose", "--env-file")
    plain, copied = (
        run(*command, file, "config", "--format", "json") for file in (os.devnull, ".env.example")
    )
    local, same = (json.loads(done.stdout)["services"] for done in (plain, copied))
    for name in ("OKTA_ISSUER", "OKTA_JWKS_URI", "OKTA_CLIENT_ID"):
        assert same["backend"]["environment"][name] == local["backend"]["environment"][name]
    assert same["frontend"]["environment"] == local["frontend"]["environment"]
