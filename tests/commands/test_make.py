"""The Makefile: its help, and what it says when something is missing."""

import os
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
    for name in ("packages", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name)
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
    assert done.stderr.splitlines()[0] == ".venv does not work here any more: creating it again"
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize(("version", "status"), [("v20.20.2", 2), ("v22.17.1", 2), ("", 2), ("v22.18.0", 0)])
def test_old_node_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, status: int
) -> None:
    """Without Node, or with one that is too old for the app, make says which one is required."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    modules = tmp_path / "frontend" / "node_modules"
    modules.mkdir(parents=True)
    (tmp_path / "frontend" / "package-lock.json").touch()
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    done = subprocess.run(
        ["make", "frontend/node_modules/.package-lock.json"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status
    assert status == 0 or done.stderr.splitlines()[0] == "Node 22.18 or newer is required, with npm"


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `docker` that prints its arguments, in a folder with the Makefile."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    program = tmp_path / "docker"
    program.write_text('#!/bin/sh\necho "${OKTA_CLIENT_ID:-none}: $*"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


@pytest.mark.parametrize(
    ("target", "command"),
    [("down", "compose down --volumes --remove-orphans"), ("logs", "compose logs --follow --tail 100")],
    ids=["down", "logs"],
)
def test_containers_are_managed_with_an_issuer_alone(docker: Path, target: str, command: str) -> None:
    """The compose file requires OKTA_CLIENT_ID with OKTA_ISSUER, to start; `make down` and `make logs` do not."""
    assert (
        shell(make(docker, target), OKTA_ISSUER="https://acme.okta.com/oauth2/default")
        == f"unused: {command}\n"
    )


def test_make_token_uses_the_containers_if_there_is_no_venv(docker: Path) -> None:
    """With Docker alone, nothing is installed for a token."""
    printed = shell(make(docker, "token", "ARGS='--client service'"))
    assert printed == "none: compose exec -T local-okta local-okta token --client service\n"
    assert not (docker / ".venv").exists()


def test_help_lists_the_commands() -> None:
    """`make` alone lists the commands of the README."""
    listed = set(re.findall(r"^  make (\S+)", shell(make(ROOT, "help")), re.MULTILINE))
    assert {"setup", "run", "token", "test", "check"} <= listed
