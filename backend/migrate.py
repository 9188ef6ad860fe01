"""`python -m backend.migrate`: apply the migrations that the database lacks."""

import sys
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import OperationalError

from backend.database import MIGRATIONS, NEWEST, reason_of, sync_engine, version_of
from backend.settings import Settings, load_or_exit

LOCK: Final = 0x6F6B7461
"""The key of the advisory lock: a number that nothing else in the database uses."""


def migrate(url: str) -> None:
    """Apply all migrations to the database at `url`, in one transaction.

    Processes that migrate at the same time wait for the first one, and then find nothing to do:
    `BEGIN IMMEDIATE` locks a SQLite file, an advisory lock PostgreSQL. A database at a later migration
    stays as it is, so that a release can be rolled back.

    Raises OperationalError if the database cannot be used.
    """
    engine = sync_engine(url, foreign_keys=False)  # SQLite replaces tables, and rows would go with them
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
        if version_of(connection) < NEWEST:
            command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> Config:
    """Return the configuration of Alembic, for backend/migrations on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def main() -> int:
    """Apply the migrations; return the exit status."""
    try:
        migrate(load_or_exit(Settings).database_url.get_secret_value())
    except OperationalError as error:
        print(f"the database cannot be migrated: {reason_of(error)}", file=sys.stderr)
        return 1
    print(f"the database is at migration {NEWEST} or later")
    return 0


if __name__ == "__main__":
    sys.exit(main())
