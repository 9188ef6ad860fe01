"""`python -m fastapi_okta_auth.doctor`: find out what is wrong with this set-up, and what to change."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final, NoReturn

from fastapi import FastAPI

from fastapi_okta_auth.doctor.parts import check_parts
from fastapi_okta_auth.doctor.proof import check_proof
from fastapi_okta_auth.doctor.report import Result, Section, as_json, as_table, failed, red
from fastapi_okta_auth.doctor.route import check_route
from fastapi_okta_auth.doctor.setup import check_issuer, check_settings, check_universal_logout
from fastapi_okta_auth.doctor.sign_in import check_sign_in
from fastapi_okta_auth.doctor.token import check_token, without_token
from fastapi_okta_auth.okta import Okta
from fastapi_okta_auth.settings import OktaSettings, SettingsError

MAX_TOKEN_BYTES: Final = 1024 * 1024
_SECTIONS: Final = {
    "OKTA_ISSUER": Section.SERVER,
    "OKTA_AUDIENCE": Section.SERVER,
    "OKTA_CLIENT_ID": Section.APPLICATION,
}


async def examine(
    token: str | None = None,
    route: str | None = None,
    proof: tuple[str, str] | None = None,
    app_name: str = "",
    settings_class: type[OktaSettings] = OktaSettings,
) -> list[Result]:
    """Check settings, issuers, clock, keys and what a sign-in needs, and `token` and `route` if given.

    `proof` is a request and the DPoP proof that was sent with it and `token`. `app_name`, such as
    "main:app", names the application that has the route. Invalid settings end the examination.
    """
    try:
        settings = settings_class.load()
        app = _load(app_name) if app_name else None
    except SettingsError as error:
        return [red("settings", *_split(fault), _section_of(fault)) for fault in error.faults]
    results = list(check_settings(settings, app))
    for issuer in settings.okta_issuer:
        results += [result async for result in check_issuer(settings, issuer, app)]
    if app is not None and not any(result.check == "issuer" and result.colour == "red" for result in results):
        results += [result async for result in check_sign_in(settings, app)]
    results += [result async for result in check_universal_logout(settings)]
    results += [result async for result in check_parts(settings)]
    async with Okta(settings) as okta:
        if token is None:
            results += without_token(app)
        else:
            results += await check_token(okta.verifier, settings, token, app, bound=proof is not None)
        if token is not None and proof is not None and results[-1].colour == "green":
            results += await check_proof(settings, token, *proof)
        if route is not None and app is not None and (token is None or results[-1].colour != "red"):
            results.append(await check_route(okta, app, route, token))
    return results


def _load(name: str) -> FastAPI:
    """Import the application `name`. Raises SettingsError if that does not work."""
    module, _, attribute = name.partition(":")
    try:
        app = getattr(import_module(module), attribute or "app")
    except (ImportError, AttributeError, ValueError, SystemExit) as error:
        fault = f"{name} cannot be imported ({type(error).__name__}); write --app main:app"
        raise SettingsError([fault]) from None
    if not isinstance(app, FastAPI):
        raise SettingsError([f"{name} is not a FastAPI application; write --app main:app"])
    return app


def _section_of(fault: str) -> Section:
    return _SECTIONS.get(fault.partition(":")[0], Section.START)


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


def _parser() -> Parser:
    parser = Parser(prog="python -m fastapi_okta_auth.doctor", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--token", metavar="-", type=_token,
        help="check the token on standard input (others on this machine can see a command line)",
    )  # fmt: skip
    parser.add_argument(
        "--app", metavar="main:app", default="", help="the application, for its CORS and --route"
    )
    parser.add_argument("--route", metavar='"GET /reports"', help="check what this route requires")
    parser.add_argument(
        "--proof", metavar='"GET http://localhost:8000/me"',
        help="check the DPoP proof for this request, in the line after the token",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    return parser


def main(arguments: Sequence[str] | None = None, settings_class: type[OktaSettings] = OktaSettings) -> int:
    """Examine the set-up and print what was found; return 1 if anything is red, else 0.

    `settings_class` has the settings of a service in addition to those of the verification.
    """
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.route and not chosen.app:
        parser.error("--route requires --app")
    token, _, text = (sys.stdin.read(MAX_TOKEN_BYTES) if chosen.token else "").strip().partition("\n")
    proof = (chosen.proof, text.strip()) if token and chosen.proof else None
    results = asyncio.run(examine(token or None, chosen.route, proof, chosen.app, settings_class))
    print(as_json(results) if chosen.json else as_table(results, colour=sys.stdout.isatty()))
    return int(failed(results))


if __name__ == "__main__":
    sys.exit(main())
