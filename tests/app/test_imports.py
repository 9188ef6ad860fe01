"""Which part may import which."""

import ast
from pathlib import Path

import pytest

from tests.support.pages import ROOT

SERVED = (ROOT / "backend", ROOT / "packages/fastapi-okta-auth/src")


def imported(path: Path) -> set[str]:
    """Return the top-level packages that a module imports, wherever it does."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("folder", SERVED, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_what_is_served_imports_nothing_of_the_local_okta(folder: Path) -> None:
    """The service and the verifier do not import the package that signs test tokens."""
    modules = sorted(folder.rglob("*.py"))
    assert "fastapi" in {name for path in modules for name in imported(path)}
    assert not [path for path in modules if "local_okta" in imported(path)]
