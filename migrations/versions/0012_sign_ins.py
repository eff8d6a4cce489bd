"""A sign-in says from where, and which of its refresh tokens was used last, and when.

The previous release may go on serving: it leaves the new columns empty, and a token that it has exchanged gives no
successor a second time.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns without a default, which rewrites nothing."""
    op.execute(
        "ALTER TABLE auth_sessions ADD COLUMN previous_refresh_id uuid, ADD COLUMN refreshed_at timestamptz(3),"
        " ADD COLUMN address text, ADD COLUMN user_agent text"
    )
