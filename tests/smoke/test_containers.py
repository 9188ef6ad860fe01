"""How the engine runs the containers."""

import re

import pytest

from tests.smoke.compose import PROJECT, SERVICES, compose, docker, inspect, run

pytestmark = [pytest.mark.usefixtures("stack"), pytest.mark.parametrize("service", SERVICES)]


def test_processes(service: str) -> None:
    """No process is root's, none has a capability, and none can get one."""
    status = compose("exec", "-T", service, "sh", "-c", "cat /proc/[0-9]*/status 2>/dev/null || true")
    users = set(re.findall(r"^Uid:\s+(.+)$", status, re.MULTILINE))
    assert users == {"\t".join([{"frontend": "101"}.get(service, "10001")] * 4)}
    for capabilities in ("CapEff", "CapPrm", "CapBnd"):
        assert set(re.findall(rf"^{capabilities}:\s+(\w+)$", status, re.MULTILINE)) == {"0" * 16}
    assert set(re.findall(r"^NoNewPrivs:\s+(\d)$", status, re.MULTILINE)) == {"1"}


def test_read_only_root(service: str) -> None:
    """Not even root could write outside /tmp."""
    command = ("docker", "compose", "--project-name", PROJECT, "exec", "-T", "--user", "0", service)
    written = run(*command, "sh", "-c", "touch /x")
    assert written.returncode != 0
    assert "Read-only file system" in written.stderr


def test_limits(service: str) -> None:
    """Memory, CPU and processes are limited, the log is rotated, an init reaps, and a crash restarts."""
    host = inspect(service)["HostConfig"]
    assert host["Memory"] > 0
    assert host["NanoCpus"] > 0
    assert host["PidsLimit"] > 0
    assert host["LogConfig"]["Config"] == {"max-file": "3", "max-size": "10m"}
    assert host["Init"] is True
    assert host["RestartPolicy"]["Name"] == "unless-stopped"


def test_loopback_alone(service: str) -> None:
    """The port is published on this machine alone."""
    (bindings,) = inspect(service)["HostConfig"]["PortBindings"].values()
    assert [binding["HostIp"] for binding in bindings] == ["127.0.0.1"]


def test_no_other_port(service: str) -> None:
    """The image exposes one port."""
    exposed = docker(
        "image", "inspect", "--format", "{{len .Config.ExposedPorts}}", inspect(service)["Image"]
    )
    assert exposed == "1"
