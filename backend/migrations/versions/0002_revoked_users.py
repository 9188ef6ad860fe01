"""Revoked users, and the tokens of Universal Logout that were used."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "revoked_users",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("moment", sa.Double(), nullable=False),
        sa.Column(
            "changed",
            sa.DateTime(timezone=True),
            server_default=sa.text("(CURRENT_TIMESTAMP)"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("issuer", "format", "subject", name=op.f("pk_revoked_users")),
    )
    with op.batch_alter_table("revoked_users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revoked_users_changed"), ["changed"], unique=False)

    op.create_table(
        "used_logout_tokens",
        sa.Column("jti", sa.String(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_used_logout_tokens")),
    )


def downgrade() -> None:
    """Undo the change."""
    op.drop_table("used_logout_tokens")
    with op.batch_alter_table("revoked_users", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_revoked_users_changed"))

    op.drop_table("revoked_users")
