"""`python -m local_okta`: the local Okta alone."""

import argparse
import logging
import re
import signal
import sys

from local_okta.app import create_app
from local_okta.config import PEOPLE, SERVICE_CLIENT_ID, SPA_CLIENT_ID, Config
from local_okta.serving import bind, server_for

log = logging.getLogger("local_okta")


def main() -> int:
    """Serve until SIGINT or SIGTERM, which end with status 0; return 1 when it cannot start."""
    arguments = _parse_arguments()
    issuer = arguments.issuer or f"http://localhost:{arguments.port}/oauth2/default"
    logging.basicConfig(level=logging.INFO, format="local Okta: %(message)s")
    for signum in (signal.SIGINT, signal.SIGTERM):
        # uvicorn raises the signal again once it has shut down: that is our way out.
        signal.signal(signum, lambda _signum, _frame: sys.exit(0))
    try:
        taken = bind(arguments.host, arguments.port)
    except OSError as error:
        address = f"{arguments.host}:{arguments.port}"
        print(f"local Okta: cannot listen on {address}: {error.strerror}", file=sys.stderr)
        return 1
    with taken:
        _announce(issuer)
        server_for(create_app(Config(issuer=issuer))).run(sockets=[taken])
    return 1  # it ended without a signal: it could not start


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local_okta", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=_port, default=9000, help="port to listen on (%(default)s)")
    parser.add_argument("--issuer", type=_issuer, help="issuer URL (http://localhost:PORT/oauth2/default)")
    return parser.parse_args()


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) not in range(1, 65536):
        raise argparse.ArgumentTypeError("must be a number from 1 to 65535")
    return int(text)


def _issuer(text: str) -> str:
    if not re.fullmatch(r"https?://[^/?#\s]+(/[^/?#\s]+)+", text):
        raise argparse.ArgumentTypeError("must be like http://localhost:9000/oauth2/default")
    return text


def _announce(issuer: str) -> None:
    log.warning("FOR DEVELOPMENT ONLY. Anyone who reaches this server signs in as anyone.")
    log.info("issuer:  %s", issuer)
    log.info("clients: %s, %s", SPA_CLIENT_ID, SERVICE_CLIENT_ID)
    log.info("people:  %s", ", ".join(person.login for person in PEOPLE))
    log.info("nothing is kept on disk: a restart has a new signing key and nobody signed in")


if __name__ == "__main__":
    sys.exit(main())
