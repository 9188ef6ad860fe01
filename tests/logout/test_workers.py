"""Every worker and replica knows, an outage of the database changes nothing, a restart neither."""

import time
from functools import partial
from pathlib import Path

import httpx
import pytest
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from backend.main import create_app
from backend.migrate import migrate
from backend.revoke_user import revoke_user
from tests.logout.conftest import Service, email, iss_sub, on, wait_until_ready
from tests.support.api import NO_TLS
from tests.support.postgresql import postgresql
from tests.support.service import wait_for

REVOKED = (401, "user_revoked")


def test_another_replica_and_a_restart(
    local_okta: LocalOkta, database_url: str, okta_token: OktaToken
) -> None:
    """What one process stores, the other one reads, and so does one that starts later."""
    token = okta_token(person="ada")
    settings = on(local_okta, database_url)
    with serve(create_app(settings)) as one, serve(create_app(settings)) as two:
        first, second = Service(one, local_okta), Service(two, local_okta)
        wait_until_ready(first)
        wait_until_ready(second)
        assert first.logout(email("ada@example.com")).status_code == 204
        assert first.status(token) == REVOKED
        wait_for(lambda: second.status(token) == REVOKED)
    with serve(create_app(settings)) as url:
        third = Service(url, local_okta)
        wait_until_ready(third)
        assert third.status(token) == REVOKED


def test_entries_end(local_okta: LocalOkta, database_url: str, okta_token: OktaToken) -> None:
    """After UNIVERSAL_LOGOUT_HOURS an entry no longer counts; a new process does not read it."""
    token = okta_token(person="ada", iat=int(time.time()) - 8000)
    settings = on(local_okta, database_url, universal_logout_hours=1)
    with serve(create_app(settings)) as url:
        service = Service(url, local_okta)
        wait_until_ready(service)
        old = int(time.time()) - 7200
        assert service.logout(email("ada@example.com"), iat=old).status_code == 204
        assert service.status(token) == (200, None)


def test_command_works_without_okta(local_okta: LocalOkta, database_url: str, okta_token: OktaToken) -> None:
    """The operator names the login or the id; the tokens of the next minute are refused too."""
    ada, grace = okta_token(person="ada"), okta_token(person="grace")
    settings = on(local_okta, database_url)
    with serve(create_app(settings)) as url:
        service = Service(url, local_okta)
        wait_until_ready(service)
        for name, token in (("ADA@example.com", ada), ("00ulocalgrace", grace)):
            request = revoke_user(settings, name)
            assert request.moment == pytest.approx(time.time() + settings.okta_leeway, abs=30)
            wait_for(partial(is_revoked, service, token))
        later = int(request.moment) + 1  # dated by a clock that is ahead of ours by the leeway
        assert service.status(okta_token(person="grace", iat=later - 1)) == REVOKED


@pytest.mark.slow
def test_database_that_is_away(local_okta: LocalOkta, okta_token: OktaToken, tmp_path: Path) -> None:
    """Known entries stay in force, a request that cannot be stored is 503; never read is 503 on /readyz."""
    del tmp_path
    token, other = okta_token(person="ada"), okta_token(person="grace")
    with postgresql() as server:
        migrate(server.url)
        settings = on(local_okta, server.url)
        with serve(create_app(settings)) as url:
            service = Service(url, local_okta)
            wait_until_ready(service)
            assert service.logout(iss_sub(local_okta, "00ulocalada")).status_code == 204
            server.stop()
            assert service.status(token) == REVOKED
            assert service.status(other) == (200, None)
            response = service.logout(iss_sub(local_okta, "00ulocalgrace"))
            assert (response.status_code, response.json()["code"]) == (503, "database_unavailable")
            wait_for(lambda: readiness(url) == (200, "degraded"))
            assert service.status(token) == REVOKED
            assert service.status(other) == (200, None)
        with serve(create_app(settings)) as url:
            fresh = Service(url, local_okta)
            wait_for(lambda: fresh.status(other) == (200, None))
            assert readiness(url)[0] == 503
            server.start()
            wait_until_ready(fresh)
            wait_for(lambda: fresh.status(token) == REVOKED)


def is_revoked(service: Service, token: str) -> bool:
    """Return whether a token is refused for that reason."""
    return service.status(token) == REVOKED


def readiness(url: str) -> tuple[int, str]:
    """Return the status of /readyz, and what it says."""
    response = httpx.get(f"{url}/readyz", trust_env=False, verify=NO_TLS)
    return response.status_code, response.json()["status"]
