"""Which account acts for which patient: its own record, and those of whom it is a guardian.

The release before may go on serving: it sees and does what an account may with its own record alone.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE acting (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    patient_id uuid NOT NULL REFERENCES patients ON DELETE CASCADE,
    kind text NOT NULL CONSTRAINT acting_kind_known CHECK (kind IN ('self', 'guardian')),
    -- What a guardian is to the patient, in words.
    relation text CONSTRAINT acting_relation_length CHECK (length(relation) BETWEEN 1 AND 100),
    granted_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    -- Who granted it; nobody for the own record.
    granted_by uuid REFERENCES users ON DELETE SET NULL,
    PRIMARY KEY (user_id, patient_id)
);
CREATE INDEX acting_for_patient ON acting (patient_id);
CREATE UNIQUE INDEX acting_self_of_account ON acting (user_id) WHERE kind = 'self';
CREATE UNIQUE INDEX acting_self_of_patient ON acting (patient_id) WHERE kind = 'self';

-- The account of a record is written there, also by the release before.
CREATE FUNCTION act_for_oneself() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM acting WHERE patient_id = NEW.id AND kind = 'self' AND user_id IS DISTINCT FROM NEW.user_id;
    IF NEW.user_id IS NOT NULL THEN
        INSERT INTO acting (user_id, patient_id, kind) VALUES (NEW.user_id, NEW.id, 'self')
        ON CONFLICT (user_id, patient_id) DO UPDATE SET kind = 'self', relation = NULL;
    END IF;
    RETURN NULL;
END $$;
-- Named so that it comes before those that note what has changed.
CREATE TRIGGER act_insert AFTER INSERT ON patients
    FOR EACH ROW WHEN (NEW.user_id IS NOT NULL) EXECUTE FUNCTION act_for_oneself();
CREATE TRIGGER act_update AFTER UPDATE ON patients
    FOR EACH ROW WHEN (OLD.user_id IS DISTINCT FROM NEW.user_id) EXECUTE FUNCTION act_for_oneself();
INSERT INTO acting (user_id, patient_id, kind) SELECT user_id, id, 'self' FROM patients WHERE user_id IS NOT NULL;

-- What an account may changes at once, as when a session ends: open sockets are told through the log. An account that
-- has just been made has none.
CREATE FUNCTION note_acting() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO changes (table_name, new)
    VALUES ('account_revocations', jsonb_build_object('user_id', coalesce(NEW.user_id, OLD.user_id)));
    RETURN NULL;
END $$;
CREATE TRIGGER note_insert AFTER INSERT ON acting
    FOR EACH ROW WHEN (NEW.kind = 'guardian') EXECUTE FUNCTION note_acting();
CREATE TRIGGER note_update AFTER UPDATE ON acting
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION note_acting();
CREATE TRIGGER note_delete AFTER DELETE ON acting FOR EACH ROW EXECUTE FUNCTION note_acting();
"""

RIGHTS = """
-- All patients for whom the acting account acts. The release before says one of them.
CREATE FUNCTION acting_patients() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        nullif(current_setting('dental_sync.patient_ids', true), '')::uuid[], ARRAY[public.acting_patient()])
$$;

ALTER POLICY seen ON appointments USING (
    (SELECT acting_role()) = 'admin'
    OR (status <> 'entered-in-error'
        AND ((SELECT acting_role()) = 'receptionist'
            OR patient_id = ANY ((SELECT acting_patients())::uuid[]) OR dentist_id = (SELECT acting_dentist())
            OR assistant_id = (SELECT acting_assistant()))));

ALTER POLICY seen ON patients USING (
    (SELECT acting_role()) IN ('system', 'receptionist', 'admin')
    OR id = ANY ((SELECT acting_patients())::uuid[])
    OR ((SELECT acting_dentist()) IS NOT NULL AND EXISTS (
        SELECT FROM appointments
        WHERE appointments.patient_id = patients.id AND appointments.dentist_id = (SELECT acting_dentist()))));

-- As in 0022, with the rooms of all of them.
CREATE OR REPLACE FUNCTION acting_channels() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN public.acting_role() = 'receptionist' THEN ARRAY['availability:all', 'appointments:all', 'practice']
        WHEN public.acting_role() IN ('patient', 'dentist', 'assistant', 'chatbot') THEN ARRAY[
            'availability:all',
            'appointments:dentist:' || coalesce(public.acting_dentist(), public.acting_assistant()),
            CASE WHEN public.acting_role() = 'dentist' THEN 'practice' END]
            || ARRAY(SELECT 'appointments:patient:' || patient FROM unnest(public.acting_patients()) AS patient)
        ELSE '{}' END
$$;

-- As in 0019, for each of them.
CREATE OR REPLACE FUNCTION times_of_patient(patient uuid, within tstzrange)
RETURNS TABLE (id uuid, starts_at timestamptz, ends_at timestamptz)
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER ROWS 10 SET search_path = public, pg_temp AS $$
BEGIN
    IF acting_role() IN ('dentist', 'receptionist', 'admin') OR patient = ANY (acting_patients())
        OR session_user = current_user THEN
        RETURN QUERY
            SELECT a.id, a.starts_at::timestamptz, a.ends_at::timestamptz FROM appointments a
            WHERE a.patient_id = patient AND tstzrange(a.starts_at, a.ends_at) && within
                AND a.status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled');
    END IF;
END $$;

-- For whom an account acts, its own record first: [{id, name, relation}]. For the functions below, which ask who asks.
CREATE FUNCTION patients_acted_for(account uuid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(jsonb_agg(
        jsonb_build_object(
            'id', p.id, 'name', p.name, 'relation', CASE a.kind WHEN 'self' THEN 'self' ELSE a.relation END)
        ORDER BY a.kind DESC, p.folded_name, p.id), '[]')
    FROM acting a JOIN patients p ON p.id = a.patient_id WHERE a.user_id = account
$$;
CREATE FUNCTION patients_of(account uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE
        WHEN acting_role() IN ('system', 'admin', 'worker') OR account = acting_user() OR session_user = current_user
        THEN patients_acted_for(account) ELSE '[]' END
$$;

-- As signed_in_as, with the patients for whom the account acts.
CREATE FUNCTION signed_in_for(sign_in uuid) RETURNS TABLE (
    user_id uuid, role text, name text, email text, active boolean, has_ended boolean, patient_id uuid, dentist_id uuid,
    profession text, patients jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
        SELECT u.id, u.role, u.name, u.email, u.active, s.revoked_at IS NOT NULL, p.id, d.id, d.profession,
            patients_acted_for(u.id)
        FROM auth_sessions s
        JOIN users u ON u.id = s.user_id
        LEFT JOIN patients p ON p.user_id = u.id
        LEFT JOIN dentists d ON d.user_id = u.id
        WHERE s.id = sign_in;
END $$;
REVOKE EXECUTE ON FUNCTION patients_acted_for, patients_of, signed_in_for FROM PUBLIC;
"""

GUARD = """
ALTER TABLE acting ENABLE ROW LEVEL SECURITY;
-- Who sees the patient sees who acts for them, but for the names, which guardians_of tells.
CREATE POLICY seen ON acting FOR SELECT USING (
    (SELECT acting_role()) IN ('system', 'receptionist', 'admin')
    OR user_id = (SELECT acting_user())
    OR EXISTS (SELECT FROM patients WHERE patients.id = acting.patient_id));
CREATE POLICY made ON acting FOR INSERT WITH CHECK (
    kind = 'guardian' AND granted_by = (SELECT acting_user())
    AND ((SELECT acting_role()) IN ('receptionist', 'admin')
        OR ((SELECT acting_dentist()) IS NOT NULL
            AND EXISTS (SELECT FROM patients WHERE patients.id = acting.patient_id))));
CREATE POLICY changed ON acting FOR UPDATE USING (
    kind = 'guardian'
    AND ((SELECT acting_role()) IN ('receptionist', 'admin')
        OR ((SELECT acting_dentist()) IS NOT NULL
            AND EXISTS (SELECT FROM patients WHERE patients.id = acting.patient_id))));
-- The patient and the guardian end it too.
CREATE POLICY ended ON acting FOR DELETE USING (
    kind = 'guardian'
    AND ((SELECT acting_role()) IN ('receptionist', 'admin')
        OR user_id = (SELECT acting_user()) OR patient_id = (SELECT acting_patient())
        OR ((SELECT acting_dentist()) IS NOT NULL
            AND EXISTS (SELECT FROM patients WHERE patients.id = acting.patient_id))));

-- A patient's guardians by name, for those who see the patient.
CREATE FUNCTION guardians_of(patient uuid) RETURNS TABLE (
    user_id uuid, name text, relation text, granted_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF coalesce(acting_role() IN ('receptionist', 'admin'), false) OR patient = ANY (acting_patients())
        OR session_user = current_user
        OR EXISTS (SELECT FROM appointments a WHERE a.patient_id = patient AND a.dentist_id = acting_dentist()) THEN
        RETURN QUERY
            SELECT u.id, u.name, a.relation, a.granted_at::timestamptz FROM acting a JOIN users u ON u.id = a.user_id
            WHERE a.patient_id = patient AND a.kind = 'guardian' ORDER BY u.name, u.id;
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION guardians_of FROM PUBLIC;

-- The account that is meant by its id, or by that of its patient's record, where it is one that may be a guardian.
CREATE FUNCTION account_to_act(account uuid, record uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM users
    WHERE id = coalesce(account, (SELECT p.user_id FROM patients p WHERE p.id = record)) AND active AND role = 'patient'
        AND (acting_role() IN ('dentist', 'receptionist', 'admin') OR session_user = current_user)
$$;
REVOKE EXECUTE ON FUNCTION account_to_act FROM PUBLIC;
"""


def upgrade() -> None:
    """Add the table with the accounts that patients have, and let the policies read it."""
    op.execute(TABLE)
    op.execute(RIGHTS)
    op.execute(GUARD)
