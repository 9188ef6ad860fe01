"""The example on the page about the local Okta, as a user runs it."""

import json
import re
import subprocess
import sys
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
from local_okta.config_file import read_config
from local_okta.testing import running

from tests.support.pages import ROOT, blocks
from tests.support.processes import environment

PAGE = ROOT / "docs/reference/local-okta.md"
PROGRAM = Path(sys.executable).parent / "local-okta"


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command `local-okta` in a folder until it exits."""
    command = [str(PROGRAM), *arguments]
    return subprocess.run(command, cwd=cwd, env=environment(), capture_output=True, text=True, check=False)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The page's `local-okta.toml`, in a folder of its own."""
    [block] = blocks(PAGE, "toml")
    path = tmp_path / "local-okta.toml"
    path.write_text(block)
    return path


def test_example_works(example: Path) -> None:
    """The printed command gets the new person's token for the new scope, and Ada's has the claim."""
    [printed] = re.findall(r'make token ARGS="(.+?)"', PAGE.read_text())
    with running(read_config(folder=example.parent)) as okta:
        issuer = ("--issuer", okta.issuer)
        linus, ada = (
            run("token", *issuer, *options, cwd=example.parent)
            for options in (printed.split(), ("--scope", "openid"))
        )
    claims = [json.loads(urlsafe_b64decode(it.stdout.split(".")[1] + "==")) for it in (linus, ada)]
    assert (claims[0]["uid"], claims[0]["scp"]) == ("00ulocallinus", ["figures:read"])
    assert (claims[1]["groups"], claims[1]["department"]) == (["Everyone", "Admins", "Finance"], "Finance")


def test_printed_fault_is_what_the_command_prints(example: Path) -> None:
    """Without the family name the command prints the page's line and exits with status 78."""
    faulty = example.with_name("faulty.toml")
    faulty.write_text(example.read_text().replace('family_name = "Pauling"\n', ""))
    result = run("--config", faulty.name, cwd=example.parent)
    assert (result.returncode, result.stdout) == (78, "")
    assert blocks(PAGE, "text") == [result.stderr]
