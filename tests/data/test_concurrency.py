"""Requests at the same time: no approval, key or user counts twice."""

from collections.abc import Iterator
from functools import partial

import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from tests.data.conftest import REPORT
from tests.data.running import Running, at_once, running

ROUNDS = 5


@pytest.fixture
def service(local_okta: LocalOkta, okta_token: OktaToken, database_url: str) -> Iterator[Running]:
    """The application, with transactions that are committed."""
    with running(local_okta, okta_token, database_url) as service:
        service.wait_until(200, "ready")
        yield service


def test_one_of_several_approvers_wins(service: Running) -> None:
    """The row is locked: one approval, and 409 for everybody else."""
    admins = [service.token(f"admin{number}", "Admins") for number in range(4)]
    for _ in range(ROUNDS):
        number = service.submit(service.token("ada")).json()["id"]
        path = f"/reports/{number}/approve"
        answers = at_once([partial(service.call, admin, "POST", path) for admin in admins])
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
        [won] = [answer for answer in answers if answer.status_code == 200]
        stored = service.call(admins[0], path=f"/reports/{number}").json()
        assert stored == won.json()


def test_approval_or_withdrawal_but_not_both(service: Running) -> None:
    """A report that is approved stays, and one that is withdrawn is not approved."""
    ada, admin = service.token("ada"), service.token("grace", "Admins")
    for _ in range(ROUNDS):
        path = f"/reports/{service.submit(ada).json()['id']}"
        requests = (
            partial(service.call, ada, "DELETE", path),
            partial(service.call, admin, "POST", f"{path}/approve"),
        )
        assert [answer.status_code for answer in at_once(requests)] in ([204, 404], [409, 200])


def test_one_key_creates_one_report(service: Running) -> None:
    """Requests with one key get the same report, or 409 while the first one runs."""
    ada = service.token("ada")
    for round_ in range(ROUNDS):
        key = {"Idempotency-Key": f"key-{round_}"}
        answers = at_once([partial(service.call, ada, "POST", json=REPORT, headers=key)] * 6)
        assert {answer.status_code for answer in answers} <= {201, 409}
        created = {answer.text for answer in answers if answer.status_code == 201}
        assert len(created) == 1
        running = {answer.json()["code"] for answer in answers if answer.status_code == 409}
        assert running <= {"request_running"}
    assert len(service.call(ada).json()["reports"]) == ROUNDS


def test_first_requests_of_a_user(service: Running) -> None:
    """The row of a new user is added once, whoever is first."""
    for round_ in range(ROUNDS):
        token = service.token(f"new{round_}")
        answers = at_once([partial(service.call, token)] * 6)
        assert {answer.status_code for answer in answers} == {200}
