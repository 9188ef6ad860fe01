"""The doctor: every check that a person would make by hand, with the remedy beside it."""

from contextlib import AsyncExitStack

import aiohttp

from backend.app import verifier_for
from backend.doctor.environment import check_environment
from backend.doctor.issuer import check_issuer
from backend.doctor.keys import check_keys
from backend.doctor.result import Result, red
from backend.doctor.token import check_token
from backend.okta import SigningKeys
from backend.settings import Settings, SettingsError


async def examine(token: str | None = None) -> list[Result]:
    """Check settings, environment, issuer, clock and keys, and `token` if there is one.

    Where the settings cannot be used, nothing else is checked.
    """
    try:
        settings = Settings.load()
    except SettingsError as error:
        return [_of_fault(fault) for fault in error.faults]
    results = list(check_environment(settings))
    async with aiohttp.ClientSession(trust_env=True, auto_decompress=False) as session:
        results += [result async for result in check_issuer(session, settings)]
        results.append(await check_keys(session, settings))
    if token is not None:
        async with AsyncExitStack() as stack:
            keys = {
                issuer: await stack.enter_async_context(SigningKeys(url))
                for issuer, url in settings.jwks_uris.items()
            }
            results += await check_token(verifier_for(settings, keys), settings, token)
    return results


def _of_fault(fault: str) -> Result:
    finding, _, remedy = fault.partition("; ")
    return red("settings", finding, remedy)
