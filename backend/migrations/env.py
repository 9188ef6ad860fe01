"""How Alembic runs the migrations: on the connection that backend/migrate.py has opened."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import TypeDecorator

from backend.models import Base


def _plain_type(kind: str, item: Any, _: object) -> str | Literal[False]:
    # A migration must not change when our types do.
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
    render_item=_plain_type,
)
context.run_migrations()
