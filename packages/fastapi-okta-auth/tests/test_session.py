"""Requests to the issuer: proxies, ~/.netrc and private certificate authorities."""

import asyncio
import os
import ssl
import sys
from pathlib import Path

import pytest
from fastapi_okta_auth.http import proxy_for
from fastapi_okta_auth.keys import KeySetError
from okta_support.key_set import KeySetServer, fetch, self_signed

pytestmark = pytest.mark.anyio
DEAD = "127.0.0.1:9"


async def test_loopback_issuer_is_never_asked_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY is not used for an issuer on this machine."""
    monkeypatch.setenv("HTTP_PROXY", f"http://{DEAD}")
    with KeySetServer().running() as address:
        assert await fetch(f"http://{address}/keys") == 1


@pytest.mark.parametrize("host", ["localhost", "okta.localhost", "127.0.0.1", "127.8.8.8", "[::1]"])
def test_loopback_hosts_have_no_proxy(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """Names and addresses of this machine are recognized."""
    monkeypatch.setenv("HTTP_PROXY", f"http://{DEAD}")
    assert proxy_for(f"http://{host}:9000/keys") is None
    assert proxy_for(f"http://{host.strip('[]')}.example:9000/keys") == f"http://{DEAD}"


@pytest.mark.parametrize("scheme", ["http://", ""])
async def test_other_hosts_are_asked_through_the_proxy(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """The proxy gets its credentials, with or without a scheme in its URL."""
    proxy = KeySetServer()
    with proxy.running() as address:
        monkeypatch.setenv("HTTP_PROXY", f"{scheme}user:secret@{address}")
        assert await fetch("http://issuer.example/keys") == 1
    [(target, headers)] = proxy.requests
    assert target == "http://issuer.example/keys"
    assert headers["Proxy-Authorization"].startswith("Basic ")


@pytest.mark.parametrize("excluded", ["issuer.example", ".example", "issuer.example:8080", "*"])
def test_no_proxy_excludes_hosts(monkeypatch: pytest.MonkeyPatch, excluded: str) -> None:
    """NO_PROXY names hosts, domains or hosts with a port."""
    monkeypatch.setenv("HTTP_PROXY", f"http://{DEAD}")
    monkeypatch.setenv("NO_PROXY", excluded)
    assert proxy_for("http://issuer.example:8080/keys") is None


@pytest.mark.parametrize("proxy", ["http://user:secret@{}", "user:secret@{}", "http://user:secret@[{}", "socks5://user:secret@{}"])  # fmt: skip
@pytest.mark.parametrize("status", [407, 502])
async def test_proxy_password_is_not_in_the_error(
    monkeypatch: pytest.MonkeyPatch, proxy: str, status: int
) -> None:
    """The error has no password if the proxy is down, invalid or refuses the request."""
    server = KeySetServer()
    server.status = status
    with server.running() as address:
        for target in (DEAD, address):
            monkeypatch.setenv("HTTP_PROXY", proxy.format(target))
            with pytest.raises(KeySetError) as error:
                await fetch("http://issuer.example/keys")
            assert "secret" not in str(error.value)


async def test_netrc_credentials_are_not_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A ~/.netrc with the issuer's host changes nothing."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login ada password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server = KeySetServer()
    with server.running() as address:
        await fetch(f"http://{address}/keys")
    [(_, headers)] = server.requests
    assert "Authorization" not in headers


async def test_ssl_cert_file_replaces_the_trusted_authorities(tmp_path: Path) -> None:
    """A certificate of a private authority is refused, and accepted with SSL_CERT_FILE."""
    server, certificate = KeySetServer(), self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with server.running() as address:
        with pytest.raises(KeySetError, match="CERTIFICATE_VERIFY_FAILED"):
            await fetch(f"https://{address}/keys")
        code = "import asyncio, sys; from okta_support.key_set import fetch; print(asyncio.run(fetch(sys.argv[1])))"
        process = await asyncio.create_subprocess_exec(  # OpenSSL reads the variable once
            sys.executable, "-c", code, f"https://{address}/keys",
            cwd=Path(__file__).parent, env={**os.environ, "SSL_CERT_FILE": str(certificate)}, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, _ = await process.communicate()
        assert output == b"1\n"
