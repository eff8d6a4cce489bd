"""A second factor for accounts.

The previous release may go on serving: it asks for none, as long as it runs.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE second_factors (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    secret text NOT NULL,
    confirmed_at timestamptz(3),
    -- The time step of the code that was used last: each works once.
    last_step bigint NOT NULL DEFAULT 0,
    recovery_hashes text[] NOT NULL DEFAULT '{}',
    created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
CREATE POLICY seen ON second_factors FOR SELECT USING (
    (SELECT acting_role()) IN ('system', 'admin') OR user_id = (SELECT acting_user()));
CREATE POLICY made ON second_factors FOR INSERT WITH CHECK (user_id = (SELECT acting_user()));
CREATE POLICY changed ON second_factors FOR UPDATE USING (
    (SELECT acting_role()) = 'system' OR user_id = (SELECT acting_user()));
-- An admin takes it from a colleague who has lost it.
CREATE POLICY removed ON second_factors FOR DELETE USING (
    (SELECT acting_role()) = 'admin' OR user_id = (SELECT acting_user()));
ALTER TABLE second_factors ENABLE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    """Add a table that the previous release does not know."""
    op.execute(TABLE)
