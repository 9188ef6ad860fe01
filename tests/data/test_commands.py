"""Commands for an operator: example data, and the end of a user's data."""

import subprocess
import sys

from local_okta.config import PEOPLE, Config
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.database import sync_engine
from backend.delete_user import delete_user
from backend.models import IdempotencyKey, Report, User
from backend.seed import REPORTS, seed
from tests.support.processes import environment, project_folder

ISSUER = Config().issuer
ADA, GRACE = (person.uid for person in PEOPLE)


def count(url: str, table: type[Report | User | IdempotencyKey]) -> int:
    """Return how many rows a table has."""
    with Session(sync_engine(url)) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def run(module: str, *arguments: str, url: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the service."""
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=project_folder(),
        env=environment(OKTA_ISSUER=ISSUER, OKTA_CLIENT_ID="0oalocalspa", DATABASE_URL=url),
        capture_output=True,
        text=True,
        check=False,
    )


def test_demo_data_is_added_once(empty_url: str) -> None:
    """The people are those of the local Okta, and the second call adds nothing."""
    assert seed(empty_url, ISSUER)
    assert not seed(empty_url, ISSUER)
    assert count(empty_url, Report) == len(REPORTS)
    with Session(sync_engine(empty_url)) as session:
        users = {(user.user_id, user.login, user.name) for user in session.scalars(select(User))}
    assert users == {(person.uid, person.login, person.name) for person in PEOPLE}


def test_seed_command_says_what_it_did(empty_url: str) -> None:
    """One line each time, with the same status."""
    first, second = (run("backend.seed", url=empty_url) for _ in range(2))
    assert (first.returncode, first.stdout) == (0, "example data: 5 reports added\n"), first.stderr
    assert (second.returncode, second.stdout) == (0, "example data: added before\n"), second.stderr


def test_deleted_user_leaves_nothing(database_url: str) -> None:
    """Reports and keys go; a report that the user approved stays approved, by nobody."""
    seed(database_url, ISSUER)
    with Session(sync_engine(database_url)) as session, session.begin():
        report = session.scalars(select(Report).where(Report.owner == ADA)).first()
        assert report
        report.approved_at, report.approver_issuer, report.approved_by = report.created, ISSUER, GRACE
        key = {"key": "k", "request": "", "response": "", "created": report.created}
        session.add(IdempotencyKey(issuer=ISSUER, user_id=GRACE, **key))
        number = report.id
    assert not delete_user(database_url, "https://other.example", GRACE)
    assert delete_user(database_url, ISSUER, GRACE)
    assert not delete_user(database_url, ISSUER, GRACE)
    with Session(sync_engine(database_url)) as session:
        assert {row.owner for row in session.scalars(select(Report))} == {ADA}
        kept = session.get_one(Report, number)
        assert (kept.approved_by, kept.approver_issuer) == (None, None)
        assert kept.approved_at
    assert count(database_url, IdempotencyKey) == 0


def test_delete_command_says_what_it_did(database_url: str) -> None:
    """A user who is not there is a fault of whoever typed the id."""
    seed(database_url, ISSUER)
    deleted, missing = (run("backend.delete_user", ADA, url=database_url) for _ in range(2))
    assert (deleted.returncode, deleted.stdout) == (0, f"{ADA}: deleted\n"), deleted.stderr
    assert (missing.returncode, missing.stdout) == (1, f"{ADA}: there is no such user\n"), missing.stderr


def test_commands_without_a_database_are_one_line() -> None:
    """No traceback."""
    url = "postgresql+psycopg://postgres@127.0.0.1:9/postgres"
    for command in (["backend.seed"], ["backend.delete_user", ADA]):
        done = run(*command, url=url)
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
