"""Make tells what it can do, and what it lacks."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.pages import ROOT
from tests.support.processes import environment
from tests.support.terminal import shell


@pytest.mark.parametrize(
    ("python", "fault"),
    [
        ("", "Python 3.11 or newer is needed"),
        ("{}/no-venv", "lacks the venv module"),
    ],
)
def test_setup_faults(tmp_path: Path, python: str, fault: str) -> None:
    """A wrong Python and a missing venv module are one line each."""
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


def test_help() -> None:
    """Plain make lists the commands of the README."""
    listed = set(re.findall(r"^  make (\S+)", shell(f"make -sC {ROOT}"), re.MULTILINE))
    assert {"setup", "run", "token", "test", "check"} <= listed
