"""nginx and HAProxy in front of several instances, on a free port."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path
from typing import Final

from tests.support.api import free_address, wait_until_ready
from tests.support.pages import ROOT, blocks

PAGE: Final = ROOT / "docs/how-to/deploy-on-one-machine.md"
# Both retry a request at another instance if the connection fails, and nothing that may be unsafe to repeat.
_NGINX: Final = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
worker_processes auto;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {servers}
}}
"""
NGINX: Final = _NGINX.replace(
    "{servers}",
    """\
upstream api {{
        {servers}
    }}
    server {{
        listen {address};
        location / {{
            proxy_pass http://api;
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header Connection "";
            proxy_connect_timeout 1s;
            proxy_next_upstream error timeout;
            proxy_next_upstream_tries 3;
        }}
    }}""",
)
HAPROXY: Final = """\
defaults
    mode http
    timeout connect 1s
    timeout client 30s
    timeout server 30s
    option redispatch 1
    retries 3
    retry-on conn-failure empty-response
frontend front
    bind {address}
    default_backend api
backend api
    option httpchk GET /readyz
    timeout check 5s
    # Three checks fail within DRAIN_SECONDS; one may fail on a busy machine.
    default-server check inter 1s fall 3 rise 1
    {servers}
"""
PROXIES: Final = {
    "nginx": (NGINX, "server {} max_fails=1 fail_timeout=1s;", ("nginx", "-c")),
    "haproxy": (HAPROXY, "server {0} {0}", ("haproxy", "-db", "-f")),
    # These stop sending to an instance that has returned a few 503s.
    "nginx that counts 503": (
        NGINX.replace("error timeout;", "error timeout http_503;"),
        "server {} max_fails=3 fail_timeout=10s;",
        ("nginx", "-c"),
    ),
    "haproxy that counts 5xx": (
        HAPROXY.replace("check inter 1s", "check observe layer7 error-limit 5 on-error mark-down inter 1s"),
        "server {0} {0}",
        ("haproxy", "-db", "-f"),
    ),
}


@contextmanager
def proxy(name: str, folder: Path, instances: list[str]) -> Iterator[str]:
    """Run the proxy `name` in front of the addresses in `instances`; yield its URL."""
    template, server, command = PROXIES[name]
    address = free_address()
    servers = "\n    ".join(server.format(instance) for instance in instances)
    text = template.format(folder=folder, address=address, servers=servers)
    with _running(name, command, folder, text, f"http://{address}") as url:
        yield url


@contextmanager
def _running(name: str, command: tuple[str, ...], folder: Path, text: str, url: str) -> Iterator[str]:
    name = name.partition(" ")[0]
    file = folder / f"{name}.conf"
    file.write_text(text)
    with (
        (folder / f"{name}.log").open("w") as log,
        subprocess.Popen([*command, str(file)], stderr=log) as process,
    ):
        try:
            wait_until_ready(url)
            yield url
        finally:
            process.terminate()


def _documented_nginx(address: str, instance: str, *, limited: bool) -> str:
    """Return the configuration of the deployment page, without TLS, from `address` to `instance`."""
    site, zones, limits, _ = blocks(PAGE, "nginx")
    if limited:
        site = zones + site.replace("    location / {", f"{limits}\n    location / {{")
    return _without_tls(site, address).replace("http://127.0.0.1:8000", instance)


def _without_tls(site: str, address: str) -> str:
    return re.sub(r"\n *ssl_.*;", "", re.sub(r"listen .*;", f"listen {address};", site))


@contextmanager
def nginx_as_documented(folder: Path, instance: str, *, limited: bool = False) -> Iterator[str]:
    """Run nginx as the deployment page configures it, in front of the URL `instance`; yield its URL.

    With `limited`, it has the page's limits on requests and connections.
    """
    address = free_address()
    servers = _documented_nginx(address, instance, limited=limited)
    text = _NGINX.format(folder=folder, servers=servers)
    with _running("nginx", ("nginx", "-c"), folder, text, f"http://{address}") as url:
        yield url


@contextmanager
def app_as_documented(folder: Path, dist: Path, settings: Path) -> Iterator[str]:
    """Run nginx as the deployment page configures it for the app in `dist`; yield its URL."""
    address = free_address()
    site = _without_tls(blocks(PAGE, "nginx")[-1], address)
    site = site.replace("/srv/api/frontend/dist", str(dist)).replace("/etc/nginx/app", str(settings))
    text = _NGINX.format(folder=folder, servers=site)
    command = ("nginx", "-g", f"user {getuser()};", "-c")  # who can read the folders of the test
    with _running("nginx", command, folder, text, f"http://{address}") as url:
        yield url
