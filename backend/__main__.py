"""`python -m backend doctor`: what is wrong with this set-up, and what to change."""

import argparse
import asyncio
import sys

from backend.doctor import examine
from backend.doctor.report import as_json, as_table
from backend.doctor.result import failed

MAX_TOKEN_BYTES = 1024 * 1024


def main() -> int:
    """Examine the set-up, print what was found, and return 1 if anything is red, else 0."""
    parser = argparse.ArgumentParser(prog="python -m backend", description=__doc__)
    doctor = parser.add_subparsers(required=True, metavar="doctor").add_parser("doctor", help=__doc__)
    doctor.add_argument("--token", metavar="-", choices=["-"], help="read a token from standard input too")
    doctor.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    arguments = parser.parse_args()
    token = sys.stdin.read(MAX_TOKEN_BYTES).strip() if arguments.token else None
    results = asyncio.run(examine(token))
    print(as_json(results) if arguments.json else as_table(results, colour=sys.stdout.isatty()))
    return int(failed(results))


if __name__ == "__main__":
    sys.exit(main())
