"""The diary: appointments, holds, and the claims on time that keep two people out of one chair."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DIARY = """
CREATE TABLE appointments (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    patient_id uuid NOT NULL REFERENCES patients,
    patient_name text NOT NULL,
    dentist_id uuid NOT NULL REFERENCES dentists,
    dentist_name text NOT NULL,
    treatment_id uuid REFERENCES treatments,
    chair_id uuid REFERENCES chairs,
    starts_at timestamptz(3) NOT NULL,
    ends_at timestamptz(3) NOT NULL,
    -- As they were at booking: a treatment that changes later moves nobody's appointment.
    buffer_before_minutes smallint NOT NULL,
    buffer_after_minutes smallint NOT NULL,
    claimed_from timestamptz(3) NOT NULL,
    claimed_to timestamptz(3) NOT NULL,
    status text NOT NULL DEFAULT 'booked',
    confirmation text NOT NULL DEFAULT 'unconfirmed',
    reason text,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    cancelled_at timestamptz(3),
    cancelled_by text,
    cancel_reason text,
    -- The codes of FHIR R5 AppointmentStatus.
    CONSTRAINT appointments_status_known CHECK (status IN
        ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled', 'cancelled', 'noshow', 'entered-in-error')),
    CONSTRAINT appointments_confirmation_known CHECK (confirmation IN ('unconfirmed', 'reminded', 'confirmed')),
    CONSTRAINT appointments_cancelled_by_known CHECK (cancelled_by IN ('patient', 'dentist', 'admin')),
    -- An empty range overlaps nothing and would slip past every exclusion constraint.
    CONSTRAINT appointments_ends_after_start CHECK (starts_at < ends_at),
    CONSTRAINT appointments_buffers_not_negative CHECK (buffer_before_minutes >= 0 AND buffer_after_minutes >= 0),
    CONSTRAINT appointments_within_calendar CHECK (starts_at > '1900-01-01Z' AND ends_at < '9990-01-01Z'),
    CONSTRAINT appointments_patient_not_double_booked EXCLUDE USING gist
        (patient_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
        WHERE (status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled'))
);
CREATE INDEX appointments_in_order ON appointments (starts_at, id);
CREATE INDEX appointments_of_patient ON appointments (patient_id, starts_at, id);
CREATE INDEX appointments_of_dentist ON appointments (dentist_id, starts_at, id);

CREATE TABLE holds (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users,
    dentist_id uuid NOT NULL REFERENCES dentists,
    treatment_id uuid REFERENCES treatments,
    chair_id uuid REFERENCES chairs,
    starts_at timestamptz(3) NOT NULL,
    ends_at timestamptz(3) NOT NULL,
    buffer_before_minutes smallint NOT NULL,
    buffer_after_minutes smallint NOT NULL,
    claimed_from timestamptz(3) NOT NULL,
    claimed_to timestamptz(3) NOT NULL,
    expires_at timestamptz(3) NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT holds_ends_after_start CHECK (starts_at < ends_at),
    CONSTRAINT holds_buffers_not_negative CHECK (buffer_before_minutes >= 0 AND buffer_after_minutes >= 0),
    CONSTRAINT holds_within_calendar CHECK (starts_at > '1900-01-01Z' AND ends_at < '9990-01-01Z')
);

-- Who occupies a dentist or a chair, and when, without a word about patients. Filled by trigger only. Its exclusion
-- constraint is the last word on double booking, whoever writes.
CREATE TABLE claims (
    owner_id uuid NOT NULL,
    owner_kind text NOT NULL CHECK (owner_kind IN ('appointment', 'hold')),
    resource_id uuid NOT NULL,
    during tstzrange NOT NULL,
    expires_at timestamptz(3),
    PRIMARY KEY (owner_id, resource_id),
    CONSTRAINT claims_not_empty CHECK (NOT isempty(during)),
    CONSTRAINT claims_no_double_booking EXCLUDE USING gist (resource_id WITH =, during WITH &&)
);

-- Fill in what follows from other rows. Names are stored with the appointment so that an event is a function of its
-- row alone; FOR SHARE makes a booking wait for a renaming in progress, or it would keep the old name for good.
CREATE FUNCTION complete_appointment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
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
        SELECT name INTO NEW.patient_name FROM patients WHERE id = NEW.patient_id FOR SHARE;
    END IF;
    IF TG_OP = 'INSERT' OR NEW.dentist_id <> OLD.dentist_id OR NEW.dentist_name <> OLD.dentist_name THEN
        SELECT name INTO NEW.dentist_name FROM dentists WHERE id = NEW.dentist_id FOR SHARE;
    END IF;
    RETURN NEW;
END $$;

-- The claimed range is kept with the row, buffers included: it is what availability:changed tells.
CREATE FUNCTION complete_claimed_range() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.buffer_before_minutes IS NULL THEN
        NEW.buffer_before_minutes := coalesce(
            (SELECT buffer_before_minutes FROM treatments WHERE id = NEW.treatment_id), 0);
    END IF;
    IF NEW.buffer_after_minutes IS NULL THEN
        NEW.buffer_after_minutes := coalesce(
            (SELECT buffer_after_minutes FROM treatments WHERE id = NEW.treatment_id), 0);
    END IF;
    NEW.claimed_from := NEW.starts_at - make_interval(mins => NEW.buffer_before_minutes);
    NEW.claimed_to := NEW.ends_at + make_interval(mins => NEW.buffer_after_minutes);
    RETURN NEW;
END $$;

-- Triggers of one kind fire in the order of their names: the range first, so that the version sees the whole change.
CREATE TRIGGER a_claimed_range BEFORE INSERT OR UPDATE ON appointments
    FOR EACH ROW EXECUTE FUNCTION complete_claimed_range();
CREATE TRIGGER b_complete BEFORE INSERT OR UPDATE ON appointments
    FOR EACH ROW EXECUTE FUNCTION complete_appointment();
CREATE TRIGGER a_claimed_range BEFORE INSERT OR UPDATE ON holds
    FOR EACH ROW EXECUTE FUNCTION complete_claimed_range();

CREATE FUNCTION claim_time() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    kind text := CASE TG_TABLE_NAME WHEN 'appointments' THEN 'appointment' ELSE 'hold' END;
    blocks boolean := TG_OP <> 'DELETE';
    expiry timestamptz;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM claims WHERE owner_id = OLD.id;
    END IF;
    IF blocks AND kind = 'appointment' THEN
        blocks := to_jsonb(NEW) ->> 'status' IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled');
    ELSIF blocks THEN
        expiry := (to_jsonb(NEW) ->> 'expires_at')::timestamptz;
    END IF;
    IF blocks THEN
        INSERT INTO claims (owner_id, owner_kind, resource_id, during, expires_at)
        SELECT NEW.id, kind, resource, tstzrange(NEW.claimed_from, NEW.claimed_to), expiry
        FROM unnest(ARRAY[NEW.dentist_id, NEW.chair_id]) AS resource
        WHERE resource IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER a_claim_time AFTER INSERT OR UPDATE OR DELETE ON appointments
    FOR EACH ROW EXECUTE FUNCTION claim_time();
CREATE TRIGGER a_claim_time AFTER INSERT OR UPDATE OR DELETE ON holds
    FOR EACH ROW EXECUTE FUNCTION claim_time();

-- TRUNCATE fires no row triggers: what was claimed by the rows that are gone is free again.
CREATE FUNCTION release_all_time() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM claims WHERE owner_kind = CASE TG_TABLE_NAME WHEN 'appointments' THEN 'appointment' ELSE 'hold' END;
    RETURN NULL;
END $$;

CREATE TRIGGER release_all_time AFTER TRUNCATE ON appointments EXECUTE FUNCTION release_all_time();
CREATE TRIGGER release_all_time AFTER TRUNCATE ON holds EXECUTE FUNCTION release_all_time();

-- A new name reaches every appointment that shows it, as a change of that appointment.
CREATE FUNCTION rename_in_appointments() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'patients' THEN
        UPDATE appointments SET patient_name = NEW.name WHERE patient_id = NEW.id;
    ELSE
        UPDATE appointments SET dentist_name = NEW.name WHERE dentist_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER rename AFTER UPDATE OF name ON patients
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION rename_in_appointments();
CREATE TRIGGER rename AFTER UPDATE OF name ON dentists
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION rename_in_appointments();
"""


def upgrade() -> None:
    """Make the tables that are booked into, and the constraints that no writer gets past."""
    op.execute(DIARY)
