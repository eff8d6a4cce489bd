"""The complete domain: writes about more than appointments, slots, rules of a treatment's own, clinical notes."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

DOMAIN = """
-- A write may be about a hold, a dentist's hours or a closure as well.
ALTER TABLE write_requests RENAME COLUMN appointment_id TO subject_id;
ALTER TABLE write_requests
    -- The path of what it made or changed, once it is applied.
    ADD COLUMN resource text,
    -- The HTTP request that it came with, for the audit trail.
    ADD COLUMN request_id text;
UPDATE write_requests SET resource = '/api/appointments/' || subject_id
WHERE status = 'applied';

-- The practice's rule holds unless the treatment has its own.
ALTER TABLE practice ADD COLUMN slot_step_minutes smallint NOT NULL DEFAULT 15
    CONSTRAINT practice_slot_step_within_day CHECK (slot_step_minutes BETWEEN 1 AND 1440);
ALTER TABLE treatments
    ADD COLUMN slot_step_minutes smallint
        CONSTRAINT treatments_slot_step_within_day CHECK (slot_step_minutes BETWEEN 1 AND 1440),
    ADD COLUMN minimum_notice_minutes integer
        CONSTRAINT treatments_notice_not_negative CHECK (minimum_notice_minutes >= 0),
    ADD COLUMN furthest_advance_days integer
        CONSTRAINT treatments_advance_positive CHECK (furthest_advance_days > 0);

-- Clinical notes live apart from the appointment, so that no list and no event can carry them by mistake.
CREATE TABLE appointment_notes (
    appointment_id uuid PRIMARY KEY REFERENCES appointments ON DELETE CASCADE,
    notes text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    updated_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    updated_by uuid NOT NULL REFERENCES users
);

CREATE INDEX holds_of_user ON holds (user_id);
CREATE INDEX holds_expiry ON holds (expires_at);

-- Who signs out, or loses the right to sign in, keeps no time for themselves.
CREATE FUNCTION release_holds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM holds WHERE user_id = CASE TG_TABLE_NAME
        WHEN 'users' THEN (to_jsonb(NEW) ->> 'id')::uuid ELSE (to_jsonb(NEW) ->> 'user_id')::uuid END;
    RETURN NULL;
END $$;
CREATE TRIGGER release_holds AFTER UPDATE ON auth_sessions FOR EACH ROW
    WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION release_holds();
CREATE TRIGGER release_holds AFTER UPDATE ON users FOR EACH ROW
    WHEN (OLD.active AND NOT NEW.active) EXECUTE FUNCTION release_holds();
"""


def upgrade() -> None:
    """Make room for what a practice needs beside appointments."""
    op.execute(DOMAIN)
