"""Reminders: once for each appointment and time, with links that confirm or cancel without signing in.

The release before may go on serving: it makes none, and what somebody answers by a link it refuses.
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TABLE = """
-- That somebody was reminded, or that there was nobody to remind; an appointment that is moved gets another one.
CREATE TABLE reminders (
    appointment_id uuid NOT NULL REFERENCES appointments ON DELETE CASCADE,
    starts_at timestamptz(3) NOT NULL,
    made_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    -- When each of its links was used: each works once.
    confirmed_at timestamptz(3),
    cancelled_at timestamptz(3),
    PRIMARY KEY (appointment_id, starts_at)
);
CREATE INDEX reminders_by_start ON reminders (starts_at);
ALTER TABLE reminders ENABLE ROW LEVEL SECURITY;

-- What the page behind a link shows, for a web process that has read the link's signature.
CREATE FUNCTION reminder_of(appointment uuid, start timestamptz) RETURNS TABLE (
    starts_at timestamptz, ends_at timestamptz, zone text, dentist_name text, practice text, status text,
    confirmed_at timestamptz, cancelled_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1 SET search_path = public, pg_temp AS $$
    SELECT a.starts_at, a.ends_at, d.time_zone, a.dentist_name, practice.name, a.status, r.confirmed_at, r.cancelled_at
    FROM reminders r JOIN appointments a ON a.id = r.appointment_id JOIN dentists d ON d.id = a.dentist_id
    CROSS JOIN practice
    WHERE r.appointment_id = appointment AND r.starts_at = start
        AND (acting_role() = 'system' OR session_user = current_user)
$$;

-- Uses up one link of a reminder; whether it was the first to.
CREATE FUNCTION use_reminder(appointment uuid, start timestamptz, answer text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF coalesce(acting_role() <> 'system', true) AND session_user <> current_user THEN
        RETURN false;
    END IF;
    UPDATE reminders SET
        confirmed_at = CASE answer WHEN 'yes' THEN clock_timestamp() ELSE confirmed_at END,
        cancelled_at = CASE answer WHEN 'no' THEN clock_timestamp() ELSE cancelled_at END
    WHERE appointment_id = appointment AND starts_at = start
        AND CASE answer WHEN 'yes' THEN confirmed_at WHEN 'no' THEN cancelled_at ELSE '-infinity' END IS NULL;
    RETURN FOUND;
END $$;
REVOKE EXECUTE ON FUNCTION reminder_of, use_reminder FROM PUBLIC;
"""

WRITES = """
-- Who answers by a link need not have an account: the lane lets the patient of the appointment act.
ALTER TABLE write_requests ALTER COLUMN sender_id DROP NOT NULL;
ALTER POLICY made ON write_requests WITH CHECK (
    sender_id = (SELECT acting_user())
    OR (sender_id IS NULL AND (SELECT acting_role()) = 'system' AND action IN ('confirm-by-link', 'cancel-by-link')));
"""


def upgrade() -> None:
    """Add what the previous release does not know."""
    op.execute(TABLE)
    op.execute(WRITES)
