"""`deploy/swarm/stack.yml` on a swarm of one node, under a stream of requests: `make smoke-swarm`."""

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import httpx2
import pytest

from local_okta.client import get_token_for_person
from tests.smoke.compose import API, IMAGE, ISSUER, compose, docker, run
from tests.support.balancer import Balancer

STACK = "fastapi-okta-smoke"
SERVICE = f"{STACK}_api"
SETTINGS = {
    "OKTA_ISSUER": ISSUER,
    "OKTA_CLIENT_ID": "0oalocalspa",
    "OKTA_JWKS_URI": "http://tasks.local-okta:9000/oauth2/default/v1/keys",
}
# A version that starts but never gets signing keys.
NEVER_READY = 'CMD ["gunicorn", "--env", "OKTA_JWKS_URI=http://localhost:1/keys"]'


@pytest.fixture(scope="module")
def headers() -> Iterator[dict[str, str]]:
    """Run the stack on a new swarm; yield the header with Ada's token."""
    if docker("info", "--format", "{{.Swarm.LocalNodeState}}") != "inactive":
        pytest.fail("this engine is already in a swarm, which this test does not change")
    compose("build", "backend", "local-okta")
    docker("tag", IMAGE, f"{IMAGE}:2")
    build_never_ready()
    docker("swarm", "init", "--advertise-addr", "127.0.0.1")
    try:
        files = ("deploy/swarm/stack.yml", "tests/smoke/local-okta.stack.yml")
        arguments = [part for file in files for part in ("--compose-file", file)]
        deployed = run("docker", "stack", "deploy", "--resolve-image", "never", *arguments, STACK, **SETTINGS)
        assert deployed.returncode == 0, deployed.stderr
        wait_for(lambda: running() == 2, 90)
        wait_for(served, 30)
        yield {"Authorization": f"Bearer {token()}"}
    finally:
        run("docker", "stack", "rm", STACK)
        docker("swarm", "leave", "--force")
        ours = ("--filter", f"label=com.docker.stack.namespace={STACK}")
        for container in docker("ps", "--all", "--quiet", *ours).split():
            run("docker", "rm", "--force", container)
        docker("image", "rm", "--force", f"{IMAGE}:2", f"{IMAGE}:never-ready")


def build_never_ready() -> None:
    """Build the version that never becomes ready."""
    made = docker("create", IMAGE)
    docker("commit", "--change", NEVER_READY, made, f"{IMAGE}:never-ready")
    docker("rm", made)


def token() -> str:
    """Get a token for Ada."""
    return asyncio.run(get_token_for_person(ISSUER, "ada@example.com", "openid"))


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    """Wait until `condition` is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, docker("service", "ps", "--no-trunc", SERVICE)
        time.sleep(0.5)


def served() -> bool:
    """Return whether the edge is ready and the local Okta issues tokens."""
    try:
        return httpx.get(f"{API}/readyz").is_success and bool(token())
    except (httpx.HTTPError, httpx2.HTTPError):
        return False


def running(image: str = IMAGE) -> int:
    """Return how many tasks of this image are running, which means healthy."""
    tasks = docker("service", "ps", "--filter", "desired-state=running", "--format", "{{json .}}", SERVICE)
    found = [json.loads(line) for line in tasks.splitlines()]
    name = image if ":" in image else f"{image}:latest"
    return sum(task["Image"] == name and task["CurrentState"].startswith("Running") for task in found)


def update_state() -> str:
    """Return the state of the last update of the API, empty until it starts."""
    return docker("service", "inspect", "--format", "{{with .UpdateStatus}}{{.State}}{{end}}", SERVICE)


@contextmanager
def stream(headers: dict[str, str], what: str, cut_off: int = 0) -> Iterator[Balancer]:
    """Send requests from eight clients; all must succeed, except for `cut_off` truncated responses."""
    begin = time.monotonic()
    with Balancer(API, "/hello/Ada", headers, probe="/healthz") as balancer:
        balancer.wait_for_requests(100)
        yield balancer
        balancer.wait_for_requests(100)
    seconds = time.monotonic() - begin
    print(f"{what}: {balancer.sent} requests in {seconds:.0f} s, {len(balancer.failures)} failed")
    assert len(balancer.failures) <= cut_off
    assert all("without sending complete message body" in failure for failure in balancer.failures)


def test_scale(headers: dict[str, str]) -> None:
    """Scaling from two replicas to three and back fails no request."""
    with stream(headers, "scale to 3 and back to 2"):
        docker("service", "scale", f"{SERVICE}=3")
        wait_for(lambda: running() == 3, 60)
        docker("service", "scale", f"{SERVICE}=2")
        wait_for(lambda: running() == 2, 60)


def test_rolling_update(headers: dict[str, str]) -> None:
    """A rolling update replaces every task and fails no request."""
    with stream(headers, "rolling update"):
        docker("service", "update", "--no-resolve-image", "--image", f"{IMAGE}:2", SERVICE)
        wait_for(lambda: update_state() == "completed", 120)
        assert running(f"{IMAGE}:2") == 2


def test_bad_image_is_rolled_back(headers: dict[str, str]) -> None:
    """A version that never becomes ready is rolled back automatically and fails no request."""
    with stream(headers, "bad image rolled back"):
        bad = f"{IMAGE}:never-ready"
        docker("service", "update", "--detach", "--no-resolve-image", "--image", bad, SERVICE)
        wait_for(lambda: update_state() == "rollback_completed", 180)
        assert running(f"{IMAGE}:2") == 2


def test_killed_replica(headers: dict[str, str]) -> None:
    """A killed replica is replaced; only the response that it was sending is lost."""
    # It may have sent the headers, after which nginx cannot retry on another replica.
    with stream(headers, "killed replica", cut_off=1):
        container = docker("ps", "--quiet", "--filter", f"name={SERVICE}").split()[0]
        docker("kill", container)
        time.sleep(2)
        wait_for(lambda: running(f"{IMAGE}:2") == 2, 60)
        assert container not in docker("ps", "--quiet", "--filter", f"name={SERVICE}").split()
