"""The how-tos, followed step by step in an empty folder."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import APIRouter
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from tests.support.api import app_for, settings_for
from tests.support.pages import HOW_TO, ROOT, blocks, include_router, write_files
from tests.support.processes import environment
from tests.support.terminal import REAL_ORG


def run_pytest(folder: Path, *arguments: str) -> str:
    """Run pytest in `folder` and return its output; warnings are errors. A service's conftest.py sets the org."""
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment(**REAL_ORG), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_new_route_and_its_tests_work(tmp_path: Path) -> None:
    """The example in "Test your routes" works as printed, with its router in backend/main.py."""
    shutil.copytree(ROOT / "backend", tmp_path / "backend")
    write_files(HOW_TO / "test-your-routes.md", tmp_path)
    include_router(tmp_path, "figures")
    output = run_pytest(tmp_path, "tests/test_figures.py")
    assert "3 passed" in output


@pytest.mark.parametrize("page", ["test-your-routes", "store-data-for-a-user"])
def test_copied_examples_pass_make_lint(tmp_path: Path, page: str) -> None:
    """Who copies an example and then runs `make lint` has nothing to correct."""
    write_files(HOW_TO / f"{page}.md", tmp_path)
    shutil.copytree(ROOT / "backend", tmp_path / "backend", dirs_exist_ok=True)  # what imports are sorted by
    shutil.copy(ROOT / "ruff.toml", tmp_path)
    (tmp_path / "tests/__init__.py").write_text('"""Tests."""\n')
    for command in (("check",), ("format", "--check")):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "."],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout


def test_the_package_works_in_an_app(tmp_path: Path) -> None:
    """The app in "Add it to an existing FastAPI app" works as printed."""
    write_files(HOW_TO / "add-to-an-existing-app.md", tmp_path)
    assert "1 passed" in run_pytest(tmp_path, "test_app.py")


@pytest.mark.parametrize("page", sorted(HOW_TO.glob("*.md")), ids=lambda page: page.stem)
def test_python_blocks_run(page: Path, local_okta: LocalOkta, okta_token: OktaToken) -> None:
    """The Python blocks of a page without a file name run one after the other, in one namespace."""
    names: dict[str, object] = {"router": APIRouter(), "app": app_for(settings_for(local_okta))}
    names |= {"local_okta": local_okta, "okta_token": okta_token}
    for block in blocks(page, "python"):
        if not block.startswith("# "):
            exec(compile(block, page.name, "exec"), names)  # noqa: S102 - the code is ours


pytestmark = pytest.mark.timeout(120)
