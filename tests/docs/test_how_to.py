"""The how-tos, followed step by step in an empty folder."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi import APIRouter

from local_okta.pytest_plugin import OktaToken
from local_okta.state import LocalOkta
from tests.support.api import app_for, settings_for
from tests.support.pages import ROOT, blocks
from tests.support.processes import environment

HOW_TO = ROOT / "docs" / "how-to"


def write_files(page: Path, folder: Path) -> None:
    """Write those Python blocks of `page` that begin with a file name to files in `folder`."""
    for block in blocks(page, "python"):
        if name := re.match(r"# (\S+\.py)\n", block):
            path = folder / name[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block)


def run_pytest(folder: Path, *arguments: str) -> str:
    """Run pytest in `folder` and return its output; warnings are errors."""
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_new_route_and_its_tests_work(tmp_path: Path) -> None:
    """The example in "Test your routes" works as printed."""
    for name in ("backend", "local_okta"):
        shutil.copytree(ROOT / name, tmp_path / name)
    write_files(HOW_TO / "test-your-routes.md", tmp_path)
    output = run_pytest(tmp_path, "tests/test_figures.py", "-p", "local_okta.pytest_plugin")
    assert "3 passed" in output


def test_the_folder_works_in_a_new_app(tmp_path: Path) -> None:
    """The app in "Add it to an existing FastAPI app" works as printed, with the folders copied as it says."""
    copy_folders(tmp_path)
    write_files(HOW_TO / "add-to-an-existing-app.md", tmp_path)
    assert "1 passed" in run_pytest(tmp_path, "test_app.py")


def test_the_folder_works_in_an_existing_app(tmp_path: Path) -> None:
    """An app with routers, CORS, docs, static files, a WebSocket and TestClient tests works after the steps."""
    copy_folders(tmp_path)
    shutil.copytree(Path(__file__).parent / "existing_app", tmp_path, dirs_exist_ok=True)
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["local_okta.pytest_plugin"]\n')
    assert re.search(r"^\d+ passed", run_pytest(tmp_path, "test_shop.py").splitlines()[-1])


def test_the_folder_installs_with_what_the_page_names() -> None:
    """The packages in the page's pip commands are those that the folders import."""
    [commands] = [block for block in blocks(HOW_TO / "add-to-an-existing-app.md", "sh") if "pip" in block]
    named = {
        re.split(r"[\[=<>]", word)[0].lower() for word in re.findall(r'[\w.\-"\[\]]+(?=[\s=<>])', commands)
    }
    for package in ("fastapi", "httpcore2", "okta-jwt-verifier", "requests"):
        assert package in {name.strip('"') for name in named}, package


@pytest.mark.parametrize("page", sorted(HOW_TO.glob("*.md")), ids=lambda page: page.stem)
def test_python_blocks_run(page: Path, okta: LocalOkta, okta_token: OktaToken) -> None:
    """The Python blocks of a page without a file name run one after the other, in one namespace."""
    names = {"router": APIRouter(), "app": app_for(settings_for(okta)), "okta_token": okta_token}
    for block in blocks(page, "python"):
        if not block.startswith("# "):
            exec(compile(block, page.name, "exec"), names)  # noqa: S102 - the code is ours


def copy_folders(folder: Path) -> None:
    """Copy backend/okta as okta_auth, and local_okta, into `folder`."""
    shutil.copytree(ROOT / "backend" / "okta", folder / "okta_auth")
    shutil.copytree(ROOT / "local_okta", folder / "local_okta")


pytestmark = pytest.mark.timeout(120)
