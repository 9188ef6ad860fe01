"""The lock files of Python packages."""

import re
import tomllib
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.pages import ROOT


@pytest.mark.parametrize("name", ["requirements/runtime.txt", "requirements/dev.txt"])
def test_extras_are_pinned(name: str) -> None:
    """A requirement x[y] is pinned as x[y]: pip before 24.0 looks for a newer x otherwise, and fails."""
    pinned = [
        Requirement(line.removesuffix(" \\"))
        for line in (ROOT / name).read_text().splitlines()
        if line[:1].isalnum()
    ]
    extras = {canonicalize_name(requirement.name): requirement.extras for requirement in pinned}
    asked = [
        wanted
        for requirement in pinned
        if requirement.marker is None or requirement.marker.evaluate()
        for wanted in map(Requirement, requires(requirement.name) or [])
        if wanted.extras
        and (
            wanted.marker is None
            or any(wanted.marker.evaluate({"extra": e}) for e in ("", *requirement.extras))
        )
    ]
    assert all(wanted.extras <= extras[canonicalize_name(wanted.name)] for wanted in asked)


def test_lock_files_agree_on_every_version() -> None:
    """What is installed into one environment has one version in all lock files."""
    versions: dict[str, set[str]] = {}
    for file in (ROOT / "requirements").glob("*.txt"):
        if file.stem != "docs":  # installed into a separate environment
            for name, version in re.findall(
                r"^([\w.-]+)(?:\[.*\])?==(\S+) \\\\$", file.read_text(), re.MULTILINE
            ):
                versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_each_dependency_group_has_a_lock_file() -> None:
    """`make lock` writes one file for the service, and one for each group and each list of packages."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    lists = {file.stem for file in (ROOT / "requirements").glob("*.in")}
    locks = {file.stem for file in (ROOT / "requirements").glob("*.txt")}
    assert locks == {"runtime", *groups, *lists} - {"build"}
