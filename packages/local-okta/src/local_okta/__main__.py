"""`local-okta`, `python -m local_okta`: run the local Okta, or get a token of a running one."""

import argparse
import logging
import re
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Final

from local_okta import token_command
from local_okta.app import create_app
from local_okta.config import Config, origin_of
from local_okta.config_file import ConfigError, read_config
from local_okta.serving import bind, server_for

EX_CONFIG: Final = 78  # sysexits.h

log = logging.getLogger("local_okta")


def main() -> int:
    """Run the command and return its exit status; 78 means that `local-okta.toml` has a fault."""
    arguments = _parse_arguments()
    if arguments.command == "token":
        return token_command.print_token(arguments)
    try:
        config = read_config(arguments.config)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return EX_CONFIG
    return _serve(arguments, config)


def _serve(arguments: argparse.Namespace, config: Config) -> int:
    """Serve until SIGINT or SIGTERM, which exit with status 0; return 1 if it cannot start."""
    issuer = arguments.issuer or f"http://localhost:{arguments.port}/oauth2/default"
    logging.basicConfig(level=logging.INFO, format="local Okta: %(message)s")
    for signum in (signal.SIGINT, signal.SIGTERM):
        # uvicorn raises the signal again after its shutdown; this handler then exits.
        signal.signal(signum, lambda _signum, _frame: sys.exit(0))
    try:
        listener = bind(arguments.host, arguments.port)
    except OSError as error:
        address = f"{arguments.host}:{arguments.port}"
        print(f"local Okta: cannot listen on {address}: {error.strerror}", file=sys.stderr)
        return 1
    config = replace(
        config,
        issuer=issuer,
        allowed_hosts=tuple(arguments.allow_host),
        switches_for_all=arguments.switches_for_all,
    )
    config = config.with_urls(app=arguments.app_url, api=arguments.api_url)
    with listener:
        _announce(config)
        server_for(create_app(config)).run(sockets=[listener])
    return 1  # ended without a signal, so it could not start


def _parse_arguments() -> argparse.Namespace:
    description = "A local authorization server that behaves like Okta, for development and tests only."
    parser = argparse.ArgumentParser(prog="local-okta", description=description)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=_port, default=9000, help="port to listen on (%(default)s)")
    parser.add_argument("--issuer", type=_issuer, help="issuer URL (http://localhost:PORT/oauth2/default)")
    parser.add_argument(
        "--allow-host",
        action="append",
        type=_host,
        default=[],
        metavar="HOST",
        help="another host name that requests may use, such as a container's; repeatable",
    )
    parser.add_argument(
        "--switches-for-all",
        action="store_true",
        help="accept the switches from other machines too: for a container that only this machine reaches",
    )
    parser.add_argument("--app-url", metavar="URL", help="where the app is, if not at http://localhost:3000")
    parser.add_argument("--api-url", metavar="URL", help="where the API is, if not at http://localhost:8000")
    parser.add_argument(
        "--config", type=Path, metavar="PATH", help="people, scopes, clients (local-okta.toml)"
    )
    token = parser.add_subparsers(dest="command").add_parser("token", help="print an access token")
    token_command.add_arguments(token)
    return parser.parse_args()


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) not in range(1, 65536):
        raise argparse.ArgumentTypeError("must be a number from 1 to 65535")
    return int(text)


def _issuer(text: str) -> str:
    if not re.fullmatch(r"https?://[^/?#\s]+(/[^/?#\s]+)+", text):
        raise argparse.ArgumentTypeError("must be like http://localhost:9000/oauth2/default")
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", text):
        raise argparse.ArgumentTypeError("must be a host name or address without a port")
    return text


def _announce(config: Config) -> None:
    log.warning("FOR DEVELOPMENT ONLY. Anyone who reaches this server can sign in as anyone.")
    log.info("issuer:   %s", config.issuer)
    log.info("clients:  %s", ", ".join(config.clients))
    log.info("people:   %s", ", ".join(person.login for person in config.people))
    log.info("switches: %s/", origin_of(config.issuer))
    log.info("state is in memory: a restart creates a new signing key and signs everyone out")


if __name__ == "__main__":
    sys.exit(main())
