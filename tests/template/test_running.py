"""The smallest service runs: `make run`, and the curl command that it prints."""

import re
from pathlib import Path

import pytest

from tests.support.template import generate
from tests.support.terminal import READY, Terminal, shell


def test_make_run_and_the_printed_curl(template: Path, tmp_path: Path, ports: dict[str, str]) -> None:
    """A service without any part starts, and the printed command returns a greeting."""
    service = generate(template, tmp_path / "my-service", {"parts": [], "deployment": []})
    with Terminal(service, **ports) as terminal:
        terminal.wait_for(READY, 120)
        printed = re.search(r"curl .*", terminal.output)
        assert printed is not None
        assert shell(printed[0].strip()) == '{"message":"Hello, Ada"}'


# Copier is among the packages of `make check`.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
