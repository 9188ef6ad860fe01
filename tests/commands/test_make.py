"""The Makefile: its help, and what it says when something is missing."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.pages import ROOT
from tests.support.processes import environment
from tests.support.terminal import make, shell


@pytest.mark.parametrize(
    ("python", "fault"),
    [
        ("", "Python 3.11 or newer is required"),
        ("{}/no-venv", "lacks the venv module"),
    ],
)
def test_missing_python_or_venv_module_is_one_line(tmp_path: Path, python: str, fault: str) -> None:
    """Without a suitable Python or its venv module, make prints one line that says what to install."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    without_venv = tmp_path / "no-venv"
    without_venv.write_text('#!/bin/sh\ncase "$2" in *venv*) exit 1;; esac\nexec python3 "$@"\n')
    without_venv.chmod(0o755)
    done = subprocess.run(
        ["make", "run", f"PYTHON={python.format(tmp_path)}"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    first, second = done.stderr.splitlines()
    assert fault in first
    assert second.startswith("make: *** ")


def test_venv_without_its_python_is_one_line(tmp_path: Path) -> None:
    """When a system upgrade removed the Python of .venv, make says so and creates .venv again."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(tmp_path / "gone")
    (tmp_path / ".venv/.runtime").touch()
    done = subprocess.run(
        ["make", "--dry-run", "run"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[0] == "The Python of .venv is gone: creating .venv again"
    assert not (tmp_path / ".venv").exists()


def test_help_lists_the_commands() -> None:
    """`make` alone lists the commands of the README."""
    listed = set(re.findall(r"^  make (\S+)", shell(make(ROOT, "help")), re.MULTILINE))
    assert {"setup", "run", "token", "test", "check"} <= listed
