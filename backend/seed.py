"""`python -m backend.seed`: reports of Ada and Grace, the people of the local Okta."""

import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from backend.database import reason_of, sync_engine
from backend.migrate import migrate
from backend.models import Report, User
from backend.settings import Settings, load_or_exit

PEOPLE: Final = {"00ulocalada": ("ada", "Ada Lovelace"), "00ulocalgrace": ("grace", "Grace Hopper")}
REPORTS: Final = (  # the oldest first
    ("00ulocalgrace", "Conference in Lisbon", "1184.50", "EUR"),
    ("00ulocalada", "Train to Graz", "48.20", "EUR"),
    ("00ulocalada", "Books", "129.99", "GBP"),
    ("00ulocalgrace", "Cloud invoices", "7415.00", "USD"),
    ("00ulocalada", "Dinner with the team", "212.40", "EUR"),
)


def seed(url: str, issuer: str) -> bool:
    """Migrate the database at `url` and add the example data; return False if it was there before."""
    migrate(url)
    with Session(sync_engine(url)) as session, session.begin():
        if session.get(User, (issuer, REPORTS[0][0])):
            return False
        for user_id, (login, name) in PEOPLE.items():
            session.merge(User(issuer=issuer, user_id=user_id, login=f"{login}@example.com", name=name))
        session.flush()
        session.add_all(_reports(issuer))
        return True


def _reports(issuer: str) -> list[Report]:
    now = datetime.now(UTC).replace(microsecond=0)
    return [
        Report(
            issuer=issuer,
            owner=owner,
            title=title,
            amount=Decimal(amount),
            currency=currency,
            created=now - timedelta(days=age),
        )
        for age, (owner, title, amount, currency) in zip(range(len(REPORTS), 0, -1), REPORTS, strict=True)
    ]


def main() -> int:
    """Add the example data, once; return the exit status."""
    settings = load_or_exit(Settings)
    try:
        added = seed(settings.database_url.get_secret_value(), settings.okta_issuer[0])
    except OperationalError as error:
        print(f"no example data: {reason_of(error)}", file=sys.stderr)
        return 1
    print(f"example data: {len(REPORTS)} reports added" if added else "example data: added before")
    return 0


if __name__ == "__main__":
    sys.exit(main())
