"""Staff may put one appointment beside another: claims have layers, and whoever shares time is told so.

The release before may go on serving: it forces nothing, and what it writes claims every layer, as before.
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# A claim carries a range of layers. One that was not forced carries all of them and therefore stands alone, whoever
# writes it; a forced one carries one layer of its own, and what it is put beside is narrowed to one. The constraint
# compares resource, time and layers, so that it meets the forced rows too.
COLUMNS = """
ALTER TABLE appointments
    ADD COLUMN layers int4range NOT NULL DEFAULT '(,)',
    -- Asked for in spite of hours or of others; until its time, dentist or chair changes without that.
    ADD COLUMN forced boolean NOT NULL DEFAULT false,
    -- Whether it shares a dentist's or a chair's time with another appointment.
    ADD COLUMN overbooked boolean NOT NULL DEFAULT false,
    ADD COLUMN assistant_id uuid REFERENCES dentists,
    ADD COLUMN assistant_name text,
    -- Of a visit of several, in their order, the first being treatment_id; null where there is one, or none.
    ADD COLUMN treatment_ids uuid[],
    ADD COLUMN series_id uuid,
    ADD COLUMN arrived_at timestamptz(3),
    ADD COLUMN checked_in_at timestamptz(3),
    -- What the last move was and what the row said before it, so that it can be taken back.
    ADD COLUMN last_move jsonb;
ALTER TABLE holds ADD COLUMN layers int4range NOT NULL DEFAULT '(,)';
ALTER TABLE claims ADD COLUMN layers int4range NOT NULL DEFAULT '(,)';
-- Which of the dentist's time became free with a change, as pairs of instants; null where the whole range did.
ALTER TABLE changes ADD COLUMN freed jsonb;

ALTER TABLE claims
    DROP CONSTRAINT claims_no_double_booking,
    ADD CONSTRAINT claims_no_double_booking
        EXCLUDE USING gist (resource_id WITH =, during WITH &&, layers WITH &&);
"""

LAYERS = """
CREATE FUNCTION takes_time(status text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled')
$$;

-- Who else has claimed a time of these resources.
CREATE FUNCTION claims_beside(owner uuid, resources uuid[], claimed tstzrange) RETURNS SETOF claims
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT * FROM claims WHERE resource_id = ANY (resources) AND during && claimed AND owner_id <> owner
$$;

-- An appointment is forced where it is written with `layers = 'empty'`, or is made with `forced`: it gets a layer of
-- its own. A change of its time, dentist, chair or assistant without that claims every layer again.
CREATE FUNCTION choose_layers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    resources uuid[] := array_remove(ARRAY[NEW.dentist_id, NEW.chair_id, NEW.assistant_id], NULL);
    claimed tstzrange;
    is_moved boolean := true;
    is_forced boolean := isempty(NEW.layers);
    is_undone boolean := false;
BEGIN
    IF NEW.claimed_from < NEW.claimed_to IS NOT TRUE THEN
        -- A constraint says what is wrong with it.
        RETURN NEW;
    END IF;
    claimed := tstzrange(NEW.claimed_from, NEW.claimed_to);
    IF TG_OP = 'UPDATE' THEN
        is_moved := (NEW.claimed_from, NEW.claimed_to, NEW.dentist_id, NEW.chair_id, NEW.assistant_id)
            IS DISTINCT FROM (OLD.claimed_from, OLD.claimed_to, OLD.dentist_id, OLD.chair_id, OLD.assistant_id);
        -- What goes back to a former time goes back to its layer there.
        is_undone := NEW.last_move IS NULL AND OLD.last_move IS NOT NULL AND NOT is_forced;
        is_forced := is_forced OR (NEW.forced AND NOT OLD.forced AND NOT is_undone);
        IF NOT is_moved AND NOT is_forced AND takes_time(NEW.status) = takes_time(OLD.status) THEN
            RETURN NEW;
        END IF;
    ELSE
        is_forced := is_forced OR NEW.forced;
    END IF;
    IF is_forced THEN
        NEW.forced := true;
        IF takes_time(NEW.status) THEN
            UPDATE holds SET layers = '[0,0]' WHERE layers = '(,)' AND id IN (
                SELECT owner_id FROM claims_beside(NEW.id, resources, claimed) WHERE owner_kind = 'hold');
            UPDATE appointments
            SET layers = CASE layers WHEN '(,)' THEN '[0,0]' ELSE layers END, overbooked = true
            WHERE (layers = '(,)' OR NOT overbooked) AND id IN (
                SELECT owner_id FROM claims_beside(NEW.id, resources, claimed) WHERE owner_kind = 'appointment');
        END IF;
        -- The lowest that none of those has.
        SELECT int4range(min(layer), min(layer) + 1) INTO NEW.layers
        FROM generate_series(0, (SELECT count(*)::integer FROM claims_beside(NEW.id, resources, claimed))) AS layer
        WHERE NOT EXISTS (SELECT FROM claims_beside(NEW.id, resources, claimed) AS other WHERE other.layers @> layer);
    ELSIF TG_OP = 'UPDATE' AND is_moved AND NOT is_undone THEN
        NEW.forced := false;
        NEW.layers := '(,)';
    END IF;
    -- Made or come back on the layer that it has: only what was taken since is in its way.
    NEW.overbooked := takes_time(NEW.status) AND EXISTS (
        SELECT FROM claims_beside(NEW.id, resources, claimed) WHERE owner_kind = 'appointment');
    RETURN NEW;
END $$;

-- After the claimed range, before the version, which then sees the whole change.
CREATE TRIGGER a_layers BEFORE INSERT OR UPDATE ON appointments
    FOR EACH ROW EXECUTE FUNCTION choose_layers();
"""

CLAIMS = """
-- Only where what is claimed changes: another word about an appointment leaves its claims alone.
CREATE OR REPLACE FUNCTION claim_time() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    kind text := CASE TG_TABLE_NAME WHEN 'appointments' THEN 'appointment' ELSE 'hold' END;
    before jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    after jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
BEGIN
    before := claimed_by(kind, before);
    after := claimed_by(kind, after);
    IF before IS NOT DISTINCT FROM after THEN
        RETURN NULL;
    END IF;
    IF before IS NOT NULL THEN
        DELETE FROM claims WHERE owner_id = OLD.id;
    END IF;
    IF after IS NOT NULL THEN
        INSERT INTO claims (owner_id, owner_kind, resource_id, during, layers, expires_at)
        SELECT DISTINCT NEW.id, kind, resource::uuid, tstzrange(NEW.claimed_from, NEW.claimed_to), NEW.layers,
            (after ->> 'expires_at')::timestamptz
        FROM jsonb_array_elements_text(after -> 'resources') AS resource
        WHERE resource IS NOT NULL;
    END IF;
    -- Whoever has every layer shares no time, and a narrower layer alone changes nobody else's.
    IF kind = 'appointment' AND before - 'layers' IS DISTINCT FROM after - 'layers' THEN
        IF before IS NOT NULL AND before ->> 'layers' <> '(,)' THEN
            PERFORM tell_who_shares_time(OLD.id, before, tstzrange(OLD.claimed_from, OLD.claimed_to));
        END IF;
        IF after IS NOT NULL AND after ->> 'layers' <> '(,)' THEN
            PERFORM tell_who_shares_time(NEW.id, after, tstzrange(NEW.claimed_from, NEW.claimed_to));
        END IF;
    END IF;
    RETURN NULL;
END $$;

-- What a row claims; null where it claims nothing.
CREATE FUNCTION claimed_by(kind text, stored jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT jsonb_build_object(
        'resources', jsonb_build_array(stored -> 'dentist_id', stored -> 'chair_id', stored -> 'assistant_id'),
        'from', stored -> 'claimed_from', 'to', stored -> 'claimed_to', 'layers', stored -> 'layers',
        'expires_at', stored -> 'expires_at')
    WHERE stored IS NOT NULL AND (kind = 'hold' OR takes_time(stored ->> 'status'))
$$;

-- Let the appointments beside a time say anew whether they share theirs.
CREATE FUNCTION tell_who_shares_time(owner uuid, claimed jsonb, during tstzrange) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp AS $$
    UPDATE appointments SET overbooked = beside.shares
    FROM (
        SELECT DISTINCT own.owner_id, EXISTS (
            SELECT FROM claims AS mine JOIN claims AS other USING (resource_id)
            WHERE mine.owner_id = own.owner_id AND other.owner_id <> own.owner_id
                AND other.owner_kind = 'appointment' AND other.during && mine.during) AS shares
        FROM claims_beside(
            owner, ARRAY(SELECT jsonb_array_elements_text(claimed -> 'resources'))::uuid[], during) AS own
        WHERE own.owner_kind = 'appointment'
    ) AS beside
    WHERE appointments.id = beside.owner_id AND appointments.overbooked <> beside.shares
$$;
"""

COMPLETED = """
CREATE OR REPLACE FUNCTION complete_appointment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
        SELECT name INTO NEW.patient_name FROM patients WHERE id = NEW.patient_id FOR SHARE;
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

CREATE OR REPLACE FUNCTION rename_in_appointments() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'patients' THEN
        UPDATE appointments SET patient_name = NEW.name WHERE patient_id = NEW.id;
    ELSE
        UPDATE appointments SET dentist_name = NEW.name WHERE dentist_id = NEW.id;
        UPDATE appointments SET assistant_name = NEW.name WHERE assistant_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;

-- As in 0014, with those whose assistant has the name.
CREATE OR REPLACE FUNCTION lock_before_renaming(account uuid, patient uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    whose uuid := coalesce(account, (SELECT user_id FROM patients WHERE id = patient));
    diaries uuid[] := ARRAY(SELECT id FROM dentists WHERE user_id = whose);
BEGIN
    LOCK TABLE users, patients, dentists, appointments, claims, changes, audit IN ROW EXCLUSIVE MODE;
    -- The account first: whoever renames the same person takes turns there.
    PERFORM FROM users WHERE id = whose FOR NO KEY UPDATE;
    PERFORM FROM patients WHERE id = patient OR user_id = whose ORDER BY id FOR NO KEY UPDATE;
    PERFORM FROM dentists WHERE user_id = whose ORDER BY id FOR NO KEY UPDATE;
    PERFORM FROM appointments
    WHERE patient_id IN (SELECT id FROM patients WHERE id = patient OR user_id = whose)
        OR dentist_id = ANY (diaries) OR assistant_id = ANY (diaries)
    ORDER BY id FOR NO KEY UPDATE;
END $$;

CREATE INDEX appointments_of_assistant ON appointments (assistant_id, starts_at, id) WHERE assistant_id IS NOT NULL;
CREATE INDEX appointments_of_chair ON appointments (chair_id, starts_at, id) WHERE chair_id IS NOT NULL;
CREATE INDEX appointments_of_series ON appointments (series_id, starts_at, id) WHERE series_id IS NOT NULL;
"""

TOLD = """
-- Time that somebody else has claimed as well does not become free with an end: what did is noted with the change, so
-- that the message is a function of the note alone.
CREATE FUNCTION note_change_of_time() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    free tstzmultirange;
    ranges jsonb;
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.layers <> '(,)' THEN
        free := tstzmultirange(tstzrange(OLD.claimed_from, OLD.claimed_to)) - coalesce((
            SELECT range_agg(during) FROM claims_beside(OLD.id, ARRAY[OLD.dentist_id],
                tstzrange(OLD.claimed_from, OLD.claimed_to))
            WHERE expires_at IS NULL OR expires_at > clock_timestamp()), '{}');
        SELECT coalesce(jsonb_agg(jsonb_build_array(lower(part), upper(part)) ORDER BY part), '[]') INTO ranges
        FROM unnest(free) AS part;
    END IF;
    INSERT INTO changes (table_name, old, new, freed)
    VALUES (
        TG_TABLE_NAME,
        CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
        CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END,
        ranges);
    RETURN NULL;
END $$;

DROP TRIGGER note_insert_delete ON appointments;
DROP TRIGGER note_update ON appointments;
DROP TRIGGER note_insert_delete ON holds;
DROP TRIGGER note_update ON holds;
CREATE TRIGGER note_insert_delete AFTER INSERT OR DELETE ON appointments
    FOR EACH ROW EXECUTE FUNCTION note_change_of_time();
CREATE TRIGGER note_update AFTER UPDATE ON appointments
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION note_change_of_time();
CREATE TRIGGER note_insert_delete AFTER INSERT OR DELETE ON holds
    FOR EACH ROW EXECUTE FUNCTION note_change_of_time();
CREATE TRIGGER note_update AFTER UPDATE ON holds
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION note_change_of_time();
"""


def upgrade() -> None:
    """Give claims layers, and appointments what a practice says of them."""
    for statements in (COLUMNS, LAYERS, CLAIMS, COMPLETED, TOLD):
        op.execute(statements)
