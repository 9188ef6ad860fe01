"""A copy of the repository to run commands in."""

import os
import shutil
from pathlib import Path

import pytest

from tests.support.terminal import copy_repository


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository without `.env`, in a folder with a space and an umlaut in its name."""
    return copy_repository(tmp_path_factory.mktemp("checkout") / "my sërvice")


@pytest.fixture
def old_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Node that is too old for the app, so that the app is not served."""
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho v18.19.0\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


@pytest.fixture
def wrapped_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `node` that starts the real one and waits for it, as PyPI's does."""
    wrapper = tmp_path / "node"
    # A command follows, so that the shell does not exec the program.
    wrapper.write_text(f'#!/bin/sh\n"{shutil.which("node")}" "$@"\nexit $?\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
