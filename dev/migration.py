"""`make migration NAME=…`: write a migration with what the models have and the migrations lack."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command

from backend.database import MIGRATIONS, NEWEST, sync_engine
from backend.migrate import alembic_config, migrate


def write_migration(name: str) -> None:
    """Compare the models with an empty database that has all migrations; write and format the difference."""
    with TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder)}/app.db"
        migrate(url)
        with sync_engine(url).begin() as connection:
            number = f"{int(NEWEST) + 1:04}"
            command.revision(alembic_config(connection), name, autogenerate=True, rev_id=number)
    # Alembic's own format does not pass `make lint`.
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", MIGRATIONS], check=True)


if __name__ == "__main__":
    write_migration(" ".join(sys.argv[1:]))
