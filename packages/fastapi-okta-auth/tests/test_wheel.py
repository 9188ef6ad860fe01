"""The built wheel in an empty virtual environment, as the README says."""

import os
import re
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution
from pathlib import Path

import httpx
import pytest
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken
from okta_support.requests import NO_TLS, bearer, free_address

PACKAGE = Path(__file__).parents[1]
README = (PACKAGE / "README.md").read_text()


def blocks(language: str) -> list[str]:
    """Return the README's code blocks in `language`."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


APP, CONFIGURED, TEST = blocks("python")


def output_of(*command: str | Path, cwd: Path) -> str:
    """Run a command in a folder, and return what it prints."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel of the folder that the README names.

    Its dependencies are those of this environment, because tests have no network.
    """
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    [install] = blocks("sh")
    source = PACKAGE.parents[1] / install.split()[-1]
    wheel = ("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, source)
    output_of(*pip, *wheel, cwd=folder)
    environment = folder / "environment"
    venv.create(environment)
    (built,) = folder.glob("*.whl")
    output_of(*pip, "--python", environment, "install", "--no-deps", "--no-index", built, cwd=folder)
    (Path(_path("purelib", environment)) / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return environment


def _path(name: str, environment: Path) -> str:
    variables = {"base": str(environment), "platbase": str(environment)}
    return sysconfig.get_path(name, "venv", variables)


@pytest.fixture
def python(environment: Path) -> Path:
    """The environment's Python."""
    return Path(_path("scripts", environment)) / "python"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the README's application and its test."""
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "test_app.py").write_text(TEST)
    return tmp_path


@pytest.fixture
def url(python: Path, folder: Path, local_okta: LocalOkta) -> Iterator[str]:
    """The README's application under uvicorn, with two variables."""
    address = free_address()
    host, _, port = address.partition(":")
    with subprocess.Popen(
        [python, "-m", "uvicorn", "app:app", "--host", host, "--port", port],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "OKTA_ISSUER": local_okta.issuer, "OKTA_CLIENT_ID": "0oalocalspa"},
    ) as process:
        try:
            wait_for_response(f"http://{address}")
            yield f"http://{address}"
        finally:
            process.terminate()


def wait_for_response(url: str) -> None:
    """Wait until a server responds, with any status."""
    deadline = time.monotonic() + 60
    while True:
        try:
            httpx.get(url, verify=NO_TLS)
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


def test_installed_package_is_that_of_the_wheel(environment: Path, python: Path, tmp_path: Path) -> None:
    """The environment imports the wheel's files and not the checkout's; tests are not among them."""
    code = "import fastapi_okta_auth; print(fastapi_okta_auth.__file__)"
    module = Path(output_of(python, "-c", code, cwd=tmp_path).strip())
    assert module.is_relative_to(environment)
    [distribution] = Distribution.discover(name="fastapi-okta-auth", path=[_path("purelib", environment)])
    installed = {str(file) for file in distribution.files or ()}
    assets = {"py.typed", "swagger/index.html", "swagger/assets/swagger-ui-bundle.js"}
    assert {f"fastapi_okta_auth/{name}" for name in assets} <= installed
    assert not [name for name in installed if "test" in name]


def test_eight_lines_verify_tokens(url: str, okta_token: OktaToken) -> None:
    """Without a token the response is the README's; with one the route responds."""
    assert len([line for line in APP.splitlines() if line]) == 8
    [session] = blocks("console")
    _, expected = session.splitlines()
    refused = httpx.get(f"{url}/mine")
    assert (refused.status_code, refused.text) == (401, expected)
    assert httpx.get(f"{url}/mine", headers=bearer(okta_token(exp=1))).json()["code"] == "expired"
    assert httpx.get(f"{url}/mine", headers=bearer(okta_token())).json() == "ada@example.com"


def test_test_of_the_readme_passes(folder: Path) -> None:
    """It runs as pasted, next to the application."""
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", folder)
    assert "1 passed" in output_of(*command, cwd=folder)


def test_settings_in_code(python: Path, tmp_path: Path) -> None:
    """The README's second application needs no variables; one of its routes is public."""
    check = "from fastapi_okta_auth.public import PublicRoutes\nprint(*PublicRoutes(app.routes))\n"
    (tmp_path / "configured.py").write_text(CONFIGURED + check)
    assert output_of(python, "configured.py", cwd=tmp_path) == "GET /status\n"
