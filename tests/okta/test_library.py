"""okta-jwt-verifier checks claims and signature itself, in addition to our checks before it."""

import subprocess
import sys
import time
from typing import Any

import pytest
from fastapi_okta_auth import SigningKeys, TokenRequirements
from fastapi_okta_auth.errors import InvalidToken, Reason
from fastapi_okta_auth.token import parse_token
from fastapi_okta_auth.verifier import CachedKeysVerifier
from local_okta.keys import SigningKey
from local_okta.pytest_plugin import OktaToken, person_claims
from local_okta.state import LocalOkta

from tests.support.key_server import KeyServer
from tests.support.pages import ROOT

pytestmark = pytest.mark.anyio


def library_for(okta: LocalOkta, keys: SigningKeys) -> CachedKeysVerifier:
    """Create the library's verifier for two audiences, without our checks."""
    requirements = TokenRequirements(
        frozenset({okta.issuer}), frozenset({"api://default", "api://second"}), frozenset(), leeway=60
    )
    return CachedKeysVerifier(okta.issuer, requirements, keys)


@pytest.mark.parametrize(
    "claims",
    [{}, {"aud": "api://second"}, {"aud": ["api://second", "x"]}],
    ids=["as issued", "second audience", "audience in a list"],
)
async def test_library_accepts_valid_claims(
    local_okta: LocalOkta, okta_token: OktaToken, server: KeyServer, claims: dict[str, Any]
) -> None:
    """The library accepts what the settings accept."""
    if "exp" in claims:
        claims = {"exp": int(time.time()) + claims["exp"]}  # when the test runs, not when it is collected
    token = parse_token(okta_token(**claims).encode())
    async with SigningKeys(server.url) as keys:
        await keys.get(token.kid)
        await library_for(local_okta, keys).check(token)


async def test_library_allows_the_leeway(
    local_okta: LocalOkta, okta_token: OktaToken, server: KeyServer
) -> None:
    """The library accepts a token that expired less than the leeway ago."""
    token = parse_token(okta_token(exp=int(time.time()) - 30).encode())
    async with SigningKeys(server.url) as keys:
        await keys.get(token.kid)
        await library_for(local_okta, keys).check(token)


@pytest.mark.parametrize(
    "claims",
    [{"iss": "https://evil.example.com/oauth2/default"}, {"iss": None}, {"aud": "api://other"}, {"aud": None},
     {"exp": 1}, {"exp": None}, {"sub": None}, {"sub": 7}],
    ids=str,
)  # fmt: skip
async def test_library_refuses_invalid_claims(
    local_okta: LocalOkta, okta_token: OktaToken, server: KeyServer, claims: dict[str, Any]
) -> None:
    """The library checks issuer, audience, expiry and subject without our checks."""
    token = parse_token(okta_token(**claims).encode())
    async with SigningKeys(server.url) as keys:
        await keys.get(token.kid)
        with pytest.raises(InvalidToken) as refused:
            await library_for(local_okta, keys).check(token)
    assert refused.value.why is Reason.CLAIMS
    assert refused.value.__cause__ is None


async def test_library_refuses_another_signature_and_algorithm(
    local_okta: LocalOkta, server: KeyServer
) -> None:
    """A signature of another key under a published id is invalid, and so is another algorithm."""
    kid = local_okta.keys.published[0].kid
    token = parse_token(SigningKey().sign(person_claims(local_okta.issuer), {"kid": kid}).encode())
    async with SigningKeys(server.url) as keys:
        await keys.get(kid)
        library = library_for(local_okta, keys)
        with pytest.raises(InvalidToken) as refused:
            await library.check(token)
        assert refused.value.why is Reason.SIGNATURE
        valid = parse_token(local_okta.keys.sign(person_claims(local_okta.issuer)).encode())
        with pytest.raises(InvalidToken):
            await library.check(valid._replace(header={**valid.header, "alg": "RS512"}))


@pytest.mark.parametrize(
    "code",
    [
        "import sys, fastapi_okta_auth; assert not {'aiohttp', 'requests'} & set(sys.modules)",
        "import aiohttp.web, fastapi_okta_auth, requests; assert aiohttp.web.Application and requests.get",
        "import fastapi_okta_auth, aiohttp, requests; assert aiohttp.ClientSession and requests.get",
        "import fastapi_okta_auth, acachecontrol.acachecontrol as a, aiohttp; assert a.aiohttp.ClientSession is aiohttp.ClientSession",
        "import fastapi_okta_auth, okta_jwt_verifier.request_executor as r, requests; assert r.requests_lib.get is requests.get",
    ],
    ids=["not loaded", "loaded before", "loaded after", "aiohttp in the library", "requests in the library"],
)
def test_library_does_not_load_its_http_clients(code: str) -> None:
    """Importing the service loads neither aiohttp nor requests, and the application can use both."""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
