"""How the cost of a verification grows with the tokens and keys at hand, without a server around it."""

import asyncio
import time
from collections.abc import Sequence
from statistics import median
from typing import Final

from backend.okta import Expected, OktaTokenVerifier, SigningKeys
from backend.okta.verifier import CACHED_TOKENS
from local_okta.keys import SigningKey
from local_okta.pytest_plugin import person_claims
from local_okta.serving import running

TOKENS: Final = (1, 1_000, CACHED_TOKENS, 2 * CACHED_TOKENS)
KEYS: Final = (1, 10, 100)
CALLS: Final = 4_000


def table() -> str:
    """A Markdown table of microseconds for each verification, first and repeated, and their ratios."""
    lines = [
        "| tokens | keys published | first time, µs | again, µs | again, ratio |",
        "|---|---|---|---|---|",
    ]
    asyncio.run(measure(1_000, 1))  # to warm up: the first tokens of a process take longer
    cases = [(count, 1) for count in TOKENS] + [(1_000, keys) for keys in KEYS[1:]]
    measured = [(*case, *asyncio.run(measure(*case))) for case in cases]
    base = measured[0][3]
    for tokens, keys, first, again in measured:
        lines.append(f"| {tokens:,} | {keys} | {first:.0f} | {again:.1f} | {again / base:.1f} |")
    return "\n".join(lines)


async def measure(tokens: int, keys: int) -> tuple[float, float]:
    """Microseconds to verify each of `tokens` for the first time, and again, with `keys` published."""
    with running() as okta:
        okta.keys.published = (*okta.keys.published, *(SigningKey() for _ in range(keys - 1)))
        claims = person_claims(okta.issuer)
        signed = [okta.keys.sign({**claims, "jti": f"AT.{number}"}).encode() for number in range(tokens)]
        expected = Expected(okta.issuer, "api://default", frozenset({claims["cid"]}), leeway=60)
        async with SigningKeys(f"{okta.issuer}/v1/keys") as held:
            verifier = OktaTokenVerifier(expected, held)
            await verifier.verify(signed[0])
            fresh = OktaTokenVerifier(expected, held)
            return await _time(fresh, signed[:CALLS]), await _time_again(verifier, signed)


async def _time_again(verifier: OktaTokenVerifier, signed: Sequence[bytes]) -> float:
    await _time(verifier, signed)
    # Enough of them in turn that a token is met again only after all the others.
    many = signed[:CALLS] if len(signed) > CALLS else list(signed) * (CALLS // len(signed))
    return median([await _time(verifier, many) for _ in range(1 if len(signed) > CALLS else 3)])


async def _time(verifier: OktaTokenVerifier, signed: Sequence[bytes]) -> float:
    began = time.perf_counter()
    for token in signed:
        verifier.remembered(token) or await verifier.verify(token)
    return (time.perf_counter() - began) / len(signed) * 1e6
