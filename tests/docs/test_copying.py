"""The pages on testing and copying, followed to the letter."""

import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

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


@pytest.mark.long
@pytest.mark.timeout(180)
def test_a_service_of_its_own(tmp_path: Path) -> None:
    """Two folders, a short application, and what they import: that is a service whose tests pass."""
    shutil.copytree(ROOT / "backend" / "okta", tmp_path / "okta")
    shutil.copytree(ROOT / "local_okta", tmp_path / "local_okta")
    write_files(tmp_path)
    shutil.rmtree(tmp_path / "backend")
    shutil.rmtree(tmp_path / "tests")
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    [commands] = [block for block in blocks(PAGE, "sh") if block.startswith("pip install")]
    # The same versions as here: this test is about what is missing, not about what is new.
    # Without extras, which a constraint must not have.
    lock = re.sub(r"\[[\w,-]+\]", "", (ROOT / "requirements/dev.txt").read_text())
    pinned = re.findall(r"^[\w.-]+==[\w.]+", lock, re.MULTILINE)
    (tmp_path / "constraints.txt").write_text("\n".join(pinned))
    for command in commands.splitlines():
        install = command.replace("pip install", f"{python} -m pip install -q -c constraints.txt")
        subprocess.run(install, shell=True, cwd=tmp_path, check=True)
    assert "1 passed" in run_pytest(python, tmp_path, "test_app.py", "-W", "error")
