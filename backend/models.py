"""The tables. After a change, `make migration NAME=what_changed` writes the migration."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Literal

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    TypeDecorator,
    func,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_NAMES: Final = {  # a migration can only change constraints that have names
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}


class Cents(TypeDecorator[Decimal]):
    """An amount with two decimals, stored as whole cents: SQLite has no decimal numbers."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Return the cents."""
        return None if value is None else int(value.scaleb(2))

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        """Return the amount, with two decimals."""
        return None if value is None else Decimal(value).scaleb(-2)


class UTCDateTime(TypeDecorator[datetime]):
    """A time in UTC: SQLite stores no time zone, and PostgreSQL returns that of the connection."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the time in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the time with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UTCDateTime,
        Decimal: Cents,
        int: BigInteger().with_variant(Integer, "sqlite"),  # SQLite numbers INTEGER keys only
    }


class User(Base):
    """A user who has called the API. Issuer and user id never change; the login can.

    Okta lets a login change hands, so nothing refers to it. `login` and `name` come from the last
    token, for people who read the table.
    """

    __tablename__ = "users"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    login: Mapped[str]
    name: Mapped[str]


class Report(Base):
    """An expense report of one user; `approved_at` is None until somebody else approves it."""

    __tablename__ = "reports"
    __table_args__ = (
        ForeignKeyConstraint(["issuer", "owner"], ["users.issuer", "users.user_id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["approver_issuer", "approved_by"], ["users.issuer", "users.user_id"], ondelete="SET NULL"
        ),
        Index(None, "issuer", "owner", "id"),  # a user's own, newest first
        Index(None, "approver_issuer", "approved_by"),  # to delete a user
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str]
    owner: Mapped[str]
    title: Mapped[str]
    amount: Mapped[Decimal]
    currency: Mapped[str]
    created: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    approver_issuer: Mapped[str | None]
    approved_by: Mapped[str | None]


class RevokedUser(Base):
    """A user whose tokens are refused if they were issued until `moment`, in seconds since the epoch.

    Nothing refers to `users`: somebody who never stored anything may hold a token.
    """

    __tablename__ = "revoked_users"
    __table_args__ = (Index(None, "changed"),)

    issuer: Mapped[str] = mapped_column(primary_key=True)
    format: Mapped[Literal["email", "iss_sub"]] = mapped_column(String, primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    moment: Mapped[float]
    changed: Mapped[datetime] = mapped_column(server_default=func.now())


class UsedLogoutToken(Base):
    """The id of a JWT of Universal Logout, which counts once; `expires_at` is in seconds since the epoch."""

    __tablename__ = "used_logout_tokens"

    jti: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[float]


class IdempotencyKey(Base):
    """The response to a request that may be repeated, stored in the transaction of what it created."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        ForeignKeyConstraint(["issuer", "user_id"], ["users.issuer", "users.user_id"], ondelete="CASCADE"),
    )

    issuer: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[str]
    response: Mapped[str]
    created: Mapped[datetime]
