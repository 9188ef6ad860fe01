"""The built wheel in an empty virtual environment."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from local_okta_commands import run_pytest

PACKAGE = Path(__file__).parents[1]
TEST = """
def test_fixtures(local_okta, okta_token):
    assert okta_token(person="grace")
"""


def output_of(*command: str | Path, cwd: Path) -> str:
    """Run a command in a folder, and return what it prints."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the programs of an environment in which the wheel is installed.

    Its dependencies are those of this environment.
    """
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    wheel = ("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, PACKAGE)
    output_of(*pip, *wheel, cwd=folder)
    environment = folder / "environment"
    venv.create(environment)
    (built,) = folder.glob("*.whl")
    output_of(*pip, "--python", environment, "install", "--no-deps", "--no-index", built, cwd=folder)
    variables = {"base": str(environment), "platbase": str(environment)}
    own = Path(sysconfig.get_path("purelib", "venv", variables))
    (own / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return Path(sysconfig.get_path("scripts", "venv", variables))


def test_installed_module_is_that_of_the_wheel(programs: Path, tmp_path: Path) -> None:
    """The environment imports the wheel's module and not this folder's; it is typed."""
    code = "import local_okta; print(local_okta.__file__)"
    module = Path(output_of(programs / "python", "-c", code, cwd=tmp_path).strip())
    assert module.is_relative_to(programs.parent)
    assert (module.parent / "py.typed").exists()
    assert (module.parent / "templates/sign_in.html").exists()


def test_fixtures_are_there(programs: Path, tmp_path: Path) -> None:
    """A test uses the fixtures without a line in a conftest."""
    (tmp_path / "test_it.py").write_text(TEST)
    assert "1 passed" in run_pytest(tmp_path, programs / "python")


@pytest.mark.parametrize("arguments", [("--help",), ("token", "--help")], ids=" ".join)
def test_commands_are_there(programs: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Both commands run."""
    name = " ".join(["local-okta", *arguments[:-1]])
    assert f"usage: {name} " in output_of(programs / "local-okta", *arguments, cwd=tmp_path)
