"""The front desk: the role receptionist, remarks about patients, a bar to online booking, an appointment's history.

The previous release may go on serving: to it a receptionist is a role without rights, and it bars nobody.
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ROLE = """
ALTER TABLE users DROP CONSTRAINT users_role_known, ADD CONSTRAINT users_role_known
    CHECK (role IN ('patient', 'dentist', 'receptionist', 'admin', 'chatbot'));
ALTER TABLE appointments DROP CONSTRAINT appointments_cancelled_by_known, ADD CONSTRAINT appointments_cancelled_by_known
    CHECK (cancelled_by IN ('patient', 'dentist', 'receptionist', 'admin'));

CREATE OR REPLACE FUNCTION acting_channels() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN public.acting_role() = 'receptionist' THEN ARRAY['availability:all', 'appointments:all']
        WHEN public.acting_role() IN ('patient', 'dentist', 'chatbot') THEN ARRAY[
            'availability:all',
            'appointments:patient:' || public.acting_patient(),
            'appointments:dentist:' || public.acting_dentist()]
        ELSE '{}' END
$$;

-- What was entered in error is gone for everybody but admins.
ALTER POLICY seen ON appointments USING (
    (SELECT acting_role()) = 'admin'
    OR (status <> 'entered-in-error'
        AND ((SELECT acting_role()) = 'receptionist'
            OR patient_id = (SELECT acting_patient()) OR dentist_id = (SELECT acting_dentist()))));

ALTER POLICY seen ON patients USING (
    (SELECT acting_role()) IN ('system', 'receptionist', 'admin')
    OR id = (SELECT acting_patient())
    OR ((SELECT acting_dentist()) IS NOT NULL AND EXISTS (
        SELECT FROM appointments
        WHERE appointments.patient_id = patients.id AND appointments.dentist_id = (SELECT acting_dentist()))));
ALTER POLICY made ON patients WITH CHECK ((SELECT acting_role()) IN ('system', 'receptionist', 'admin'));
ALTER POLICY changed ON patients
    USING ((SELECT acting_role()) IN ('receptionist', 'admin') OR id = (SELECT acting_patient()))
    WITH CHECK ((SELECT acting_role()) IN ('receptionist', 'admin')
        OR (id = (SELECT acting_patient()) AND user_id = (SELECT acting_user())));

ALTER POLICY seen ON holds USING (
    (SELECT acting_role()) IN ('receptionist', 'admin') OR user_id = (SELECT acting_user()));
ALTER POLICY seen ON time_off USING (
    (SELECT acting_role()) IN ('receptionist', 'admin') OR dentist_id = (SELECT acting_dentist()));
"""

FUNCTIONS = """
CREATE OR REPLACE FUNCTION times_of_patient(patient uuid, within tstzrange)
RETURNS TABLE (id uuid, starts_at timestamptz, ends_at timestamptz)
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER ROWS 10 SET search_path = public, pg_temp AS $$
BEGIN
    IF acting_role() IN ('dentist', 'receptionist', 'admin') OR patient = acting_patient()
        OR session_user = current_user THEN
        RETURN QUERY
            SELECT a.id, a.starts_at::timestamptz, a.ends_at::timestamptz FROM appointments a
            WHERE a.patient_id = patient AND tstzrange(a.starts_at, a.ends_at) && within
                AND a.status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled');
    END IF;
END $$;

CREATE OR REPLACE FUNCTION patients_found(q text, part_of_phone text, phones text[]) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    words text[] := ARRAY(
        SELECT '%' || word || '%' FROM unnest(string_to_array(fold(q), ' ')) AS word WHERE word <> '');
    by_words text := (
        SELECT string_agg(format('folded_words LIKE $1[%s]', number), ' AND ')
        FROM generate_subscripts(words, 1) AS number);
BEGIN
    IF session_user = current_user OR coalesce(acting_role() IN ('receptionist', 'admin'), false) THEN
        RETURN QUERY EXECUTE format(
            'SELECT id FROM patients WHERE (%s) OR phone_digits LIKE $2 OR phone_digits = ANY ($3)',
            coalesce(by_words, 'false'))
        USING words, '%' || part_of_phone || '%', phones;
    END IF;
END $$;

-- Accounts are admins' to change, but a patient's new name is the account's too, and the front desk enters it.
CREATE FUNCTION rename_account_of(patient uuid, new_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT (session_user = current_user OR coalesce(acting_role() IN ('receptionist', 'admin'), false)) THEN
        RAISE EXCEPTION 'a patient is renamed by the front desk' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE users SET name = new_name WHERE id = (SELECT user_id FROM patients WHERE patients.id = patient);
END $$;
"""

BAR = """
ALTER TABLE patients ADD COLUMN online_booking_barred boolean NOT NULL DEFAULT false;

-- Dentists may not change patients, but may bar those in the own diary; so this asks for itself who acts.
CREATE FUNCTION bar_online_booking(patient uuid, barred boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT (
        session_user = current_user
        OR coalesce(acting_role() IN ('receptionist', 'admin'), false)
        OR EXISTS (
            SELECT FROM appointments
            WHERE patient_id = patient AND dentist_id = acting_dentist() AND status <> 'entered-in-error')
    ) THEN
        RAISE EXCEPTION 'staff bar patients' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE patients SET online_booking_barred = barred WHERE id = patient AND online_booking_barred <> barred;
END $$;

-- A patient may change the own record, but not this.
CREATE FUNCTION keep_the_bar() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'staff bar patients' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER keep_the_bar BEFORE UPDATE ON patients FOR EACH ROW
    WHEN (OLD.online_booking_barred <> NEW.online_booking_barred AND acting_role() = 'patient')
    EXECUTE FUNCTION keep_the_bar();
"""

REMARKS = """
-- What staff remark about a patient. In a table of its own, because the patient sees the whole row of `patients`.
CREATE TABLE patient_remarks (
    patient_id uuid PRIMARY KEY REFERENCES patients ON DELETE CASCADE,
    remark text,
    updated_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    updated_by uuid NOT NULL REFERENCES users
);
CREATE POLICY seen ON patient_remarks FOR SELECT USING (
    (SELECT acting_role()) IN ('receptionist', 'admin')
    OR ((SELECT acting_dentist()) IS NOT NULL AND EXISTS (
        SELECT FROM appointments
        WHERE appointments.patient_id = patient_remarks.patient_id
            AND appointments.dentist_id = (SELECT acting_dentist()))));
CREATE POLICY made ON patient_remarks FOR INSERT WITH CHECK (
    updated_by = (SELECT acting_user())
    AND ((SELECT acting_role()) IN ('receptionist', 'admin')
        OR ((SELECT acting_dentist()) IS NOT NULL AND EXISTS (
            SELECT FROM appointments
            WHERE appointments.patient_id = patient_remarks.patient_id
                AND appointments.dentist_id = (SELECT acting_dentist())))));
CREATE POLICY changed ON patient_remarks FOR UPDATE
    USING ((SELECT acting_role()) IN ('receptionist', 'admin')
        OR ((SELECT acting_dentist()) IS NOT NULL AND EXISTS (
            SELECT FROM appointments
            WHERE appointments.patient_id = patient_remarks.patient_id
                AND appointments.dentist_id = (SELECT acting_dentist()))))
    WITH CHECK (updated_by = (SELECT acting_user())
        AND ((SELECT acting_role()) IN ('receptionist', 'admin')
            OR ((SELECT acting_dentist()) IS NOT NULL AND EXISTS (
                SELECT FROM appointments
                WHERE appointments.patient_id = patient_remarks.patient_id
                    AND appointments.dentist_id = (SELECT acting_dentist())))));
ALTER TABLE patient_remarks ENABLE ROW LEVEL SECURITY;

-- As before; remarks are kept by the patient's id.
CREATE OR REPLACE FUNCTION note_plain_sql() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    key text := CASE TG_TABLE_NAME
        WHEN 'appointment_notes' THEN 'appointment_id' WHEN 'patient_remarks' THEN 'patient_id' ELSE 'id' END;
    kind text := CASE TG_TABLE_NAME
        WHEN 'appointment_notes' THEN 'notes' WHEN 'patient_remarks' THEN 'remark' ELSE rtrim(TG_TABLE_NAME, 's') END;
    details jsonb := jsonb_build_object('sessionUser', session_user);
    ids uuid[] := '{}';
BEGIN
    IF TG_OP = 'DELETE' THEN
        ids := ARRAY[(to_jsonb(OLD) ->> key)::uuid];
    ELSIF TG_OP <> 'TRUNCATE' THEN
        ids := ARRAY[(to_jsonb(NEW) ->> key)::uuid];
    END IF;
    IF TG_OP = 'UPDATE' THEN
        -- Which columns, never what was in them, and none that only follows from another.
        details := details || jsonb_build_object('columns', (
            SELECT jsonb_agg(now.key ORDER BY now.key) FROM jsonb_each(to_jsonb(NEW)) AS now
            WHERE now.value IS DISTINCT FROM to_jsonb(OLD) -> now.key
                AND now.key NOT IN ('folded_name', 'folded_words', 'phone_digits')));
    END IF;
    INSERT INTO audit (action, record_kind, record_ids, details)
    VALUES ('sql-' || lower(TG_OP), kind, ids, details);
    RETURN NULL;
END $$;
CREATE TRIGGER audit_insert_delete AFTER INSERT OR DELETE ON patient_remarks
    FOR EACH ROW WHEN (acting_role() IS NULL) EXECUTE FUNCTION note_plain_sql();
CREATE TRIGGER audit_update AFTER UPDATE ON patient_remarks
    FOR EACH ROW WHEN (acting_role() IS NULL AND OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION note_plain_sql();
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON patient_remarks EXECUTE FUNCTION note_plain_sql();
"""

HISTORY = """
-- How often a patient did not come.
CREATE INDEX appointments_missed ON appointments (patient_id) WHERE status = 'noshow';
-- What was asked for about a record.
CREATE INDEX write_requests_applied ON write_requests (subject_id) WHERE status = 'applied';

-- Who did what to an appointment. The audit trail and others' requests are admins' to see, so this looks with the
-- owner's eyes, asks for itself who acts, and tells what was done and nothing of who has read it. A dentist is told the
-- names of staff and of the appointment's patient, and of no other patient.
CREATE FUNCTION appointment_history(appointment uuid)
RETURNS TABLE (
    id bigint, at timestamptz, action text, actor_id uuid, actor_role text, actor_name text, asked jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    sees_everybody boolean :=
        session_user = current_user OR coalesce(acting_role() IN ('receptionist', 'admin'), false);
    its_patient uuid;
    its_dentist uuid;
BEGIN
    SELECT a.patient_id, a.dentist_id INTO its_patient, its_dentist FROM appointments a
    WHERE a.id = appointment AND a.status <> 'entered-in-error';
    IF sees_everybody OR coalesce(its_dentist = acting_dentist(), false) THEN
        RETURN QUERY
            SELECT e.id, e.at::timestamptz, e.action, e.actor_id, e.actor_role,
                CASE WHEN sees_everybody
                    OR e.actor_role IN ('dentist', 'receptionist', 'admin')
                    OR u.role IN ('dentist', 'receptionist', 'admin')
                    OR EXISTS (SELECT FROM patients p WHERE p.id = its_patient AND p.user_id = e.actor_id)
                THEN u.name END,
                w.body
            FROM audit e
            LEFT JOIN users u ON u.id = e.actor_id
            LEFT JOIN LATERAL (
                SELECT r.body FROM write_requests r
                WHERE r.subject_id = appointment AND r.status = 'applied' AND r.sender_id = e.actor_id
                    AND r.action = e.action AND r.request_id = e.request_id
                ORDER BY r.seq LIMIT 1) w ON true
            WHERE e.record_ids @> ARRAY[appointment] AND e.record_kind = 'appointment'
                AND e.action NOT IN ('read', 'list', 'replay', 'subscribe', 'sync-events');
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION rename_account_of, bar_online_booking, appointment_history FROM PUBLIC;
"""


def upgrade() -> None:
    """Let a role in that the previous release does not know, and add what it does not ask for."""
    for step in (ROLE, FUNCTIONS, BAR, REMARKS, HISTORY):
        op.execute(step)
