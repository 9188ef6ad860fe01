"""Services generated from a copy of this repository."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.pages import ROOT
from tests.support.processes import environment

CONFIG: Final[dict[str, Any]] = yaml.safe_load((ROOT / "copier.yml").read_text())
REPOSITORY: Final = {
    "project_name": "FastAPI with Okta",
    "slug": "fastapi-okta",
    "deployment": ["compose", "kubernetes"],
}
"""The answers with which a service has this repository's own files."""


def run(folder: Path, *command: str | Path, **variables: str) -> str:
    """Run a command in `folder` and return what it prints; a failure raises that."""
    done = subprocess.run(
        command, cwd=folder, env=environment(**variables), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout + done.stderr


def git(folder: Path, *arguments: str) -> str:
    """Run git in `folder` and return what it prints."""
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main")
    return run(folder, "git", *identity, *arguments)


def commit(folder: Path, tag: str = "") -> None:
    """Commit everything in `folder`, and tag it."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "x")
    if tag:
        git(folder, "tag", tag)


def tracked() -> list[str]:
    """Return the files of this repository that git tracks, or would with `git add`."""
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return sorted(name for name in listed if name and (ROOT / name).exists())


def repository(folder: Path) -> Path:
    """Copy this repository to `folder`, with its links, and commit it as v1.0.0."""
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    git(folder, "init", "--quiet")
    commit(folder, "v1.0.0")
    return folder


def add_environment(folder: Path) -> Path:
    """Make the environment of this Python the .venv of `folder`, so that make installs nothing."""
    (folder / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (folder / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    for name in (".dev", ".workshop"):
        (folder / ".venv" / name).touch()
    (folder / ".venv/.path").write_text(str(folder))
    return folder


def generate(template: Path, folder: Path, answers: dict[str, Any], version: str = "HEAD") -> Path:
    """Generate a service into `folder`."""
    data = [f"--data={name}={value}" for name, value in answers.items()]
    command = [sys.executable, "-m", "copier", "copy", "--defaults", "--quiet", "--vcs-ref", version, *data]
    run(template, *command, template, folder)
    return add_environment(folder)


def make(folder: Path, *targets: str, **variables: str) -> str:
    """Run targets of a service's own Makefile, with its own packages; return what is printed."""
    sources = [str(path) for path in folder.glob("packages/*/src")]
    return run(folder, "make", *targets, PYTHONPATH=os.pathsep.join(sources), **variables)


def written(folder: Path) -> Iterator[str]:
    """Return the files of a service that the template wrote."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - {".git", ".venv", "node_modules", "__pycache__"})
        folders[:] = [name for name in folders if not re.fullmatch(r"\.\w+_cache", name)]
        yield from (str((Path(parent) / name).relative_to(folder)) for name in sorted(names))
