"""Run the commands of local_okta as processes."""

import os
import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from local_okta.serving import bind

_choose = random.SystemRandom().choice


def run(*arguments: str, issuer: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command with these arguments until it exits, with OKTA_ISSUER set to `issuer` or unset."""
    environment = {name: value for name, value in os.environ.items() if name != "OKTA_ISSUER"}
    if issuer is not None:
        environment["OKTA_ISSUER"] = issuer
    command = [sys.executable, "-m", "local_okta", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False, env=environment)


def run_pytest(folder: Path, python: str | Path = sys.executable) -> str:
    """Run the tests in a folder, without this repository's settings; warnings are errors."""
    command = [python, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "--rootdir", folder]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def assert_one_line_error(result: subprocess.CompletedProcess[str], *words: str) -> None:
    """Check for exit status 1 and one line on standard error that contains the words."""
    assert (result.returncode, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1
    for word in words:
        assert word in result.stderr


def free_port() -> int:
    """Return a port that is free."""
    # Below the ephemeral ports, so that no other test gets the port in the meantime.
    while True:
        port = _choose(range(10_000, 32_768))
        with suppress(OSError), bind("127.0.0.1", port):
            return port
