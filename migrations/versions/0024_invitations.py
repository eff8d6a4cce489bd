"""Invitations: a one-time code that lets an account act for a patient, as itself or as a guardian.

The release before may go on serving: it knows nothing of them.
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLE = """
-- The open ones: used, or replaced by another, an invitation is gone. The audit trail says that there was one.
CREATE TABLE invitations (
    patient_id uuid PRIMARY KEY REFERENCES patients ON DELETE CASCADE,
    -- What the account becomes to the patient.
    kind text NOT NULL CONSTRAINT invitations_kind_known CHECK (kind IN ('self', 'guardian')),
    relation text CONSTRAINT invitations_relation_length CHECK (length(relation) BETWEEN 1 AND 100),
    -- SHA-256; the code itself is with whom it was handed to.
    code_hash bytea NOT NULL UNIQUE,
    expires_at timestamptz(3) NOT NULL,
    created_by uuid REFERENCES users ON DELETE SET NULL
);
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
-- Whoever may grant may invite; what a code is good for is told by accept_invitation alone.
CREATE POLICY seen ON invitations FOR SELECT USING (
    (SELECT acting_role()) IN ('receptionist', 'admin')
    OR ((SELECT acting_dentist()) IS NOT NULL
        AND EXISTS (SELECT FROM patients WHERE patients.id = invitations.patient_id)));
CREATE POLICY made ON invitations FOR INSERT WITH CHECK (
    created_by = (SELECT acting_user())
    AND ((SELECT acting_role()) IN ('receptionist', 'admin')
        OR ((SELECT acting_dentist()) IS NOT NULL
            AND EXISTS (SELECT FROM patients WHERE patients.id = invitations.patient_id))));
CREATE POLICY changed ON invitations FOR UPDATE USING (
    (SELECT acting_role()) IN ('receptionist', 'admin')
    OR ((SELECT acting_dentist()) IS NOT NULL
        AND EXISTS (SELECT FROM patients WHERE patients.id = invitations.patient_id)))
    WITH CHECK (created_by = (SELECT acting_user()));
"""

ACCEPT = """
-- Uses an invitation for an account, its own or, for the process that registers it, a new one. Answers the patient, and
-- what stood in the way: `unknown`, `joined` (the record or the account belongs to somebody already), `bookings` (the
-- account's own record is in use). It is used up only where nothing did.
CREATE FUNCTION accept_invitation(hash bytea, account uuid, OUT patient uuid, OUT hindrance text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    invited invitations;
    record patients;
    own patients;
BEGIN
    IF NOT (session_user = current_user OR coalesce(acting_role() = 'system' OR acting_user() = account, false)) THEN
        RAISE EXCEPTION 'an account joins itself' USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT * INTO invited FROM invitations WHERE code_hash = hash AND expires_at > clock_timestamp() FOR UPDATE;
    IF NOT FOUND OR NOT EXISTS (SELECT FROM users WHERE id = account AND role = 'patient' AND active) THEN
        hindrance := 'unknown';
        RETURN;
    END IF;
    patient := invited.patient_id;
    -- In the order of their ids, as whoever renames locks them.
    PERFORM FROM patients WHERE id = patient OR user_id = account ORDER BY id FOR UPDATE;
    SELECT * INTO record FROM patients WHERE id = patient;
    SELECT * INTO own FROM patients WHERE user_id = account;
    IF record.user_id = account OR (invited.kind = 'self' AND record.user_id IS NOT NULL) THEN
        hindrance := 'joined';
        RETURN;
    END IF;
    IF invited.kind = 'guardian' THEN
        INSERT INTO acting (user_id, patient_id, kind, relation, granted_by)
        VALUES (account, patient, 'guardian', invited.relation, invited.created_by)
        ON CONFLICT (user_id, patient_id) DO UPDATE SET relation = excluded.relation;
    ELSE
        IF EXISTS (SELECT FROM appointments WHERE patient_id = own.id)
            OR EXISTS (SELECT FROM patient_remarks WHERE patient_id = own.id)
            OR EXISTS (SELECT FROM acting WHERE patient_id = own.id AND kind = 'guardian') THEN
            hindrance := 'bookings';
            RETURN;
        END IF;
        -- Nothing but a name and an address is in it, which the account has too.
        DELETE FROM patients WHERE id = own.id;
        UPDATE patients
        SET user_id = account, email = coalesce(patients.email, u.email), phone = coalesce(patients.phone, own.phone)
        FROM users u WHERE u.id = account AND patients.id = patient;
        UPDATE users SET name = record.name WHERE id = account AND name <> record.name;
    END IF;
    DELETE FROM invitations WHERE patient_id = patient;
END $$;
REVOKE EXECUTE ON FUNCTION accept_invitation FROM PUBLIC;
"""


def upgrade() -> None:
    """Add what the previous release does not know."""
    op.execute(TABLE)
    op.execute(ACCEPT)
