"""What the lists of a desk need: which records have changed, holds for the dentist whose diary they are in, search.

Changes of records are noted in a table of their own, for the release that is still running refuses to publish the
changes of a table that it does not know, and takes every row of `changes`: docs/decisions/0025. The column of `users`
is generated, and the table is rewritten once, in which time nobody signs in.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

RECORD_CHANGES = """
-- That a record was made, changed or removed, as ids alone: what it is like now is read when it is asked for. The
-- practice has no id.
CREATE TABLE record_changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    record_id uuid,
    change text NOT NULL,
    occurred_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE record_changes ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON record_changes FOR SELECT USING ((SELECT acting_role()) = 'system');
CREATE POLICY taken ON record_changes FOR DELETE USING ((SELECT acting_role()) = 'system');

-- Arguments: the kind of record, the column with its id, and where a row is only a part of the record 'updated'.
CREATE FUNCTION note_record() RETURNS trigger
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
    INSERT INTO record_changes (kind, record_id, change) VALUES (TG_ARGV[0], coalesce(after, before), change);
    RETURN NULL;
END $$;
"""

RECORDS = {
    "holds": "'hold', 'id'",
    "patients": "'patient', 'id'",
    "time_off": "'time-off', 'id'",
    "closures": "'closure', 'id'",
    "treatments": "'treatment', 'id'",
    "chairs": "'chair', 'id'",
    "dentists": "'dentist', 'id'",
    "working_hours": "'dentist', 'dentist_id', 'updated'",
    "patient_remarks": "'patient', 'patient_id', 'updated'",
}

RECORD_TRIGGERS = """
CREATE TRIGGER note_record_insert_delete AFTER INSERT OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION note_record({arguments});
CREATE TRIGGER note_record_update AFTER UPDATE ON {table}
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION note_record({arguments});
"""

OTHER_TRIGGERS = """
CREATE TRIGGER note_record_update AFTER UPDATE ON practice
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION note_record('practice', '');
CREATE TRIGGER note_truncation AFTER TRUNCATE ON patients EXECUTE FUNCTION note_truncation();
CREATE TRIGGER note_truncation AFTER TRUNCATE ON patient_remarks EXECUTE FUNCTION note_truncation();
CREATE TRIGGER note_truncation AFTER TRUNCATE ON treatments EXECUTE FUNCTION note_truncation();
CREATE TRIGGER note_truncation AFTER TRUNCATE ON chairs EXECUTE FUNCTION note_truncation();
CREATE TRIGGER note_truncation AFTER TRUNCATE ON dentists EXECUTE FUNCTION note_truncation();
"""

# As in 0018, and what the triggers below write to.
LOCKS = """
CREATE OR REPLACE FUNCTION lock_before_renaming(account uuid, patient uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    whose uuid := coalesce(account, (SELECT user_id FROM patients WHERE id = patient));
    diaries uuid[] := ARRAY(SELECT id FROM dentists WHERE user_id = whose);
BEGIN
    LOCK TABLE users, patients, dentists, appointments, claims, changes, record_changes, audit IN ROW EXCLUSIVE MODE;
    -- The account first: whoever renames the same person takes turns there.
    PERFORM FROM users WHERE id = whose FOR NO KEY UPDATE;
    PERFORM FROM patients WHERE id = patient OR user_id = whose ORDER BY id FOR NO KEY UPDATE;
    PERFORM FROM dentists WHERE user_id = whose ORDER BY id FOR NO KEY UPDATE;
    PERFORM FROM appointments
    WHERE patient_id IN (SELECT id FROM patients WHERE id = patient OR user_id = whose)
        OR dentist_id = ANY (diaries) OR assistant_id = ANY (diaries)
    ORDER BY id FOR NO KEY UPDATE;
END $$;
"""

GUARD = """
-- Staff hear of each other's records; what a record is like is shown when it is read.
CREATE OR REPLACE FUNCTION acting_channels() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN public.acting_role() = 'receptionist' THEN ARRAY['availability:all', 'appointments:all', 'practice']
        WHEN public.acting_role() IN ('patient', 'dentist', 'chatbot') THEN ARRAY[
            'availability:all',
            'appointments:patient:' || public.acting_patient(),
            'appointments:dentist:' || public.acting_dentist(),
            CASE WHEN public.acting_role() = 'dentist' THEN 'practice' END]
        ELSE '{}' END
$$;

-- A dentist sees what is held in the own diary.
ALTER POLICY seen ON holds USING (
    (SELECT acting_role()) IN ('receptionist', 'admin')
    OR user_id = (SELECT acting_user()) OR dentist_id = (SELECT acting_dentist()));
"""

SEARCH = """
-- All that a word may be found in.
ALTER TABLE users ADD COLUMN folded_words text NOT NULL GENERATED ALWAYS AS (fold(name) || ' ' || fold(email)) STORED;
CREATE INDEX users_by_words ON users USING gin (folded_words gin_trgm_ops);
CREATE INDEX patients_by_birth_date ON patients (birth_date, folded_name, id) WHERE birth_date IS NOT NULL;

-- As patients_found, for accounts, which none but who administers may look for.
CREATE FUNCTION accounts_found(q text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    words text[] := ARRAY(
        SELECT '%' || word || '%' FROM unnest(string_to_array(fold(q), ' ')) AS word WHERE word <> '');
    by_words text := (
        SELECT string_agg(format('folded_words LIKE $1[%s]', number), ' AND ')
        FROM generate_subscripts(words, 1) AS number);
BEGIN
    IF session_user = current_user OR coalesce(acting_role() = 'admin', false) THEN
        RETURN QUERY EXECUTE format('SELECT id FROM users WHERE %s', coalesce(by_words, 'false')) USING words;
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION accounts_found FROM PUBLIC;
"""


def upgrade() -> None:
    """Add a table, triggers, a column, an index and a function that the previous release does not know."""
    # First what nobody may read meanwhile, so that no weaker lock on the same table has to be made stronger.
    op.execute(SEARCH)
    op.execute(GUARD)
    op.execute(RECORD_CHANGES)
    op.execute(LOCKS)
    for table, arguments in RECORDS.items():
        op.execute(RECORD_TRIGGERS.format(table=table, arguments=arguments))
    op.execute(OTHER_TRIGGERS)
