"""`make update`: apply the template's changes with Copier, and list what is left to do by hand."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import yaml

ANSWERS: Final = Path(".copier-answers.yml")
HOSTS: Final = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/", "git+": ""}
"""Copier's short forms of addresses, and what they stand for."""


def main() -> int:
    """Run `copier update`, print conflicts and changes that found no file; return the exit status."""
    old, source = _answers().get("_commit"), Path(_answers()["_src_path"])
    if old is None:
        print("This service was made from a copy without git history: there is no version to update from.")
        return 1
    if source.is_absolute() and not source.is_dir():  # who made the service has another machine
        print(f"The template {source} is not on this machine: write its URL into _src_path in {ANSWERS}.")
        return 1
    copier = [*shlex.split(os.environ["COPIER"]), "update", "--defaults", "--quiet"]
    status = subprocess.run([*copier, *sys.argv[1:]], check=False).returncode
    if status:
        if "-g" in old:
            print(f'{old} is later than a tag. Update with: make update ARGS="--vcs-ref HEAD"')
        return status
    answers = _answers()
    print(f"Updated from {old} to {answers['_commit']}. Next: git diff, then make check.")
    conflicts = _git("diff", "--name-only", "--diff-filter=U").splitlines()
    if conflicts:
        print("\nYou and the template changed the same lines. Resolve the conflicts as after `git merge`:")
        print(*(f"  {name}" for name in conflicts), sep="\n")
    if changes := _changes_without_file(answers["_src_path"], old, answers["_commit"]):
        print("\nThe template changed files that you renamed or deleted. Where you need it, apply by hand:\n")
        print(changes)
    return 1 if conflicts else 0


def _answers() -> dict[str, Any]:
    answers: dict[str, Any] = yaml.safe_load(ANSWERS.read_text(encoding="utf-8"))
    return answers


def _git(*arguments: str | Path) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=True).stdout


def _changes_without_file(source: str, old: str, new: str) -> str:
    """Return the template's changes to files that the service had, and has no more, as a patch."""
    for short, full in HOSTS.items():
        source = full + source.removeprefix(short) if source.startswith(short) else source
    with TemporaryDirectory() as folder:
        clone = Path(folder).resolve()
        _git("clone", "--quiet", source, clone)
        _git("-C", clone, "checkout", "--quiet", new)
        changed = _git("-C", clone, "diff", "--name-only", "--no-renames", "--diff-filter=M", old, new)
        names = names_in_services(clone)
        lost = [name for name in changed.splitlines() if name in names and _is_gone(names[name])]
        return _git("-C", clone, "diff", old, new, "--", *lost) if lost else ""


def names_in_services(clone: Path) -> dict[str, str]:
    """Return what each file of the template is called in a service; template/ links to most of them."""
    template = clone / "template"
    files = (Path(parent, name) for parent, _, names in os.walk(template, followlinks=True) for name in names)
    return {
        str(file.resolve().relative_to(clone)): str(file.relative_to(template)).removesuffix(".jinja")
        for file in files
    }


def _is_gone(name: str) -> bool:
    return not Path(name).exists() and bool(_git("log", "-1", "--format=%h", "--", name))


if __name__ == "__main__":
    sys.exit(main())
