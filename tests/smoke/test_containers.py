"""How the engine runs the containers."""

import re

import pytest

from tests.smoke.compose import PROJECT, SERVICES, compose, docker, inspect, run

pytestmark = [pytest.mark.usefixtures("stack"), pytest.mark.parametrize("service", SERVICES)]


def test_processes_have_no_root_and_no_capabilities(service: str) -> None:
    """No process runs as root, has a capability, or can get one."""
    status = compose("exec", "-T", service, "sh", "-c", "cat /proc/[0-9]*/status 2>/dev/null || true")
    users = set(re.findall(r"^Uid:\s+(.+)$", status, re.MULTILINE))
    assert users == {"\t".join([{"frontend": "101"}.get(service, "10001")] * 4)}
    for capabilities in ("CapEff", "CapPrm", "CapBnd"):
        assert set(re.findall(rf"^{capabilities}:\s+(\w+)$", status, re.MULTILINE)) == {"0" * 16}
    assert set(re.findall(r"^NoNewPrivs:\s+(\d)$", status, re.MULTILINE)) == {"1"}


def test_root_file_system_is_read_only(service: str) -> None:
    """Not even root can write outside /tmp."""
    command = ("docker", "compose", "--project-name", PROJECT, "exec", "-T", "--user", "0", service)
    written = run(*command, "sh", "-c", "touch /x")
    assert written.returncode != 0
    assert "Read-only file system" in written.stderr


def test_resources_and_logs_are_limited(service: str) -> None:
    """Memory, CPU and processes are limited, the log is rotated, and a crashed container restarts."""
    host = inspect(service)["HostConfig"]
    assert host["Memory"] > 0
    assert host["NanoCpus"] > 0
    assert host["PidsLimit"] > 0
    assert host["LogConfig"]["Config"] == {"max-file": "3", "max-size": "10m"}
    assert host["Init"] is True
    assert host["RestartPolicy"]["Name"] == "unless-stopped"


def test_ports_are_published_on_loopback_only(service: str) -> None:
    """Only this machine reaches the ports. The API shares the network of the local Okta, with its port."""
    published = inspect(service)["HostConfig"]["PortBindings"]
    assert len(published) == {"local-okta": 2, "backend": 0, "frontend": 1}[service]
    for bindings in published.values():
        assert [binding["HostIp"] for binding in bindings] == ["127.0.0.1"]


def test_image_exposes_one_port(service: str) -> None:
    """The image exposes one port."""
    exposed = docker(
        "image", "inspect", "--format", "{{len .Config.ExposedPorts}}", inspect(service)["Image"]
    )
    assert exposed == "1"
