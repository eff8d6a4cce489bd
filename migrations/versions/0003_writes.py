"""The write lane: requests are rows before they are acted on."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WRITES = """
CREATE TABLE write_requests (
    id uuid PRIMARY KEY,
    -- The order in which requests are decided.
    seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    sender_id uuid NOT NULL REFERENCES users,
    action text NOT NULL,
    -- What it acts on, where that exists already: requests about one appointment are applied in order.
    appointment_id uuid,
    body jsonb NOT NULL,
    if_match text,
    method text NOT NULL,
    path text NOT NULL,
    idempotency_key text,
    body_hash bytea NOT NULL,
    received_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'applied', 'rejected')),
    attempts smallint NOT NULL DEFAULT 0,
    not_before timestamptz NOT NULL DEFAULT '-infinity',
    decided_at timestamptz(3),
    -- What the waiting call answers, and any repeat of it: {status, headers, body}.
    outcome jsonb,
    CONSTRAINT write_requests_decided CHECK ((status = 'pending') = (outcome IS NULL))
);
CREATE INDEX write_requests_pending ON write_requests (seq) WHERE status = 'pending';
CREATE UNIQUE INDEX write_requests_idempotent ON write_requests (sender_id, method, path, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
CREATE INDEX write_requests_decided_at ON write_requests (decided_at) WHERE status <> 'pending';

-- The lane's own row: who holds its lock decides, anybody else goes home.
CREATE TABLE lane (id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1));
INSERT INTO lane DEFAULT VALUES;
"""


def upgrade() -> None:
    """Make the queue of writes that no crash can lose."""
    op.execute(WRITES)
