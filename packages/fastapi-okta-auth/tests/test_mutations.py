"""Two thousand tokens that are nearly valid."""

import base64
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from fuzz.corpus import inputs
from fuzz.target import read_header
from local_okta.keys import SigningKey
from local_okta.state import LocalOkta
from local_okta.testing import OktaToken, person_claims
from okta_support.app import app_for, settings_for
from okta_support.in_process import in_process
from okta_support.mutations import mutate
from okta_support.requests import bearer
from okta_support.tokens import encode

MUTANTS = 2_000
pytestmark = pytest.mark.usefixtures("untraced")

Ask = Callable[[str], Awaitable[int]]


@pytest.fixture
async def ask(local_okta: LocalOkta) -> AsyncIterator[Ask]:
    """Send a token to the whole application, without the network; return the status."""
    async with in_process(app_for(settings_for(local_okta))) as get:
        yield lambda token: get(bearer(token))


def redress(okta: LocalOkta, token: str, at: random.Random) -> str:
    """Change a claim or the header of `token`, and keep the signature or replace it by a wrong one."""
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims[at.choice(list(claims))] = at.choice(["root", 2**33, True, None, [], ["Admins"], "api://default"])
    if at.random() < 0.5:
        return f"{header}.{encode(claims)}.{signature}"
    changed = {"kid": okta.keys.published[0].kid, "alg": at.choice(["RS256", "none", "HS256"])}
    return f"{encode(changed)}.{encode(claims)}.{at.choice([signature, '', 'AAAA', signature[:-4]])}"


@pytest.mark.anyio
async def test_no_mutated_token_is_accepted(local_okta: LocalOkta, okta_token: OktaToken, ask: Ask) -> None:
    """Tokens derived from valid ones are refused, without a 500.

    A changed `kid` gets 503 during the cooldown: the issuer could have published that key just now.
    """
    at = random.Random(20261124)
    originals = [okta_token(jti=f"AT.{number}") for number in range(20)]
    for number in range(MUTANTS):
        token = originals[number % len(originals)]
        mutant = redress(local_okta, token, at) if number % 4 == 0 else mutate(token, at)
        if mutant not in originals:
            assert await ask(mutant) in (400, 401, 503), mutant
    assert [await ask(token) for token in originals] == [200] * len(originals)


@pytest.mark.anyio
async def test_token_of_an_unknown_key_is_refused(local_okta: LocalOkta, ask: Ask) -> None:
    """A token signed by an unknown key is refused with any `kid`."""
    stranger = SigningKey()
    claims = person_claims(local_okta.issuer)
    for kid in (stranger.kid, local_okta.keys.published[0].kid, "", "../../keys", "a" * 4000, "\u0000"):
        assert await ask(stranger.sign(claims, {"kid": kid})) in (401, 503)


def test_corpus_of_the_fuzzer_is_refused() -> None:
    """Each input in the fuzzer's corpus is refused with an error of the contract."""
    found = inputs("token")
    assert found
    for value in found:
        read_header(value)
