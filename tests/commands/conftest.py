"""The ports and the settings that these tests need for themselves."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.ports import in_use
from tests.support.pages import ROOT
from tests.support.terminal import PORTS


@pytest.fixture
def old_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Node that is too old for the app, so that it is left out."""
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho v18.19.0\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


@pytest.fixture
def wrapped_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `node` that starts the real one and waits for it, as the one that PyPI has."""
    wrapper = tmp_path / "node"
    # It does more after it, or a shell would become it.
    wrapper.write_text(f'#!/bin/sh\n"{shutil.which("node")}" "$@"\nexit $?\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


@pytest.fixture(autouse=True)
def free_ports() -> None:
    """These tests use the ports of the README."""
    for port in PORTS:
        assert not in_use(port), f"port {port} is in use: end what listens there to run this test"


@pytest.fixture(autouse=True)
def no_env_file() -> Iterator[None]:
    """Put the developer's own `.env` aside."""
    mine, aside = ROOT / ".env", ROOT / ".env.aside"
    if mine.exists():
        shutil.move(mine, aside)
    yield
    if aside.exists():
        shutil.move(aside, mine)
