"""The packages in lock files, and the packages that they should contain."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def locked(lock: Path) -> set[str]:
    """Return the names of the packages in a lock file."""
    return {
        canonicalize_name(name)
        for name in re.findall(r"^([A-Za-z0-9][\w.-]*)", lock.read_text(), re.MULTILINE)
    }


def required(project: Path) -> dict[str, set[str]]:
    """Return each lock file of `project`, with the packages that its group requires on any platform.

    The requirements of a package are read from the installed packages.
    """
    config = tomllib.loads((project / "pyproject.toml").read_text())
    groups = config["dependency-groups"]
    wanted = {name: list(_flat(groups, name)) for name in groups}
    return {
        f"requirements/{name}.txt": _closure(requirements)
        for name, requirements in {"runtime": config["project"]["dependencies"], **wanted}.items()
    }


def _flat(groups: dict[str, Any], name: str) -> Iterator[str]:
    for item in groups[name]:
        if isinstance(item, dict):
            yield from _flat(groups, item["include-group"])
        else:
            yield item


def _closure(requirements: list[str]) -> set[str]:
    todo, seen = [Requirement(text) for text in requirements], set()
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        if (name, *sorted(requirement.extras)) in seen:
            continue
        seen.add((name, *sorted(requirement.extras)))
        todo += [it for it in map(Requirement, _requires(name)) if _applies(it, requirement.extras)]
    return {name for name, *_ in seen}


def _requires(name: str) -> list[str]:
    try:
        return requires(name) or []
    except PackageNotFoundError:  # of another platform
        return []


def _applies(requirement: Requirement, extras: set[str]) -> bool:
    asked = re.findall(r'extra == "([^"]+)"', str(requirement.marker or ""))
    return not asked or not extras.isdisjoint(asked)
