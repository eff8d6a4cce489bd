"""A window of hours may end at midnight or on the next day.

The previous release reads such a window as closed, for it ends before it starts there, and every older one as before.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MIDNIGHT = """
ALTER TABLE working_hours
    ADD COLUMN ends_next_day boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT working_hours_end_after_start,
    ADD CONSTRAINT working_hours_end_after_start
        CHECK (CASE WHEN ends_next_day THEN ends <= starts ELSE starts < ends END);
"""


def upgrade() -> None:
    """Let a window end on the day after it begins; the previous release writes none that does."""
    op.execute(MIDNIGHT)
