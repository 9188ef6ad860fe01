"""Migrations: they make what the models say, once, whoever applies them."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from backend.database import NEWEST, sync_engine, version_of
from backend.migrate import alembic_config, migrate
from backend.models import Base
from tests.support.processes import environment, project_folder

SETTINGS = {"OKTA_ISSUER": "http://localhost:9000/oauth2/default", "OKTA_CLIENT_ID": "0oalocalspa"}


def test_migrations_make_what_the_models_say(database_url: str) -> None:
    """`make migration` would find nothing to write."""
    with sync_engine(database_url).begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_newest_migration_is_alembics_head(database_url: str) -> None:
    """The service knows the newest migration by its file's name, without Alembic."""
    with sync_engine(database_url).begin() as connection:
        assert version_of(connection) == NEWEST
        script = ScriptDirectory.from_config(alembic_config(connection))
    assert script.get_heads() == [NEWEST]
    assert [path.name[:4] for path in sorted(Path(script.versions).glob("0*.py"))] == sorted(
        revision.revision for revision in script.walk_revisions()
    )


def test_database_of_a_later_release_stays_as_it_is(database_url: str) -> None:
    """A release can be rolled back: its migrations are a part of those of the later one."""
    with sync_engine(database_url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    migrate(database_url)
    with sync_engine(database_url).begin() as connection:
        assert version_of(connection) == "9999"


def start_migration(url: str) -> subprocess.Popen[str]:
    """Start `python -m backend.migrate`."""
    return subprocess.Popen(
        [sys.executable, "-m", "backend.migrate"],
        cwd=project_folder(),
        env=environment(**SETTINGS, DATABASE_URL=url),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.slow
def test_replicas_migrate_at_once(empty_url: str) -> None:
    """All of them succeed."""
    processes = [start_migration(empty_url) for _ in range(4)]
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, outputs
    with sync_engine(empty_url).begin() as connection:
        assert version_of(connection) == NEWEST


def test_unreachable_database_is_one_line() -> None:
    """The command says what the driver says, and ends with 1."""
    process = start_migration("postgresql+psycopg://postgres@127.0.0.1:9/postgres")
    output, _ = process.communicate()
    assert process.returncode == 1
    assert output.startswith("the database cannot be migrated: ")
    assert output.count("\n") == 1
