"""`python -m backend doctor`: find out what is wrong with this set-up, and what to change."""

import argparse
import asyncio
import sys
from contextlib import AsyncExitStack
from typing import Final, NoReturn

from fastapi_okta_auth import SigningKeys

from backend.app import verifier_for
from backend.doctor.checks import check_issuer, check_settings
from backend.doctor.parts import check_parts
from backend.doctor.proof import check_proof
from backend.doctor.report import Result, as_json, as_table, failed, red
from backend.doctor.route import check_route
from backend.doctor.token import check_token
from backend.settings import Settings, SettingsError

MAX_TOKEN_BYTES: Final = 1024 * 1024


async def examine(
    token: str | None = None, route: str | None = None, proof: tuple[str, str] | None = None
) -> list[Result]:
    """Check settings, issuers, clock and keys, and `token` and `route` if given.

    `proof` is a request and the DPoP proof that was sent with it and `token`. Invalid
    settings end the examination.
    """
    try:
        settings = Settings.load()
    except SettingsError as error:
        return [red("settings", *_split(fault)) for fault in error.faults]
    results = list(check_settings(settings))
    for issuer in settings.okta_issuer:
        results += [result async for result in check_issuer(settings, issuer)]
    results += [result async for result in check_parts(settings)]
    if token is not None:
        async with AsyncExitStack() as stack:
            keys = {
                issuer: await stack.enter_async_context(SigningKeys(url))
                for issuer, url in settings.jwks_uris.items()
            }
            verifier = verifier_for(settings, keys)
            results += await check_token(verifier, settings, token, bound=proof is not None)
    if token is not None and proof is not None and results[-1].colour == "green":
        results += await check_proof(settings, token, *proof)
    if route is not None and not (token is not None and results[-1].colour == "red"):
        results.append(await check_route(settings, route, token))
    return results


def _split(fault: str) -> tuple[str, str]:
    finding, _, remedy = fault.partition("; ")
    return finding, remedy


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors do not repeat the arguments: one of them may be a token."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and one line, and exit with status 2."""
        self.print_usage(sys.stderr)
        line = f"{self.prog}: {message.partition(': ')[0]}; a token is read from standard input: --token -"
        print(line, file=sys.stderr)
        sys.exit(2)


def _token(text: str) -> str:
    if text != "-":
        raise argparse.ArgumentTypeError
    return text


def main() -> int:
    """Examine the set-up and print what was found; return 1 if anything is red, else 0."""
    parser = Parser(prog="python -m backend", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="doctor", parser_class=Parser)
    doctor = commands.add_parser("doctor", help=__doc__, allow_abbrev=False)
    doctor.add_argument(
        "--token", metavar="-", type=_token,
        help="check the token on standard input (others on this machine can see a command line)",
    )  # fmt: skip
    doctor.add_argument("--route", metavar='"GET /reports"', help="check what this route requires")
    doctor.add_argument(
        "--proof", metavar='"GET http://localhost:8000/me"',
        help="check the DPoP proof for this request, in the line after the token",
    )  # fmt: skip
    doctor.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    arguments = parser.parse_args()
    token = sys.stdin.read(MAX_TOKEN_BYTES).strip() if arguments.token else None
    proof = None
    if token is not None and arguments.proof:
        token, _, text = token.partition("\n")
        proof = (arguments.proof, text.strip())
    results = asyncio.run(examine(token, arguments.route, proof))
    print(as_json(results) if arguments.json else as_table(results, colour=sys.stdout.isatty()))
    return int(failed(results))
