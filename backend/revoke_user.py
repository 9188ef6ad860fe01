"""`python -m backend.revoke_user USER`: refuse every token that a user has; Okta is not asked."""

import argparse
import secrets
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from fastapi_okta_auth import LogoutRequest, Subject
from sqlalchemy import Row, select
from sqlalchemy.exc import SQLAlchemyError

from backend.database import reason_of, sync_engine
from backend.models import RevokedUser
from backend.revocation import store
from backend.settings import Settings, load_or_exit


def revoke_user(settings: Settings, user: str) -> LogoutRequest:
    """Revoke the user with this login or user id at every issuer; return what is stored.

    The moment is now plus the leeway, because Okta's clock, which dates the tokens, may be ahead.
    """
    subjects = [
        subject
        for issuer in settings.okta_issuer
        for subject in (Subject(issuer, "email", user.casefold()), Subject(issuer, "iss_sub", user))
    ]
    moment = time.time() + settings.okta_leeway
    request = LogoutRequest(tuple(subjects), moment, f"command {secrets.token_hex(16)}", moment)
    with sync_engine(settings.database_url.get_secret_value()).begin() as connection:
        store(connection, request, settings.universal_logout_hours * 3600)
    return request


def revoked_users(settings: Settings) -> Sequence[Row[float, str, str]]:
    """Return moment, issuer and name of each entry, the newest last."""
    columns = select(RevokedUser.moment, RevokedUser.issuer, RevokedUser.subject).distinct()
    with sync_engine(settings.database_url.get_secret_value()).begin() as connection:
        return connection.execute(columns.order_by(RevokedUser.moment)).all()


def main() -> int:
    """Revoke the user that the arguments name, or list who is; return the exit status."""
    settings = load_or_exit(Settings)
    parser = argparse.ArgumentParser(prog="python -m backend.revoke_user", description=__doc__)
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("user", nargs="?", help="the login, in any case, or the user id, such as 00u1b2c3d4e5f6")
    who.add_argument("--list", action="store_true", help="print who is revoked")
    arguments = parser.parse_args()
    if not settings.universal_logout_issuer:
        print("no worker asks who is revoked: set UNIVERSAL_LOGOUT_ISSUER, and restart", file=sys.stderr)
        return 1
    try:
        if arguments.list:
            for row in revoked_users(settings):
                print(f"{row.subject}: tokens of {row.issuer} until {_utc(row.moment)}")
            return 0
        request = revoke_user(settings, arguments.user)
    except SQLAlchemyError as error:
        print(f"the database cannot be used: {reason_of(error)}", file=sys.stderr)
        return 1
    in_force = _utc(time.time() + settings.universal_logout_seconds)
    until = _utc(request.moment)
    print(f"{arguments.user}: tokens issued until {until} are refused, by every worker from {in_force} on.")
    print(f"A sign-in after {until} gives a new token, which counts.")
    return 0


def _utc(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


if __name__ == "__main__":
    sys.exit(main())
