"""The lock files of Python packages."""

from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.pages import ROOT


@pytest.mark.parametrize("name", ["requirements/runtime.txt", "requirements/dev.txt"])
def test_extras_are_pinned(name: str) -> None:
    """Where a package asks for x[y], x[y] is pinned: pip before 24.0 would look for a newer x otherwise, and fail."""
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
    assert "crypto" in extras[canonicalize_name("PyJWT")]
