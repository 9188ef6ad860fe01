"""`python -m tests.soak 600` runs for ten minutes. It needs PostgreSQL, and Redis or Valkey."""

import argparse
import logging
import sys

from tests.soak.run import run


def main() -> None:
    """Run it and print what happened; exit with status 1 if something did that must not."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=60)
    logging.disable(logging.INFO)  # a line of httpx for each request
    outcome = run(parser.parse_args().seconds)
    print(outcome)
    sys.exit(bool(outcome.failures))


main()
