"""The pre-commit configuration, with the real program in a repository of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pages import ROOT
from tests.support.processes import environment

pytestmark = pytest.mark.slow  # pre-commit is installed for `make check` only


@pytest.mark.parametrize(("recipe", "committed"), [("true", True), ("echo a fault; false", False)])
def test_commit_needs_a_clean_lint(tmp_path: Path, recipe: str, committed: bool) -> None:  # noqa: FBT001 - a case
    """With the hook installed, `git commit` runs `make lint`, shows its output and stops if it fails."""
    shutil.copy(ROOT / ".pre-commit-config.yaml", tmp_path)
    (tmp_path / "Makefile").write_text(f"lint:\n\t@{recipe}\n")

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        variables = environment(PRE_COMMIT_HOME=str(tmp_path / "cache"), GIT_CONFIG_GLOBAL="/dev/null")
        return subprocess.run(
            command, cwd=tmp_path, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )  # fmt: skip

    for command in (["git", "init"], [sys.executable, "-m", "pre_commit", "install"], ["git", "add", "."]):
        assert run(*command).returncode == 0
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    done = run("git", *author, "commit", "--message", "A change")
    assert (done.returncode == 0) is committed, done.stdout
    assert "make lint" in done.stdout
    assert committed or "a fault" in done.stdout
