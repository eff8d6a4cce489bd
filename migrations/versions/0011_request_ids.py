"""A request has two ids: ours in `request_id`, and the caller's own, where it sent one, in a column beside it.

The release before wrote the caller's into `request_id`; what it has written stays as it is, and it may go on serving.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; nullable and without a default, so no row is rewritten."""
    op.execute("ALTER TABLE write_requests ADD COLUMN caller_request_id text")
    op.execute("ALTER TABLE audit ADD COLUMN caller_request_id text")
