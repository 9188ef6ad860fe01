"""What can be seen without the network: the settings together, the proxy, the libraries."""

import os
from collections.abc import Iterator
from difflib import get_close_matches
from importlib.metadata import version
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from packaging.specifiers import SpecifierSet

from backend.doctor.result import Result, amber, green, red
from backend.okta.session import is_loopback
from backend.settings import Settings

# What the seam to okta-jwt-verifier was tested with (docs/decisions/0003).
_TESTED: Final = {"okta-jwt-verifier": "==0.5.0", "PyJWT": ">=2.15,<2.16"}


def check_environment(settings: Settings) -> Iterator[Result]:
    """Yield what stands out in `settings`, the process's environment and its libraries."""
    yield green("settings", f"issuer {settings.okta_issuer[0]}, audience {settings.okta_audience[0]}")
    yield from _unknown_variables()
    yield _origins(settings)
    yield _resource(settings)
    yield _proxy(settings)
    yield from _libraries()


def _unknown_variables() -> Iterator[Result]:
    known = {field.upper() for field in Settings.model_fields}
    for name in sorted(os.environ):
        near = get_close_matches(name.upper(), known, n=1, cutoff=0.8)
        if name.upper() not in known and (near or name.startswith(("OKTA_", "CORS_"))):
            meant = near or sorted(other for other in known if other.startswith(name[:5].upper()))
            yield amber(
                "settings", f"{name} is set and nothing reads it", f"did you mean {' or '.join(meant)}?"
            )


def _origins(settings: Settings) -> Result:
    local = is_loopback(urlsplit(settings.okta_issuer[0]).hostname or "")
    for origin in settings.cors_origins:
        url = urlsplit(origin)
        if url.scheme == "http" and not is_loopback(url.hostname or ""):
            remedy = f"serve the app over https and put https://{url.netloc} into CORS_ORIGINS"
            return red("CORS origins", f"{origin} is plain http: no browser signs in at Okta from it", remedy)
    if not local and all(is_loopback(urlsplit(origin).hostname or "") for origin in settings.cors_origins):
        finding = f"only {', '.join(settings.cors_origins) or 'no origin'}, with the issuer of a real org"
        return amber("CORS origins", finding, "add the origin of your deployed app to CORS_ORIGINS")
    return green("CORS origins", ", ".join(settings.cors_origins) or "none: no browser app may call")


def _resource(settings: Settings) -> Result:
    local = is_loopback(urlsplit(settings.okta_issuer[0]).hostname or "")
    if not local and is_loopback(urlsplit(settings.resource_url).hostname or ""):
        finding = f"{settings.resource_url}, with the issuer of a real org"
        return amber(
            "resource URL", finding, "put the URL under which callers reach this API into RESOURCE_URL"
        )
    return green("resource URL", settings.resource_url)


def _proxy(settings: Settings) -> Result:
    url = urlsplit(settings.jwks_uris[settings.okta_issuer[0]])
    proxy = getproxies().get(url.scheme)
    if proxy is None or proxy_bypass(url.hostname or ""):
        return green("proxy", "none for the issuer")
    host = urlsplit(proxy).hostname
    if is_loopback(url.hostname or ""):
        return red(
            "proxy", f"{host} stands between here and a local issuer", f"add {url.hostname} to NO_PROXY"
        )
    return amber(
        "proxy", f"keys are fetched by way of {host}", f"if that is not meant, add {url.hostname} to NO_PROXY"
    )


def _libraries() -> Iterator[Result]:
    for name, tested in _TESTED.items():
        installed = version(name)
        if installed not in SpecifierSet(tested):
            yield red("libraries", f"{name} {installed} is not the one tested", f"install {name}{tested}")
        else:
            yield green("libraries", f"{name} {installed}")
