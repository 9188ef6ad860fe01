"""The pages on testing and copying, followed to the letter."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.pages import ROOT, blocks
from tests.support.processes import environment

PAGE = ROOT / "docs" / "testing.md"


def write_files(folder: Path) -> None:
    """Write the page's Python blocks to the files that their first lines name."""
    for block in blocks(PAGE, "python"):
        name = re.match(r"# (\S+)\n", block)
        assert name is not None
        path = folder / name[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block)


def run_pytest(python: str | Path, folder: Path, *arguments: str) -> str:
    """Run pytest in `folder`; return what it prints."""
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_route_with_its_tests(tmp_path: Path) -> None:
    """The worked example works: two routes, and tests that pass with the kit."""
    for name in ("backend", "local_okta"):
        shutil.copytree(ROOT / name, tmp_path / name)
    write_files(tmp_path)
    output = run_pytest(sys.executable, tmp_path, "tests/test_figures.py", "-p", "local_okta.pytest_plugin")
    assert "3 passed" in output


def test_a_service_of_its_own(tmp_path: Path) -> None:
    """Two folders and a short application are a service whose tests pass."""
    shutil.copytree(ROOT / "backend" / "okta", tmp_path / "okta")
    shutil.copytree(ROOT / "local_okta", tmp_path / "local_okta")
    write_files(tmp_path)
    shutil.rmtree(tmp_path / "backend")
    shutil.rmtree(tmp_path / "tests")
    assert "1 passed" in run_pytest(sys.executable, tmp_path, "test_app.py", "-W", "error")
