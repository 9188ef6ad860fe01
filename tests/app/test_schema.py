"""Schemathesis generates requests from /openapi.json, and checks the responses against it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_okta.serving import serve
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken

from backend.main import create_app
from tests.support.api import settings_for, wait_until_ready
from tests.support.pages import ROOT
from tests.support.processes import environment

pytestmark = pytest.mark.slow

WITHOUT_TOKEN = [
    "positive_data_acceptance",  # it generates credentials that no token can have: 400
    "unsupported_method",  # the token comes before the method: 401, not 405
]


@pytest.fixture(scope="module")
def service_url(local_okta_server: LocalOkta) -> Iterator[str]:
    """The service without the routes that the other tests add."""
    with serve(create_app(settings_for(local_okta_server))) as url:
        wait_until_ready(url)
        yield url


def schemathesis(url: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run all checks and phases against the service at `url`, the same requests each time."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "--no-color",
        "run",
        f"{url}/openapi.json",
    ]
    return subprocess.run(
        [*command, "--url", url, "--seed", "1", "--max-examples", "50", *options],
        cwd=folder,
        env=environment(SCHEMATHESIS_HOOKS="tests.support.schemathesis_hooks", PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        check=False,
    )


def test_requests_with_a_token_match_the_document(
    service_url: str, okta_token: OktaToken, tmp_path: Path
) -> None:
    """A caller who may use every route gets documented responses only."""
    scopes = ["reports:read", "reports:write", "reports:approve"]
    token = okta_token(scp=scopes, groups=["Admins"], acr="urn:okta:loa:2fa:any")
    done = schemathesis(service_url, tmp_path, "--header", f"Authorization: Bearer {token}")
    assert done.returncode == 0, done.stdout + done.stderr


def test_requests_without_a_token_match_the_document(service_url: str, tmp_path: Path) -> None:
    """Refusals are documented, and no route responds without a token unless it is public."""
    done = schemathesis(service_url, tmp_path, "--exclude-checks", ",".join(WITHOUT_TOKEN))
    assert done.returncode == 0, done.stdout + done.stderr
