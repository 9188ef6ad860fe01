"""Checks of the settings, the way to the issuer, its clock and its keys."""

import json
import os
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import aclosing
from email.utils import parsedate_to_datetime
from typing import Any, Final, cast
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from fastapi_okta_auth.doctor.report import Result, Section, amber, green, red
from fastapi_okta_auth.doctor.requirements import check_required_scopes
from fastapi_okta_auth.http import Endpoint, RequestError, is_loopback, proxy_for
from fastapi_okta_auth.keys import MAX_BYTES, TIMEOUT_SECONDS, KeySetError, fetch_key_set
from fastapi_okta_auth.revocation import LOGOUT_PATH
from fastapi_okta_auth.settings import OktaSettings

NOTABLE_SKEW_SECONDS: Final = 5


def check_settings(settings: OktaSettings, app: FastAPI | None) -> Iterator[Result]:
    """Check the settings against each other, `app` and the environment, without the network."""
    issuers, audiences = ", ".join(settings.okta_issuer), ", ".join(settings.okta_audience)
    yield green("settings", f"issuer {issuers}, audience {audiences}")
    for line in type(settings).misspelled_variables():
        finding, _, remedy = line.partition("; ")
        yield amber("settings", finding, remedy)
    if app is not None:
        yield _origins(settings, allowed_origins(app))
    yield _resource_url(settings)
    yield from map(_proxy, settings.jwks_uris.values())
    if "REQUESTS_CA_BUNDLE" in os.environ and "SSL_CERT_FILE" not in os.environ:
        yield amber(
            "certificates", "REQUESTS_CA_BUNDLE is set, and nothing here reads it", "set SSL_CERT_FILE"
        )


def _is_local(settings: OktaSettings) -> bool:
    return all(is_loopback(urlsplit(issuer).hostname or "") for issuer in settings.okta_issuer)


def allowed_origins(app: FastAPI) -> list[str]:
    """Return the origins whose pages may call `app`."""
    options = [added.kwargs for added in app.user_middleware if cast("object", added.cls) is CORSMiddleware]
    return [
        str(origin) for kwargs in options for origin in cast("Iterable[str]", kwargs.get("allow_origins", ()))
    ]


def _origins(settings: OktaSettings, allowed: list[str]) -> Result:
    origins = ", ".join(allowed)
    hosts = [urlsplit(origin).hostname or "" for origin in allowed]
    for origin, host in zip(allowed, hosts, strict=True):
        if origin.startswith("http:") and not is_loopback(host):
            remedy = f"serve the app over https and put {origin.replace('http:', 'https:')} into CORS_ORIGINS"
            finding = f"{origin} is plain http: browsers cannot sign in from it"
            return red("CORS origins", finding, remedy, Section.START)
    if not _is_local(settings) and all(map(is_loopback, hosts)):
        finding = f"{origins or 'no origin'}, with an issuer that is not local"
        remedy = "add the origin of your deployed app to CORS_ORIGINS"
        return amber("CORS origins", finding, remedy, Section.START)
    return green("CORS origins", origins or "none: no browser app may call")


def _resource_url(settings: OktaSettings) -> Result:
    if not _is_local(settings) and is_loopback(urlsplit(settings.resource_url).hostname or ""):
        finding = f"{settings.resource_url}, with an issuer that is not local"
        remedy = "put the public URL of this API into RESOURCE_URL"
        return amber("resource URL", finding, remedy, Section.START)
    return green("resource URL", settings.resource_url)


def _proxy(url: str) -> Result:
    host, proxy = urlsplit(url).hostname, proxy_for(url)
    if proxy is None:
        return green("proxy", f"none for {host}")
    finding = f"keys are fetched through {urlsplit(proxy).hostname}"
    return amber("proxy", finding, f"if that is not intended, add {host} to NO_PROXY")


async def check_issuer(
    settings: OktaSettings, issuer: str, app: FastAPI | None = None
) -> AsyncIterator[Result]:
    """Check that `issuer` responds and is the one in the settings, its clock and keys, and `app`'s scopes.

    Sources: OpenID Connect Discovery section 4; Okta: "OpenID Connect & OAuth 2.0 API".
    """
    url = f"{issuer}/.well-known/openid-configuration"
    try:
        async with aclosing(Endpoint(url)) as session:
            response = await session.request("GET", seconds=TIMEOUT_SECONDS, max_bytes=MAX_BYTES)
    except RequestError as error:
        finding = f"{url} is unreachable ({error})"
        yield red("issuer", finding, _remedy(str(error), issuer), Section.SERVER)
    else:
        received = time.time()
        yield (discovered := _discovery(response.body, response.status, issuer))
        if response.status == 200:
            yield _clock(response.headers.get("date", ""), received, settings)
        if discovered.colour == "green" and app is not None:
            for result in check_required_scopes(app, json.loads(response.body)):
                yield result
    remedy = "check OKTA_JWKS_URI" if settings.okta_jwks_uri else "check OKTA_ISSUER and the network"
    yield await _keys("keys", settings.jwks_uris[issuer], remedy, Section.SERVER)


async def check_universal_logout(settings: OktaSettings) -> AsyncIterator[Result]:
    """Check that Okta can reach the endpoint of Universal Logout, and that its requests can be verified."""
    org, url = settings.universal_logout_issuer, settings.resource_url + LOGOUT_PATH
    if not org:
        return
    if is_loopback(urlsplit(url).hostname or "") and not is_loopback(urlsplit(org).hostname or ""):
        yield red(
            "universal logout", f"Okta cannot reach {url}", "put the public URL of this API into RESOURCE_URL"
        )
    else:
        yield green(
            "universal logout", f"{org} may revoke users of {', '.join(settings.universal_logout_issuers)}"
        )
        yield green("universal logout", f"its endpoint, to enter in Okta: {url}")
    yield await _keys("org keys", f"{org}/oauth2/v1/keys", "check UNIVERSAL_LOGOUT_ISSUER and the network")


def _remedy(error: str, issuer: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in error:
        return "its certificate is not trusted here: set SSL_CERT_FILE to the CA of your company's TLS proxy"
    if error.startswith("ProxyError: 407"):
        return "the proxy requires credentials: HTTPS_PROXY=http://user:password@host:port"
    if proxy_for(issuer) is not None:
        return "the proxy fails: check HTTPS_PROXY, or add the issuer's host to NO_PROXY"
    if issuer.startswith("http://"):
        return "start the local Okta (make run), or put a real issuer into OKTA_ISSUER"
    return "check name resolution, firewall and HTTPS_PROXY, and the domain in OKTA_ISSUER"


def _discovery(body: bytes, status: int, issuer: str) -> Result:
    if status == 404:
        remedy = "compare OKTA_ISSUER with the Issuer URI in Okta (Security > API)"
        return red("issuer", f"there is no authorization server at {issuer}", remedy, Section.SERVER)
    if status != 200:
        finding = f"{issuer} returns status {status}"
        return red("issuer", finding, "try again; if it persists, look at status.okta.com")
    try:
        document: Any = json.loads(body)
        named = document["issuer"]
    except (ValueError, KeyError, TypeError):
        remedy = "is OKTA_ISSUER an Okta authorization server?"
        return red("issuer", "its discovery document is invalid", remedy, Section.SERVER)
    if named != issuer:
        finding = f"its name is {named} (a custom domain?)"
        return red("issuer", finding, f"put {named} into OKTA_ISSUER", Section.SERVER)
    return green("issuer", f"{issuer} is reachable")


def _clock(date: str, received: float, settings: OktaSettings) -> Result:
    try:
        skew = received - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return amber("clock", "the issuer's response has no Date", "compare this machine's clock by hand")
    finding = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the issuer's"
    if abs(skew) > settings.okta_leeway:
        return red("clock", f"{finding}, with a leeway of {settings.okta_leeway} s", "synchronize it by NTP")
    if abs(skew) > NOTABLE_SKEW_SECONDS:
        return amber("clock", finding, "synchronize it by NTP")
    return green("clock", "agrees with the issuer's")


async def _keys(name: str, url: str, remedy: str, section: Section = Section.NONE) -> Result:
    """Fetch the key set exactly as the service does."""
    try:
        async with aclosing(Endpoint(url)) as session:
            key_set = await fetch_key_set(session)
    except KeySetError as error:
        return red(name, f"{url}: {error}", remedy, section)
    finding = f"{len(key_set.keys)} usable from {url}, valid for {key_set.lifetime / 60:.0f} min"
    return green(name, finding)
