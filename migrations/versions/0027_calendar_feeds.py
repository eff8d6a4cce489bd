"""An account's own appointments at an address with a secret, for its calendar.

The release before may go on serving: it knows nothing of them.
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE calendar_feeds (
    user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    -- SHA-256; the secret itself is in the calendar program's address.
    secret_hash bytea NOT NULL UNIQUE,
    created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    -- When a read was entered in the audit trail last: not each one is.
    noted_at timestamptz(3)
);
ALTER TABLE calendar_feeds ENABLE ROW LEVEL SECURITY;
-- The process looks for whose a secret is, and reads on as that account.
CREATE POLICY seen ON calendar_feeds FOR SELECT USING (
    (SELECT acting_role()) = 'system' OR user_id = (SELECT acting_user()));
CREATE POLICY made ON calendar_feeds FOR INSERT WITH CHECK (
    user_id = (SELECT acting_user()) AND (SELECT acting_role()) IN ('patient', 'dentist', 'assistant'));
CREATE POLICY changed ON calendar_feeds FOR UPDATE USING (user_id = (SELECT acting_user()));
CREATE POLICY ended ON calendar_feeds FOR DELETE USING (user_id = (SELECT acting_user()));
"""


def upgrade() -> None:
    """Add a table that the previous release does not know."""
    op.execute(TABLE)
