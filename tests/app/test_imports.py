"""Which part may import which, and what runs without pytest."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pages import ROOT
from tests.support.processes import environment

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


def test_modules_find_what_they_import() -> None:
    """No module that runs as `python -m tests.…` needs the path or the environment that pytest has from its configuration."""
    files = [path.relative_to(ROOT) for path in ROOT.glob("tests/*/*.py") if "__main__" in path.read_text()]
    modules = {str(path.with_suffix("")).replace("/", ".") for path in files}
    assert "tests.support.two_instances" in modules
    code = f"import tests.soak.run, {', '.join(sorted(modules))}"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(), check=True)
