"""A patient's personal data are erased: the record stays, as nobody's.

The release before may go on serving: it erases nobody, and shows who was erased as a patient of that name.
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

FORGET = """
-- What is typed about an appointment afterwards is not kept.
CREATE FUNCTION forget_reasons() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM patients WHERE id = NEW.patient_id AND erased_at IS NOT NULL) THEN
        NEW.reason := NULL;
        NEW.cancel_reason := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_forget BEFORE UPDATE OF reason, cancel_reason ON appointments FOR EACH ROW
    WHEN (OLD.reason IS DISTINCT FROM NEW.reason OR OLD.cancel_reason IS DISTINCT FROM NEW.cancel_reason)
    EXECUTE FUNCTION forget_reasons();
"""

COLUMN = """
ALTER TABLE patients ADD COLUMN erased_at timestamptz(3);

-- As in 0018. What was said about appointments goes with the name, so that each changes once and is told once.
CREATE OR REPLACE FUNCTION rename_in_appointments() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'patients' THEN
        UPDATE appointments SET patient_name = NEW.name WHERE patient_id = NEW.id AND NEW.erased_at IS NULL;
        UPDATE appointments SET patient_name = NEW.name, reason = NULL, cancel_reason = NULL, last_move = NULL
        WHERE patient_id = NEW.id AND NEW.erased_at IS NOT NULL;
    ELSE
        UPDATE appointments SET dentist_name = NEW.name WHERE dentist_id = NEW.id;
        UPDATE appointments SET assistant_name = NEW.name WHERE assistant_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER rename ON patients;
CREATE TRIGGER rename AFTER UPDATE OF name, erased_at ON patients FOR EACH ROW
    WHEN (OLD.name <> NEW.name OR OLD.erased_at IS DISTINCT FROM NEW.erased_at)
    EXECUTE FUNCTION rename_in_appointments();
"""

WORDS = """
CREATE FUNCTION erased_name() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 'Erased patient' $$;

-- What a row, an answer or a message says, without what it says about the person whom it is about; its members stay.
CREATE FUNCTION forgotten(said jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = public, pg_temp AS $$
BEGIN
    CASE jsonb_typeof(said)
        WHEN 'object' THEN
            RETURN (
                SELECT coalesce(jsonb_object_agg(key, CASE
                    WHEN value = 'null' THEN value
                    WHEN key IN ('name', 'patientName', 'patient_name') THEN to_jsonb(erased_name())
                    WHEN key IN ('reason', 'cancelReason', 'cancel_reason', 'last_move', 'phone', 'email', 'birthDate',
                        'remark', 'notes', 'relation') THEN 'null'
                    ELSE forgotten(value) END), '{}')
                FROM jsonb_each(said));
        WHEN 'array' THEN
            RETURN (
                SELECT coalesce(jsonb_agg(forgotten(element) ORDER BY place), '[]')
                FROM jsonb_array_elements(said) WITH ORDINALITY AS parts (element, place));
        ELSE
            RETURN said;
    END CASE;
END $$;
"""

ERASE = """
-- One statement or two for each table that says something about a patient, but for the record itself, which still says
-- who it is, and for the messages. `records` are the patient's and those that it has taken in, `account` is null where
-- none is erased, `about` has the ids of all of them and of the appointments. Replaced by each migration that adds such
-- a table: tests/storage/personal_data.py fails for one that is not here.
CREATE FUNCTION erase_rows(records uuid[], account uuid, about uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM acting WHERE patient_id = ANY (records) OR user_id = account;
    -- There is nothing to part any more.
    DELETE FROM patient_merges WHERE source_id = ANY (records) OR target_id = ANY (records);
    DELETE FROM invitations WHERE patient_id = ANY (records);
    DELETE FROM patient_remarks WHERE patient_id = ANY (records);
    DELETE FROM appointment_notes WHERE appointment_id = ANY (about);
    DELETE FROM second_factors WHERE user_id = account;
    DELETE FROM auth_sessions WHERE user_id = account;
    DELETE FROM account_codes WHERE user_id = account;
    DELETE FROM calendar_feeds WHERE user_id = account;
    -- What is not sent yet; what was sent says nothing any more.
    DELETE FROM mails
    WHERE facts ->> 'appointmentId' = ANY (about::text[]) OR lower(recipient) IN (
        SELECT lower(email) FROM users WHERE id = account
        UNION SELECT lower(email) FROM patients WHERE id = ANY (records)
        UNION SELECT phone FROM patients WHERE id = ANY (records));
    -- The row stays, because others refer to it. `.invalid` belongs to nobody (RFC 2606), and no password fits.
    UPDATE users
    SET email = id || '@erased.invalid', name = erased_name(), password_hash = '', active = false, language = NULL
    WHERE id = account;
    DELETE FROM kept_answers WHERE sender_id = account;
    UPDATE kept_answers SET answer = forgotten(answer)
    WHERE split_part(path, '/', 4) = ANY (about::text[]) OR answer #>> '{body,id}' = ANY (about::text[])
        OR answer #>> '{body,userId}' = ANY (about::text[]);
    UPDATE write_requests
    SET body = forgotten(body), outcome = forgotten(outcome), body_hash = '', idempotency_key = NULL,
        address = CASE WHEN sender_id IS NULL OR sender_id = account THEN NULL ELSE address END,
        user_agent = CASE WHEN sender_id IS NULL OR sender_id = account THEN NULL ELSE user_agent END,
        caller_request_id = CASE WHEN sender_id IS NULL OR sender_id = account THEN NULL ELSE caller_request_id END
    WHERE sender_id = account OR subject_id = ANY (about) OR body ->> 'patientId' = ANY (records::text[]);
    -- Who did what stays, and when. Entries about several people stay as they are: they are the others' too.
    UPDATE audit
    SET address = NULL, user_agent = NULL,
        caller_request_id = CASE WHEN actor_id IS NULL OR actor_id = account THEN NULL ELSE caller_request_id END,
        details = (
            SELECT jsonb_object_agg(key, value) FROM jsonb_each(details)
            WHERE key IN ('as', 'columns', 'commandLine', 'count', 'etag', 'role', 'sessionUser', 'userId', 'where'))
    WHERE actor_id = account OR (record_ids && about AND record_ids <@ about);
END $$;

CREATE FUNCTION erase_messages(records uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- What this erasing has noted, too: what was erased is in no message. The changes come first: one that somebody
    -- publishes at this moment is waited for, and its message is there for the statement after.
    UPDATE changes SET old = forgotten(old)
    WHERE table_name = 'appointments' AND old ->> 'patient_id' = ANY (records::text[]);
    UPDATE changes SET new = forgotten(new)
    WHERE table_name = 'appointments' AND new ->> 'patient_id' = ANY (records::text[]);
    UPDATE sync_events
    SET payload = payload
        || CASE WHEN payload #>> '{appointment,patientId}' = ANY (records::text[])
            THEN jsonb_build_object('appointment', forgotten(payload -> 'appointment')) ELSE '{}' END
        || CASE WHEN payload ? 'previous' AND coalesce(
                payload #>> '{previous,patientId}', payload #>> '{appointment,patientId}') = ANY (records::text[])
            THEN jsonb_build_object('previous', forgotten(payload -> 'previous')) ELSE '{}' END
    WHERE type LIKE 'appointment:%'
        AND records::text[] && ARRAY[payload #>> '{appointment,patientId}', payload #>> '{previous,patientId}'];
END $$;

-- A record and those that it has taken in.
CREATE FUNCTION records_in(record uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH RECURSIVE same AS (
        SELECT record AS id UNION SELECT p.id FROM patients p JOIN same ON p.merged_into = same.id)
    SELECT id FROM same
$$;

-- Erases what is kept of a patient, and the account of theirs where it is a patient's; returns when. Whether it may be
-- done is decided by the lane, which books: nothing is booked in between.
CREATE FUNCTION erase_patient(patient uuid) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    account uuid;
    records uuid[];
    booked uuid[];
    erased timestamptz(3) := clock_timestamp();
BEGIN
    -- In that order, and then so that nobody refers to them meanwhile.
    PERFORM lock_before_renaming(NULL, patient);
    PERFORM FROM users WHERE id = (SELECT user_id FROM patients WHERE id = patient) FOR UPDATE;
    records := ARRAY(SELECT records_in(patient));
    PERFORM FROM patients WHERE id = ANY (records) ORDER BY id FOR UPDATE;
    SELECT array_agg(id) INTO booked FROM (
        SELECT id FROM appointments WHERE patient_id = patient ORDER BY id FOR UPDATE) AS locked;
    SELECT u.id INTO account FROM patients p JOIN users u ON u.id = p.user_id
    WHERE p.id = patient AND u.role = 'patient';
    PERFORM erase_rows(records, account, array_remove(ARRAY[account] || records || booked, NULL));
    -- Triggers tell the appointments, and staff that the patient is another one.
    UPDATE patients
    SET name = erased_name(), phone = NULL, email = NULL, birth_date = NULL, online_booking_barred = false,
        language = NULL, user_id = NULL, erased_at = erased
    WHERE id = ANY (records);
    PERFORM erase_messages(records);
    RETURN erased;
END $$;

-- Whether a patient, or the patient of an appointment, is not erased, and will not be until the transaction ends.
CREATE FUNCTION keep_from_erasing(patient uuid, appointment uuid) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT erased_at IS NULL FROM patients
    WHERE id = coalesce(patient_now(patient), (SELECT a.patient_id FROM appointments a WHERE a.id = appointment))
    FOR KEY SHARE
$$;

-- What is kept in the records that a record has taken in, which policies hide from everybody: for those who export it.
CREATE FUNCTION records_taken_in(record uuid) RETURNS SETOF patients
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT * FROM patients
    WHERE id IN (SELECT records_in(record)) AND id <> record
        AND (acting_role() = 'admin' OR record = ANY (acting_patients()) OR session_user = current_user)
$$;

-- As in 0027, and for whoever exports what is kept of a patient: that there is one, and when it was read.
ALTER POLICY seen ON calendar_feeds USING (
    (SELECT acting_role()) IN ('system', 'admin') OR user_id = (SELECT acting_user()));
REVOKE EXECUTE ON FUNCTION
    erase_rows, erase_messages, records_in, erase_patient, keep_from_erasing, records_taken_in FROM PUBLIC;
"""


def upgrade() -> None:
    """Add a column and functions that the previous release does not know."""
    # Appointments before patients, as the lane locks them.
    op.execute(FORGET)
    op.execute(COLUMN)
    op.execute(WORDS)
    op.execute(ERASE)
