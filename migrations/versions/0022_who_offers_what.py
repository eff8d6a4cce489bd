"""Who offers what and at which length, who assists, visits of several treatments.

The release before may go on serving: to it everybody offers everything, nobody assists, and a visit is its first
treatment. It asks who is signed in by `signed_in`, which stays as it is.
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE dentists
    ADD COLUMN profession text NOT NULL DEFAULT 'dentist'
        CONSTRAINT dentists_profession_known CHECK (profession IN ('dentist', 'hygienist', 'assistant')),
    -- Minutes by treatment, null as the practice has it; without a value everything is offered. A column because it is
    -- read with the dentist, in each batch of the lane: docs/decisions/0026.
    ADD COLUMN offers jsonb CONSTRAINT dentists_offers_by_treatment CHECK (jsonb_typeof(offers) = 'object');
ALTER TABLE treatments ADD COLUMN needs_assistant boolean NOT NULL DEFAULT false;
ALTER TABLE holds
    ADD COLUMN assistant_id uuid REFERENCES dentists,
    -- As of appointments: of a visit of several, the first being treatment_id.
    ADD COLUMN treatment_ids uuid[];
"""

RIGHTS = """
-- Whoever assists acts as `assistant`, and has no dentist's rights in any policy.
CREATE FUNCTION acting_assistant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('dental_sync.assistant_id', true), '')::uuid
$$;

ALTER POLICY seen ON appointments USING (
    (SELECT acting_role()) = 'admin'
    OR (status <> 'entered-in-error'
        AND ((SELECT acting_role()) = 'receptionist'
            OR patient_id = (SELECT acting_patient()) OR dentist_id = (SELECT acting_dentist())
            OR assistant_id = (SELECT acting_assistant()))));

-- As in 0020, with those who assist, in the room of their own diary.
CREATE OR REPLACE FUNCTION acting_channels() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN public.acting_role() = 'receptionist' THEN ARRAY['availability:all', 'appointments:all', 'practice']
        WHEN public.acting_role() IN ('patient', 'dentist', 'assistant', 'chatbot') THEN ARRAY[
            'availability:all',
            'appointments:patient:' || public.acting_patient(),
            'appointments:dentist:' || coalesce(public.acting_dentist(), public.acting_assistant()),
            CASE WHEN public.acting_role() = 'dentist' THEN 'practice' END]
        ELSE '{}' END
$$;

-- As signed_in, with the profession.
CREATE FUNCTION signed_in_as(sign_in uuid) RETURNS TABLE (
    user_id uuid, role text, name text, email text, active boolean, has_ended boolean, patient_id uuid, dentist_id uuid,
    profession text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
        SELECT u.id, u.role, u.name, u.email, u.active, s.revoked_at IS NOT NULL, p.id, d.id, d.profession
        FROM auth_sessions s
        JOIN users u ON u.id = s.user_id
        LEFT JOIN patients p ON p.user_id = u.id
        LEFT JOIN dentists d ON d.user_id = u.id
        WHERE s.id = sign_in;
END $$;
REVOKE EXECUTE ON FUNCTION signed_in_as FROM PUBLIC;

-- Whoever assists has other rights than who treats: as with another role, every sign-in ends.
CREATE FUNCTION end_sign_ins() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE auth_sessions SET revoked_at = clock_timestamp() WHERE user_id = NEW.user_id AND revoked_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER end_sign_ins AFTER UPDATE ON dentists FOR EACH ROW
    WHEN ((OLD.profession = 'assistant') <> (NEW.profession = 'assistant')) EXECUTE FUNCTION end_sign_ins();
"""

TOLD = """
-- As in 0004; a dentist who offers something else is free at other times too.
DROP TRIGGER note_update ON dentists;
CREATE TRIGGER note_update AFTER UPDATE ON dentists
    FOR EACH ROW WHEN (
        OLD.active <> NEW.active OR OLD.time_zone <> NEW.time_zone OR OLD.profession <> NEW.profession
        OR OLD.offers IS DISTINCT FROM NEW.offers)
    EXECUTE FUNCTION note_change();

-- When somebody assists is when others are free for what needs an assistant: told of each dentist, as a chair's time
-- off is, and like that in words which the release before knows.
CREATE FUNCTION note_who_assists() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO changes (table_name, new)
    SELECT 'dentists', jsonb_build_object('id', id) FROM dentists
    WHERE active AND profession <> 'assistant' AND EXISTS (SELECT FROM treatments WHERE needs_assistant)
    ORDER BY id
$$;
REVOKE EXECUTE ON FUNCTION note_who_assists FROM PUBLIC;

CREATE FUNCTION note_assistants_time() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    concerned uuid[] := '{}';
BEGIN
    IF TG_OP <> 'DELETE' THEN
        concerned := ARRAY(SELECT dentist_id FROM new_rows);
    END IF;
    IF TG_OP <> 'INSERT' THEN
        concerned := concerned || ARRAY(SELECT dentist_id FROM old_rows);
    END IF;
    IF EXISTS (SELECT FROM dentists WHERE id = ANY (concerned) AND profession = 'assistant') THEN
        PERFORM note_who_assists();
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION note_assistant() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM note_who_assists();
    RETURN NULL;
END $$;
CREATE TRIGGER note_assistant AFTER UPDATE ON dentists FOR EACH ROW
    WHEN ('assistant' IN (OLD.profession, NEW.profession) AND (
        OLD.active <> NEW.active OR OLD.time_zone <> NEW.time_zone OR OLD.profession <> NEW.profession))
    EXECUTE FUNCTION note_assistant();
"""

ASSISTANTS_TIME = """
CREATE TRIGGER note_assistants_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_assistants_time();
CREATE TRIGGER note_assistants_update AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_assistants_time();
CREATE TRIGGER note_assistants_delete AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_assistants_time();
"""


def upgrade() -> None:
    """Add columns, functions and triggers that the previous release does not know."""
    op.execute(COLUMNS)
    op.execute(RIGHTS)
    op.execute(TOLD)
    for table in ("working_hours", "time_off"):
        op.execute(ASSISTANTS_TIME.format(table=table))
