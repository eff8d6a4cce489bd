"""Answers are kept for those who ask again with the same Idempotency-Key, for what is not a write request."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

ANSWERS = """
CREATE TABLE kept_answers (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    sender_id uuid NOT NULL REFERENCES users,
    method text NOT NULL,
    path text NOT NULL,
    idempotency_key text NOT NULL,
    -- Keyed with a secret of the app: a body may hold a password.
    body_hash bytea NOT NULL,
    sent_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    -- {status, headers, body}; NULL only within the transaction that makes it.
    answer jsonb,
    CONSTRAINT kept_answers_once UNIQUE (sender_id, method, path, idempotency_key)
);
CREATE INDEX kept_answers_sent_at ON kept_answers (sent_at);

-- The sender's alone: an answer may show what others may not see.
ALTER TABLE kept_answers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON kept_answers USING (sender_id = (SELECT acting_user()))
    WITH CHECK (sender_id = (SELECT acting_user()));
"""


def upgrade() -> None:
    """Add a table that the previous release does not know."""
    op.execute(ANSWERS)
