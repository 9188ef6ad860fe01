"""The Makefile: its help, and what it says when something is missing."""

import os
import re
import shutil
import subprocess
import sys
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


LOCKED = ("packages/any/pyproject.toml", "requirements/runtime.txt", "requirements/dev.txt")


def dry_run(folder: Path) -> str:
    """Return what `make run` would do in `folder`, and its error output, with the repository's Makefile."""
    shutil.copy(ROOT / "Makefile", folder)
    done = subprocess.run(
        ["make", "--dry-run", "run", "PYTHON=python3"],
        cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    return done.stdout


def venv(folder: Path, python: str, path: str) -> Path:
    """Make a .venv in `folder` as `make setup` does, with a link to `python`, that knows its folder as `path`."""
    for file in LOCKED:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").symlink_to(python)
    (folder / ".venv/.path").write_text(path)
    (folder / ".venv/.dev").touch()
    return folder / ".venv"


@pytest.mark.parametrize("name", ["plain", "with space", "mit Ümläut", "a$HOME b"])
def test_venv_is_kept_where_it_was_made(tmp_path: Path, name: str) -> None:
    """Whatever characters the path of the checkout has, .venv is not created again."""
    folder = tmp_path / name
    folder.mkdir()
    made = venv(folder, sys.executable, str(folder.resolve()))
    assert dry_run(folder) == ".venv/bin/python -m dev.run\n"
    assert made.exists()


@pytest.mark.parametrize(
    ("python", "path"), [("{}/gone", "{}"), (sys.executable, "{}/before")], ids=["no Python", "moved"]
)
def test_venv_that_does_not_work_is_created_again(tmp_path: Path, python: str, path: str) -> None:
    """When a system upgrade removed the Python of .venv, or the checkout was moved, make creates .venv again."""
    made = venv(tmp_path, python.format(tmp_path), path.format(tmp_path.resolve()))
    assert dry_run(tmp_path).startswith(".venv does not work here any more: creating it again\n")
    assert not made.exists()


def test_pip_installs_into_the_venv() -> None:
    """`PIP_USER=yes`, which some set for all of their projects, would end pip in a venv with an error."""
    assert shell(make(ROOT, "--eval='shown: ; @echo $$PIP_USER'", "shown"), PIP_USER="yes") == "0\n"


def test_venv_of_uv_is_left_alone(tmp_path: Path) -> None:
    """Once uv has used .venv, make has another one."""
    venv(tmp_path, sys.executable, "").joinpath(".lock").touch()
    planned = dry_run(tmp_path)
    assert ".venv-make/bin/python -m dev.run\n" in planned
    assert ".venv/" not in planned
    assert (tmp_path / ".venv").exists()


@pytest.mark.parametrize(
    ("target", "version", "status"),
    [
        ("check", "v20.20.2", 2),
        ("frontend", "v22.17.1", 2),
        ("e2e", "", 2),
        ("node", "v22.18.0", 0),
    ],
)
def test_old_node_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, version: str, status: int
) -> None:
    """Without Node, or with one that is too old for the app, make says which one is required, and stops."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "frontend/node_modules").mkdir(parents=True)
    (tmp_path / "frontend/package-lock.json").touch()
    (tmp_path / "frontend/node_modules/.package-lock.json").touch()
    for part in ("frontend/frontend.mk", "dev/workshop.mk"):
        (tmp_path / part).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / part, tmp_path / part)
    for name in ("node", "npm"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    done = subprocess.run(
        ["make", target],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status
    fault = (
        "Node 22.18 or newer is required, with npm: see https://nodejs.org/download, or run: nvm install 22"
    )
    assert status == 0 or done.stderr.splitlines()[0] == fault


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `docker` that prints its arguments, in a folder with the Makefile."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "deploy/compose").mkdir(parents=True)
    shutil.copy(ROOT / "deploy/compose/compose.mk", tmp_path / "deploy/compose")
    program = tmp_path / "docker"
    program.write_text('#!/bin/sh\necho "${OKTA_CLIENT_ID:-none}: $*"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


@pytest.mark.parametrize(
    ("target", "command"),
    [("down", "compose down --remove-orphans"), ("logs", "compose logs --follow --tail 100")],
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
