"""The production image: its content, and what it does without settings."""

import json
import re

import pytest

from tests.smoke.compose import IMAGE, PROJECT, compose, docker, run

pytestmark = pytest.mark.usefixtures("stack")

MEBIBYTE = 1024 * 1024

LOOK = """
import importlib.util as u, json, os, pathlib, shutil
signer = ["local_okta", "jinja2", "multipart", "python_multipart"]
modules = [*signer, "dev", "tests", "pytest", "pip", "ensurepip", "setuptools"]
tools = ["pip", "gcc", "cc", "c++", "make", "git", "npm", "curl", "wget"]
files = [p for p in pathlib.Path("/").rglob("*") if not str(p).startswith(("/proc", "/sys"))]
print(json.dumps({
    "app": sorted(os.listdir("/app")),
    "modules": [m for m in modules if u.find_spec(m)],
    "tools": [t for t in tools if shutil.which(t)],
    "signer": [str(p) for p in files if "local_okta" in p.name or "local-okta" in p.name],
    "writable": [str(p) for top in ("/app", "/opt", "/usr") for p in pathlib.Path(top).rglob("*")
                 if not p.is_symlink() and os.access(p, os.W_OK)],
    "caches": [str(p) for p in files if p.name in (".cache", "pip") and p.is_dir()],
    "uid": os.getuid(),
}))
"""


def test_image_has_only_the_api_and_its_packages() -> None:
    """There is no token signer, test, compiler, pip or cache in the production image."""
    seen = json.loads(docker("run", "--rm", "--read-only", IMAGE, "python", "-c", LOOK))
    assert seen["app"] == ["backend", "gunicorn.conf.py"]
    assert seen["uid"] == 10001
    for nothing in ("modules", "tools", "signer", "writable", "caches"):
        assert seen[nothing] == []


def test_image_is_small() -> None:
    """The production image adds less than 140 MiB to its base."""
    history = docker("history", "--no-trunc", "--format", "{{.Size}}\t{{.CreatedBy}}", IMAGE)
    assert "local_okta" not in history
    assert "local-okta" not in history
    own = int(docker("image", "inspect", "--format", "{{.Size}}", IMAGE)) - int(
        docker("image", "inspect", "--format", "{{.Size}}", "python:3.13-slim")
    )
    assert own < 140 * MEBIBYTE


def test_image_is_configured_for_an_orchestrator() -> None:
    """The image has a numeric user, an exec-form command, a cheap health check and labels."""
    config = json.loads(docker("image", "inspect", "--format", "{{json .Config}}", IMAGE))
    assert config["User"] == "10001:10001"
    assert config["Cmd"] == ["python", "-m", "backend.server"]
    assert config["Healthcheck"]["Test"][:2] == ["CMD", "bash"]
    assert config["Labels"]["org.opencontainers.image.version"] == "dev"
    assert not [name for name in config["Env"] if "SECRET" in name or "OKTA" in name]


def test_api_without_settings_ends_with_status_78() -> None:
    """Without settings, the container prints one line per variable and ends."""
    ended = run("docker", "run", "--rm", "--read-only", IMAGE)
    assert ended.returncode == 78
    assert [line.split(":")[0] for line in ended.stderr.splitlines()] == ["OKTA_ISSUER", "OKTA_CLIENT_ID"]


@pytest.mark.parametrize("value", ["", "auto", '"2"'])
def test_api_with_an_unusable_number_of_workers_ends_with_status_78(value: str) -> None:
    """A WEB_CONCURRENCY that gunicorn cannot parse is one line, and no traceback."""
    ended = run("docker", "run", "--rm", "--read-only", "--env", f"WEB_CONCURRENCY={value}", IMAGE)
    assert ended.returncode == 78
    assert re.fullmatch("WEB_CONCURRENCY: .+\n", ended.stderr)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("VITE_OKTA_ISSUER", ""),
        ("VITE_OKTA_ISSUER", 'https://a.example/oauth2/default";alert(1)//'),
        ("VITE_OKTA_ISSUER", "https://a.example/oauth2/default\nfetch(1)"),
        ("VITE_API_URL", "ftp://a.example"),
        ("VITE_API_URL", "https://a.example; script-src *"),
        ("VITE_OKTA_CLIENT_ID", "0oa 1"),
        ("VITE_DPOP", "yes"),
    ],
)
def test_app_with_a_wrong_setting_does_not_start(variable: str, value: str) -> None:
    """A setting that is wrong, or that could become code or policy, stops the start."""
    settings = {
        "VITE_OKTA_ISSUER": "https://a.example/oauth2/default",
        "VITE_OKTA_CLIENT_ID": "0oa1",
        "VITE_API_URL": "https://b.example",
        variable: value,
    }
    arguments = [part for name, text in settings.items() for part in ("--env", f"{name}={text}")]
    command = ("docker", "run", "--rm", "--read-only", "--tmpfs=/tmp", *arguments, f"{PROJECT}-frontend")
    ended = run(*command)
    assert ended.returncode != 0
    assert variable in ended.stderr.splitlines()[-1]


def test_one_worker_runs_for_one_cpu() -> None:
    """The number of workers follows the CPU limit of the compose file."""
    read = "for process in /proc/[0-9]*; do tr '\\0' ' ' <$process/cmdline; echo; done 2>/dev/null"
    commands = compose("exec", "-T", "backend", "sh", "-c", read)
    assert len(re.findall("^python -m backend.server", commands, re.MULTILINE)) == 2  # with the master
