"""Users, their reports, and the responses to requests that may be repeated."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "users",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "user_id", name=op.f("pk_users")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("response", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["issuer", "user_id"],
            ["users.issuer", "users.user_id"],
            name=op.f("fk_idempotency_keys_issuer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("issuer", "user_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approver_issuer", sa.String(), nullable=True),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["approver_issuer", "approved_by"],
            ["users.issuer", "users.user_id"],
            name=op.f("fk_reports_approver_issuer"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["issuer", "owner"],
            ["users.issuer", "users.user_id"],
            name=op.f("fk_reports_issuer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sqlite_autoincrement=True,  # the id of a deleted report is not used again
    )
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reports_approver_issuer_approved_by"),
            ["approver_issuer", "approved_by"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_reports_issuer_owner_id"), ["issuer", "owner", "id"], unique=False
        )


def downgrade() -> None:
    """Undo the change."""
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reports_issuer_owner_id"))
        batch_op.drop_index(batch_op.f("ix_reports_approver_issuer_approved_by"))

    op.drop_table("reports")
    op.drop_table("idempotency_keys")
    op.drop_table("users")
