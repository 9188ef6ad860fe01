"""Services generated from a copy of this repository, as `make new` does."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from jinja2 import Environment, StrictUndefined

from tests.support.pages import ROOT
from tests.support.processes import environment

PARTS: Final = ("app", "examples", "extras", "observability", "doctor", "ci")
TARGETS: Final = ("compose", "kubernetes", "swarm")
REPOSITORY: Final = {"project_name": "FastAPI with Okta", "slug": "fastapi-okta"}
CONFIG: Final[dict[str, Any]] = yaml.safe_load((ROOT / "copier.yml").read_text())


def git(folder: Path, *arguments: str) -> str:
    """Run git in `folder` and return what it prints."""
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main")
    command = ["git", *identity, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def tracked() -> list[str]:
    """Return the files of this repository that git tracks, or would with `git add`."""
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    return sorted(name for name in listed if (ROOT / name).exists() and name)


def repository(folder: Path, tag: str = "v1.0.0") -> Path:
    """Copy this repository to `folder`, commit it and tag it."""
    for name in tracked():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    git(folder, "init", "--quiet")
    commit(folder)
    git(folder, "tag", tag)
    return folder


def commit(folder: Path) -> None:
    """Commit everything in `folder`."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "x")


def copier(command: str, *arguments: str | Path, cwd: Path) -> str:
    """Run copier and return what it prints; a failure raises its output."""
    done = subprocess.run(
        [sys.executable, "-m", "copier", command, "--defaults", *arguments],
        cwd=cwd, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stderr


def generate(template: Path, folder: Path, answers: dict[str, Any], version: str = "v1.0.0") -> Path:
    """Generate a service into `folder`, with the environment of this Python as its .venv."""
    data = [f"--data={name}={value}" for name, value in answers.items()]
    copier("copy", "--quiet", "--vcs-ref", version, *data, template, folder, cwd=template)
    (folder / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (folder / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    for name in (".runtime", ".test", ".check"):
        (folder / ".venv" / name).touch()
    return folder


def make(folder: Path, *targets: str, **variables: str) -> None:
    """Run targets of a service's own Makefile; a failure raises its output."""
    done = subprocess.run(
        ["make", *targets],
        cwd=folder, env=environment(**variables), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)


def written(folder: Path) -> Iterator[str]:
    """Return the files of a service that the template wrote."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - {".git", ".venv", "node_modules", "__pycache__"})
        folders[:] = [name for name in folders if not re.fullmatch(r"\.\w+_cache", name)]
        yield from (str((Path(parent) / name).relative_to(folder)) for name in sorted(names))


def chosen(name: str, parts: tuple[str, ...] = PARTS, targets: tuple[str, ...] = TARGETS) -> Any:
    """Return the value of one of the questions in copier.yml that are not asked."""
    options = {key: value for key, value in CONFIG["_envops"].items() if key != "undefined"}
    jinja = Environment(**options, undefined=StrictUndefined)  # noqa: S701 - no HTML
    jinja.filters["to_json"] = lambda value: yaml.safe_dump(value, default_style='"').strip()
    values: dict[str, Any] = {part: part in parts for part in PARTS}
    values |= {target: target in targets for target in TARGETS}
    values |= {**REPOSITORY, "description": CONFIG["description"]["default"], "reference": False}
    values |= {"license": "MIT", "okta_issuer": ""}
    return yaml.safe_load(jinja.from_string(CONFIG[name]["default"]).render(values))
