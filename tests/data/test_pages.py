"""The pages about the database, followed step by step."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backend.delete_user import delete_user
from backend.models import Report
from backend.seed import REPORTS, seed
from tests.data.conftest import new_database
from tests.data.test_commands import ISSUER, count
from tests.support.pages import HOW_TO, ROOT, blocks, include_router, write_files
from tests.support.processes import environment
from tests.support.terminal import REAL_ORG

STORE_DATA = HOW_TO / "store-data-for-a-user.md"
ANOTHER_DATABASE = HOW_TO / "use-another-database.md"


def command(folder: Path, *arguments: str) -> str:
    """Run Python in `folder` and return its output."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment(**REAL_ORG),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_store_data_for_a_user(tmp_path: Path) -> None:
    """The model, the migration, the route and the test work as printed."""
    if (ROOT / "backend/routes/notes.py").exists():
        pytest.skip("somebody has followed the page here")
    for name in ("backend", "dev", "packages", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("pyproject.toml", "ruff.toml"):
        shutil.copy(ROOT / name, tmp_path)
    write_files(STORE_DATA, tmp_path)
    model, _, router, _ = blocks(STORE_DATA, "python")
    with (tmp_path / "backend/models.py").open("a") as models:
        models.write(model)
    command(tmp_path, "-m", "dev.migration", "add_notes")
    assert (tmp_path / "backend/migrations/versions/0003_add_notes.py").exists()
    for check in (("check",), ("format", "--check")):  # what it wrote passes `make lint`
        command(tmp_path, "-m", "ruff", *check, "backend/migrations")
    include_router(tmp_path, "notes")
    assert router.splitlines()[-1] in (tmp_path / "backend/main.py").read_text()
    arguments = ("-q", "-p", "no:cacheprovider", "-W", "error", "tests/test_notes.py")
    assert "1 passed" in command(tmp_path, "-m", "pytest", *arguments)
    assert not (tmp_path / "data").exists()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_back_up_and_restore(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """What was stored at the time of the backup is back after it was deleted."""
    programs = next(Path("/usr/lib/postgresql").glob("*/bin"), Path("/usr/bin"))
    if engine == "sqlite" and not shutil.which("sqlite3"):
        pytest.skip("the command sqlite3 is required: apt-get install sqlite3")
    url = new_database(engine, tmp_path, request)
    seed(url, ISSUER)
    [commands] = [
        block
        for block in blocks(ANOTHER_DATABASE, "sh")
        if ("VACUUM" in block) == (engine == "sqlite") and "stop api" in block
    ]
    back_up, _, restore, _ = commands.splitlines()
    variables = environment(PGURL=url.replace("+psycopg", ""))
    variables["PATH"] = f"{programs}:{variables['PATH']}"

    def shell(line: str) -> None:
        subprocess.run(line, shell=True, cwd=tmp_path, env=variables, check=True)

    shell(back_up)
    assert delete_user(url, ISSUER, "00ulocalada")
    assert count(url, Report) < len(REPORTS)
    shell(restore)
    assert count(url, Report) == len(REPORTS)
