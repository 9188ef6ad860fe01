"""Run the commands of local_okta as processes."""

import os
import subprocess
import sys

from tests.support.api import free_address


def run(*arguments: str, issuer: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a module of local_okta until it exits, with OKTA_ISSUER set to `issuer` or unset."""
    environment = {name: value for name, value in os.environ.items() if name != "OKTA_ISSUER"}
    if issuer is not None:
        environment["OKTA_ISSUER"] = issuer
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=environment)


def assert_one_line_error(result: subprocess.CompletedProcess[str], *words: str) -> None:
    """Check for exit status 1 and one line on standard error that contains the words."""
    assert (result.returncode, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1
    for word in words:
        assert word in result.stderr


def free_port() -> int:
    """Return a port that is free."""
    return int(free_address().partition(":")[2])
