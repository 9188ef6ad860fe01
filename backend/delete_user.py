"""`python -m backend.delete_user USER`: delete everything that belongs to a user id of Okta."""

import argparse
import sys

from sqlalchemy import delete
from sqlalchemy.exc import OperationalError

from backend.database import reason_of, sync_engine
from backend.models import User
from backend.settings import Settings, load_or_exit


def delete_user(url: str, issuer: str, user_id: str) -> bool:
    """Delete the user's row, and with it their reports and keys; return whether there was one.

    A report that they approved stays approved, and no longer says by whom.
    """
    with sync_engine(url).begin() as connection:
        deleted = connection.execute(delete(User).where(User.issuer == issuer, User.user_id == user_id))
    return deleted.rowcount == 1


def main() -> int:
    """Delete the user that the arguments name; return the exit status."""
    settings = load_or_exit(Settings)
    parser = argparse.ArgumentParser(prog="python -m backend.delete_user", description=__doc__)
    parser.add_argument(
        "user", help="the user id, such as 00u1b2c3d4e5f6: not the login, which can change hands"
    )
    parser.add_argument("--issuer", default=settings.okta_issuer[0], choices=settings.okta_issuer)
    arguments = parser.parse_args()
    try:
        deleted = delete_user(settings.database_url.get_secret_value(), arguments.issuer, arguments.user)
    except OperationalError as error:
        print(f"nothing deleted: {reason_of(error)}", file=sys.stderr)
        return 1
    print(f"{arguments.user}: {'deleted' if deleted else 'there is no such user'}")
    return 0 if deleted else 1


if __name__ == "__main__":
    sys.exit(main())
