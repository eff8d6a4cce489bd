"""Mails about appointments, and reminders: once for each appointment and time, with links that need no signing in.

The release before may go on serving: it makes none, and what somebody answers by a link it refuses.
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TOLD = """
CREATE INDEX mails_given_up ON mails (settled_at) WHERE outcome = 'given-up';

-- Who is told of a patient's appointments: the account of the record, else the guardians', else the address in the
-- record. An account that is switched off is told nothing.
CREATE FUNCTION mail_recipients(patient uuid) RETURNS TABLE (address text, language text, is_self boolean)
LANGUAGE sql STABLE ROWS 1 SET search_path = public, pg_temp AS $$
    WITH accounts AS (
        SELECT u.email, coalesce(u.language, p.language) AS language, a.kind = 'self' AS is_self, a.granted_at
        FROM acting a JOIN users u ON u.id = a.user_id JOIN patients p ON p.id = a.patient_id
        WHERE a.patient_id = patient AND u.active
    ), told AS (
        SELECT email, accounts.language, accounts.is_self FROM accounts
        WHERE accounts.is_self OR NOT EXISTS (SELECT FROM accounts one WHERE one.is_self)
        ORDER BY granted_at LIMIT 5
    )
    SELECT * FROM told
    UNION ALL
    SELECT email, p.language, true FROM patients p
    WHERE id = patient AND email IS NOT NULL AND NOT EXISTS (SELECT FROM told)
$$;

-- As in 0029, and nobody is refused too.
CREATE OR REPLACE FUNCTION put_in_outbox(
    mail_kind text, mail_language text, address text, mail_facts jsonb, valid interval)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    made uuid;
BEGIN
    IF NOT (session_user = current_user OR coalesce(acting_role() = 'system' OR acting_user() IS NOT NULL, false))
        OR mail_kind NOT IN ('invitation', 'staff-invitation', 'reset-code', 'address-code', 'address-changed') THEN
        RAISE EXCEPTION 'such a mail is not made here' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF outbox_has_room() THEN
        INSERT INTO mails (kind, language, recipient, facts, expires_at)
        VALUES (mail_kind, mail_language, address, mail_facts,
            clock_timestamp() + least(valid, interval '24 hours'))
        RETURNING id INTO made;
    END IF;
    RETURN made;
END $$;
REVOKE EXECUTE ON FUNCTION mail_recipients FROM PUBLIC;
"""

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
    op.execute(TOLD)
    op.execute(TABLE)
    op.execute(WRITES)
