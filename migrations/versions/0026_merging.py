"""Two records of one person become one, and within a day two again.

The release before may go on serving: to it a merged record is gone, and what it books with the old id is booked for the
record that is left, by a trigger.
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TABLES = """
-- A record that was merged stays, without an account and without appointments, so that its id is never a stranger's.
ALTER TABLE patients
    ADD COLUMN merged_into uuid REFERENCES patients,
    ADD CONSTRAINT patients_merged_alone CHECK (merged_into IS NULL OR (user_id IS NULL AND merged_into <> id));
CREATE INDEX patients_merged ON patients (merged_into) WHERE merged_into IS NOT NULL;

-- What came from which record, to take it back. Names, numbers and remarks stay where they are: in the records.
CREATE TABLE patient_merges (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    source_id uuid NOT NULL REFERENCES patients ON DELETE CASCADE,
    target_id uuid NOT NULL REFERENCES patients ON DELETE CASCADE,
    merged_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    merged_by uuid REFERENCES users ON DELETE SET NULL,
    undone_at timestamptz(3),
    -- The source's account, where it had one.
    account_id uuid REFERENCES users ON DELETE SET NULL,
    appointments uuid[] NOT NULL,
    -- Whose guardianship of the target is the source's.
    guardians uuid[] NOT NULL,
    -- The columns of the target that the source has filled.
    filled text[] NOT NULL
);
CREATE INDEX patient_merges_of_source ON patient_merges (source_id);
CREATE INDEX patient_merges_of_target ON patient_merges (target_id);
ALTER TABLE patient_merges ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON patient_merges FOR SELECT USING ((SELECT acting_role()) IN ('receptionist', 'admin'));

-- The record that an id means now: of one that was merged, the one that is left.
CREATE FUNCTION patient_now(record uuid) RETURNS uuid
LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE chain AS (
        SELECT id, merged_into FROM patients WHERE id = record
        UNION ALL SELECT p.id, p.merged_into FROM patients p JOIN chain c ON p.id = c.merged_into)
    SELECT coalesce((SELECT id FROM chain WHERE merged_into IS NULL), record)
$$;
REVOKE EXECUTE ON FUNCTION patient_now FROM PUBLIC;
"""

RIGHTS = """
-- As in 0023, without the records that were merged.
ALTER POLICY seen ON patients USING (
    merged_into IS NULL AND (
        (SELECT acting_role()) IN ('system', 'receptionist', 'admin')
        OR id = ANY ((SELECT acting_patients())::uuid[])
        OR ((SELECT acting_dentist()) IS NOT NULL AND EXISTS (
            SELECT FROM appointments
            WHERE appointments.patient_id = patients.id AND appointments.dentist_id = (SELECT acting_dentist())))));
-- As in 0019, without them.
ALTER POLICY changed ON patients
    USING (merged_into IS NULL
        AND ((SELECT acting_role()) IN ('receptionist', 'admin') OR id = (SELECT acting_patient())))
    WITH CHECK (merged_into IS NULL
        AND ((SELECT acting_role()) IN ('receptionist', 'admin')
            OR (id = (SELECT acting_patient()) AND user_id = (SELECT acting_user()))));
CREATE OR REPLACE FUNCTION patients_acted_for(account uuid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(jsonb_agg(
        jsonb_build_object(
            'id', p.id, 'name', p.name, 'relation', CASE a.kind WHEN 'self' THEN 'self' ELSE a.relation END)
        ORDER BY a.kind DESC, p.folded_name, p.id), '[]')
    FROM acting a JOIN patients p ON p.id = a.patient_id WHERE a.user_id = account AND p.merged_into IS NULL
$$;
CREATE OR REPLACE FUNCTION account_to_act(account uuid, record uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM users
    WHERE id = coalesce(account, (SELECT p.user_id FROM patients p WHERE p.id = patient_now(record)))
        AND active AND role = 'patient'
        AND (acting_role() IN ('dentist', 'receptionist', 'admin') OR session_user = current_user)
$$;

-- Whoever acts for a record that is merged, or parted again, acts for another one: open sockets are told.
CREATE FUNCTION note_merging() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO changes (table_name, new)
    SELECT 'account_revocations', jsonb_build_object('user_id', user_id) FROM acting WHERE patient_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_merging AFTER UPDATE ON patients
    FOR EACH ROW WHEN (OLD.merged_into IS DISTINCT FROM NEW.merged_into) EXECUTE FUNCTION note_merging();

-- As in 0020; a record that is merged is gone, and one that is parted is there again.
CREATE OR REPLACE FUNCTION note_record() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    before uuid := (to_jsonb(OLD) ->> TG_ARGV[1])::uuid;
    after uuid := (to_jsonb(NEW) ->> TG_ARGV[1])::uuid;
    change text := coalesce(TG_ARGV[2],
        CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'updated' ELSE 'deleted' END);
BEGIN
    IF TG_OP = 'UPDATE' AND before IS DISTINCT FROM after THEN
        INSERT INTO record_changes (kind, record_id, change) VALUES (TG_ARGV[0], before, change);
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) ->> 'merged_into' IS DISTINCT FROM to_jsonb(NEW) ->> 'merged_into' THEN
        change := CASE WHEN to_jsonb(NEW) ->> 'merged_into' IS NULL THEN 'created' ELSE 'deleted' END;
    END IF;
    INSERT INTO record_changes (kind, record_id, change) VALUES (TG_ARGV[0], coalesce(after, before), change);
    RETURN NULL;
END $$;

-- As in 0006, with what was noted of the records that a record has taken in.
CREATE OR REPLACE FUNCTION audit_about(record uuid) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE same AS (
        SELECT record AS id UNION SELECT p.id FROM patients p JOIN same ON p.merged_into = same.id)
    SELECT id FROM audit
    WHERE record_ids && ARRAY(SELECT same.id FROM same) AND (acting_role() = 'admin' OR session_user = current_user)
$$;

-- As in 0023, whichever id of the patient is known.
CREATE OR REPLACE FUNCTION times_of_patient(patient uuid, within tstzrange)
RETURNS TABLE (id uuid, starts_at timestamptz, ends_at timestamptz)
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER ROWS 10 SET search_path = public, pg_temp AS $$
DECLARE
    asked uuid := patient_now(patient);
BEGIN
    IF acting_role() IN ('dentist', 'receptionist', 'admin') OR asked = ANY (acting_patients())
        OR session_user = current_user THEN
        RETURN QUERY
            SELECT a.id, a.starts_at::timestamptz, a.ends_at::timestamptz FROM appointments a
            WHERE a.patient_id = asked AND tstzrange(a.starts_at, a.ends_at) && within
                AND a.status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled');
    END IF;
END $$;
"""

# As in 0018, but for whom it is booked.
APPOINTMENTS = """
CREATE OR REPLACE FUNCTION complete_appointment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    merged_into uuid;
BEGIN
    -- The release before changes the treatment alone.
    IF NEW.treatment_ids[1] IS DISTINCT FROM NEW.treatment_id OR cardinality(NEW.treatment_ids) < 2 THEN
        NEW.treatment_ids := NULL;
    END IF;
    -- When the patient came and was ready, as far as the status still says that this was so.
    CASE NEW.status
        WHEN 'pending', 'booked' THEN
            NEW.arrived_at := NULL;
            NEW.checked_in_at := NULL;
        WHEN 'arrived' THEN
            NEW.arrived_at := coalesce(NEW.arrived_at, clock_timestamp());
            NEW.checked_in_at := NULL;
        WHEN 'checked-in' THEN
            NEW.checked_in_at := coalesce(NEW.checked_in_at, clock_timestamp());
            NEW.arrived_at := coalesce(NEW.arrived_at, NEW.checked_in_at);
        ELSE
    END CASE;
    IF TG_OP = 'UPDATE' THEN
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
        IF NEW.id <> OLD.id THEN
            RAISE EXCEPTION 'an appointment keeps its id' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        NEW.version := OLD.version + 1;
        NEW.updated_at := clock_timestamp();
    END IF;
    IF TG_OP = 'INSERT' OR NEW.patient_id <> OLD.patient_id OR NEW.patient_name <> OLD.patient_name THEN
        LOOP
            SELECT p.name, p.merged_into INTO NEW.patient_name, merged_into FROM patients p
            WHERE p.id = NEW.patient_id FOR SHARE;
            EXIT WHEN merged_into IS NULL;
            -- Nothing belongs to a record that was merged, whoever writes.
            NEW.patient_id := merged_into;
        END LOOP;
    END IF;
    IF TG_OP = 'INSERT' OR NEW.dentist_id <> OLD.dentist_id OR NEW.dentist_name <> OLD.dentist_name THEN
        SELECT name INTO NEW.dentist_name FROM dentists WHERE id = NEW.dentist_id FOR SHARE;
    END IF;
    IF NEW.assistant_id IS NULL THEN
        NEW.assistant_name := NULL;
    ELSIF TG_OP = 'INSERT' OR NEW.assistant_id IS DISTINCT FROM OLD.assistant_id
            OR NEW.assistant_name IS DISTINCT FROM OLD.assistant_name THEN
        SELECT name INTO NEW.assistant_name FROM dentists WHERE id = NEW.assistant_id FOR SHARE;
    END IF;
    RETURN NEW;
END $$;
"""

MERGE = """
-- Accounts and records in the order in which whoever renames locks them.
CREATE FUNCTION lock_before_merging(source uuid, target uuid) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM users WHERE id IN (SELECT user_id FROM patients WHERE id IN (source, target))
    ORDER BY id FOR NO KEY UPDATE;
    PERFORM FROM patients WHERE id IN (source, target) ORDER BY id FOR UPDATE;
    PERFORM FROM appointments WHERE patient_id IN (source, target) ORDER BY id FOR NO KEY UPDATE;
END $$;

-- Lets one record take in another. Answers the merge, or what is in the way: `unknown` and `unknown-target`, `same`,
-- `joined` (both have an account), `bookings` (at one time; which of the source's), and then nothing was changed.
CREATE FUNCTION merge_patients(
    record uuid, into_record uuid, account uuid, OUT merge patient_merges, OUT hindrance text, OUT in_the_way uuid[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    source patients;
    target patients;
    moved uuid[];
    granted uuid[];
BEGIN
    PERFORM lock_before_merging(patient_now(record), patient_now(into_record));
    SELECT * INTO source FROM patients WHERE id = patient_now(record);
    SELECT * INTO target FROM patients WHERE id = patient_now(into_record);
    hindrance := CASE
        WHEN source.id IS NULL THEN 'unknown'
        WHEN target.id IS NULL THEN 'unknown-target'
        WHEN source.id = target.id THEN 'same'
        WHEN source.user_id IS NOT NULL AND target.user_id IS NOT NULL THEN 'joined' END;
    IF hindrance IS NOT NULL THEN
        RETURN;
    END IF;
    in_the_way := ARRAY(
        SELECT a.id FROM appointments a
        WHERE a.patient_id = source.id AND takes_time(a.status) AND EXISTS (
            SELECT FROM appointments b
            WHERE b.patient_id = target.id AND takes_time(b.status)
                AND tstzrange(b.starts_at, b.ends_at) && tstzrange(a.starts_at, a.ends_at))
        ORDER BY a.starts_at, a.id);
    IF in_the_way <> '{}' THEN
        hindrance := 'bookings';
        RETURN;
    END IF;

    -- First what is told to those who follow the source, then that they do so no longer.
    WITH changed AS (UPDATE appointments SET patient_id = target.id WHERE patient_id = source.id RETURNING id)
    SELECT coalesce(array_agg(id), '{}') INTO moved FROM changed;
    WITH given AS (
        INSERT INTO acting (user_id, patient_id, kind, relation, granted_at, granted_by)
        SELECT user_id, target.id, kind, relation, granted_at, granted_by FROM acting
        WHERE patient_id = source.id AND kind = 'guardian'
        ON CONFLICT (user_id, patient_id) DO NOTHING RETURNING user_id)
    SELECT coalesce(array_agg(user_id), '{}') INTO granted FROM given;
    UPDATE patients SET merged_into = target.id, user_id = NULL WHERE id = source.id;
    UPDATE patients
    SET user_id = coalesce(user_id, source.user_id), phone = coalesce(phone, source.phone),
        email = coalesce(email, source.email), birth_date = coalesce(birth_date, source.birth_date),
        online_booking_barred = online_booking_barred OR source.online_booking_barred
    WHERE id = target.id;
    -- An account has its record's name.
    UPDATE users SET name = target.name WHERE id = source.user_id AND name <> target.name;
    INSERT INTO patient_remarks (patient_id, remark, updated_by)
    SELECT target.id, remark, updated_by FROM patient_remarks WHERE patient_id = source.id AND remark IS NOT NULL
    ON CONFLICT (patient_id) DO UPDATE
    SET remark = concat_ws(E'\\n\\n', patient_remarks.remark, excluded.remark), updated_at = clock_timestamp();

    INSERT INTO patient_merges (source_id, target_id, merged_by, account_id, appointments, guardians, filled)
    VALUES (source.id, target.id, account, source.user_id, moved, granted, array_remove(ARRAY[
        CASE WHEN target.phone IS NULL THEN 'phone' END,
        CASE WHEN target.email IS NULL THEN 'email' END,
        CASE WHEN target.birth_date IS NULL THEN 'birth_date' END,
        CASE WHEN NOT target.online_booking_barred THEN 'online_booking_barred' END], NULL))
    RETURNING * INTO merge;
END $$;

-- Parts what was merged: what came from the source and still is as it came goes back. Answers the merge, or what is in
-- the way: `unknown`, `undone` (also: the record that is left was merged on), `late` (after `latest`).
CREATE FUNCTION part_patients(merge_id uuid, latest timestamptz, OUT merge patient_merges, OUT hindrance text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    source patients;
    target patients;
BEGIN
    SELECT * INTO merge FROM patient_merges WHERE id = merge_id FOR UPDATE;
    PERFORM lock_before_merging(merge.source_id, merge.target_id);
    SELECT * INTO source FROM patients WHERE id = merge.source_id;
    SELECT * INTO target FROM patients WHERE id = merge.target_id;
    hindrance := CASE
        WHEN merge.id IS NULL THEN 'unknown'
        WHEN merge.undone_at IS NOT NULL OR target.merged_into IS NOT NULL THEN 'undone'
        WHEN merge.merged_at < latest THEN 'late' END;
    IF hindrance IS NOT NULL THEN
        RETURN;
    END IF;

    -- Who is no guardian of the record that is left has been told so, and is none of this one either.
    DELETE FROM acting
    WHERE patient_id = source.id AND user_id NOT IN (SELECT user_id FROM acting WHERE patient_id = target.id);
    UPDATE patients SET merged_into = NULL WHERE id = source.id;
    UPDATE appointments SET patient_id = source.id
    WHERE id = ANY (merge.appointments) AND patient_id = target.id;
    UPDATE patients
    SET user_id = nullif(user_id, merge.account_id),
        phone = nullif(phone, CASE WHEN 'phone' = ANY (merge.filled) THEN source.phone END),
        email = nullif(email, CASE WHEN 'email' = ANY (merge.filled) THEN source.email END),
        birth_date = nullif(birth_date, CASE WHEN 'birth_date' = ANY (merge.filled) THEN source.birth_date END),
        online_booking_barred = online_booking_barred AND NOT (
            'online_booking_barred' = ANY (merge.filled) AND source.online_booking_barred)
    WHERE id = target.id;
    IF target.user_id = merge.account_id THEN
        UPDATE patients SET user_id = merge.account_id WHERE id = source.id;
        UPDATE users SET name = source.name WHERE id = merge.account_id AND name <> source.name;
    END IF;
    DELETE FROM acting WHERE patient_id = target.id AND kind = 'guardian' AND user_id = ANY (merge.guardians);
    UPDATE patient_remarks r
    SET remark = CASE WHEN r.remark <> s.remark
        THEN left(r.remark, length(r.remark) - length(s.remark) - 2) END, updated_at = clock_timestamp()
    FROM patient_remarks s
    WHERE r.patient_id = target.id AND s.patient_id = source.id
        AND (r.remark = s.remark OR right(r.remark, length(s.remark) + 2) = E'\\n\\n' || s.remark);
    UPDATE patient_merges SET undone_at = clock_timestamp() WHERE id = merge.id RETURNING * INTO merge;
END $$;

-- Merges an account's own record, which is in use, into that of an invitation, and uses this up. Answers as
-- merge_patients; `unknown-invitation` for a code that opens nothing by then.
CREATE FUNCTION merge_by_invitation(
    hash bytea, account uuid, by_then timestamptz, OUT merge patient_merges, OUT hindrance text, OUT in_the_way uuid[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    invited uuid;
    done record;
BEGIN
    SELECT patient_id INTO invited FROM invitations
    WHERE code_hash = hash AND kind = 'self' AND expires_at > by_then FOR UPDATE;
    IF NOT FOUND THEN
        hindrance := 'unknown-invitation';
        RETURN;
    END IF;
    SELECT * INTO done FROM merge_patients((SELECT id FROM patients WHERE user_id = account), invited, account);
    merge := done.merge;
    hindrance := done.hindrance;
    in_the_way := done.in_the_way;
    IF hindrance IS NULL THEN
        DELETE FROM invitations WHERE patient_id = invited;
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION lock_before_merging, merge_patients, part_patients, merge_by_invitation FROM PUBLIC;
"""

# As in 0024, for a record that was merged since, and an account whose record has taken in others.
ACCEPT = """
CREATE OR REPLACE FUNCTION accept_invitation(hash bytea, account uuid, OUT patient uuid, OUT hindrance text)
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
    -- In the order of their ids, as whoever renames locks them.
    PERFORM FROM patients WHERE id = patient_now(invited.patient_id) OR user_id = account ORDER BY id FOR UPDATE;
    patient := patient_now(invited.patient_id);
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
            OR EXISTS (SELECT FROM acting WHERE patient_id = own.id AND kind = 'guardian')
            OR EXISTS (SELECT FROM patients WHERE merged_into = own.id) THEN
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
    DELETE FROM invitations WHERE patient_id = invited.patient_id;
END $$;
"""


def upgrade() -> None:
    """Add a column, a table and functions, and let what names a patient know of both."""
    for step in (TABLES, RIGHTS, APPOINTMENTS, MERGE, ACCEPT):
        op.execute(step)
