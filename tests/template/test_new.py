"""`make new`, as a user calls it: what it refuses, what it says, and where the service is then."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.template.services import add_environment, commit, run

DEFAULTS = "ARGS=--defaults"


@pytest.fixture
def checkout(template: Path, tmp_path: Path) -> Path:
    """A clone of this repository, in a folder whose name is hard for shells."""
    return add_environment(shutil.copytree(template, tmp_path / "a $HOME clone", symlinks=True))


def new(checkout: Path, *arguments: str, **variables: str) -> str:
    """Run `make new` and return what it prints, also when it fails."""
    try:
        return run(checkout, "make", "new", *arguments, **variables)
    except RuntimeError as error:
        return f"{error}"


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_home_is_expanded_and_the_printed_commands_work(checkout: Path, tmp_path: Path, shell: str) -> None:
    """`DEST=~/…` works where the shell does not expand it, and the printed `cd` can be pasted."""
    home = tmp_path / "home of ada"
    home.mkdir()
    printed = run(checkout, shell, "-c", f"make new {DEFAULTS} DEST=~/'my svc'", HOME=str(home))
    [cd] = re.findall(r"^  (cd .*)$", printed, re.MULTILINE)
    assert run(tmp_path, shell, "-c", f"{cd} && pwd") == f"{home / 'my svc'}\n"
    assert (home / "my svc/Makefile").exists()


def test_relative_destination_with_a_space(checkout: Path, tmp_path: Path) -> None:
    """A relative DEST counts from the folder in which make runs."""
    assert "Generated. Next:" in new(checkout, DEFAULTS, "DEST=../my service")
    answers = yaml.safe_load((tmp_path / "my service/.copier-answers.yml").read_text())
    assert answers["project_name"] == "My service"
    assert (answers["_src_path"], answers["_commit"]) == (str(checkout), "v1.0.0")


def test_destination_is_required(checkout: Path) -> None:
    """Without DEST, one line says how to call it."""
    assert "DEST is required: make new DEST=../my-service" in new(checkout)


def test_how_to_answer_is_said_where_something_is_asked(checkout: Path) -> None:
    """Copier writes its answer into the line, where what one types is added to it."""
    assert "Enter accepts it, Ctrl-U clears it." in new(checkout, "ARGS=--unknown", "DEST=../service")
    assert "Ctrl-U" not in new(checkout, DEFAULTS, "DEST=../service")


def test_uncommitted_changes_are_refused_unless_forced(checkout: Path, tmp_path: Path) -> None:
    """A service with changes that no commit has could not be updated."""
    (checkout / "backend/routes/untracked.py").touch()
    printed = new(checkout, DEFAULTS, "DEST=../service")
    assert "updates of the service would fail:\n?? backend/routes/untracked.py\n" in printed
    assert not (tmp_path / "service").exists()
    assert "Generated." in new(checkout, DEFAULTS, "DEST=../service", "FORCE=1")
    assert (tmp_path / "service/backend/routes/untracked.py").exists()


def test_commit_after_the_newest_tag_is_said(checkout: Path) -> None:
    """Copier would call the newest tag a downgrade: the output says how to update, and how to start from the tag."""
    (checkout / "bench/later.py").touch()
    commit(checkout)
    printed = new(checkout, DEFAULTS, "DEST=../service")
    assert "HEAD is later than the newest tag, v1.0.0." in printed
    assert 'make update ARGS="--vcs-ref HEAD"' in printed
    assert "later than" not in new(checkout, "ARGS=--defaults --vcs-ref v1.0.0", "DEST=../other")


def test_copy_without_git_is_said(checkout: Path, tmp_path: Path) -> None:
    """An unpacked ZIP works, build products in it are left out, and no update is possible."""
    shutil.rmtree(checkout / ".git")
    for name in ("backend/routes/__pycache__", "frontend/src/node_modules", "packages/local-okta/dist"):
        (checkout / name).mkdir()
        (checkout / name / "x.txt").touch()
    assert "has no git history, so the service cannot be updated" in new(
        checkout, DEFAULTS, "DEST=../service"
    )
    assert list((tmp_path / "service").rglob("x.txt")) == []


def test_checkout_that_lost_its_links_is_refused(checkout: Path, tmp_path: Path) -> None:
    """Git on Windows, and some unpackers, write the target of a link into a file."""
    link = checkout / "template/Makefile"
    link.unlink()
    link.write_text("../Makefile")
    assert "template/ has lost its links" in new(checkout, DEFAULTS, "DEST=../service")
    assert not (tmp_path / "service").exists()


# Copier is among the packages of `make check`.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
