"""Chairs as the practice has them: one may be away for a time, and the lane decides what changes about them.

The release before may go on serving: it does not look at when a chair is away, and changes chairs itself, for which its
web role keeps its rights.
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

AWAY = """
CREATE TABLE chair_time_off (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    chair_id uuid NOT NULL REFERENCES chairs,
    starts_at timestamptz(3) NOT NULL,
    ends_at timestamptz(3) NOT NULL,
    reason text,
    CONSTRAINT chair_time_off_ends_after_start CHECK (starts_at < ends_at),
    CONSTRAINT chair_time_off_within_calendar CHECK (starts_at > '1900-01-01Z' AND ends_at < '9990-01-01Z')
);
CREATE INDEX chair_time_off_of_chair ON chair_time_off (chair_id, starts_at, id);
-- What is still to come is little, whatever has been.
CREATE INDEX chair_time_off_by_end ON chair_time_off (ends_at);

-- The reason is for the front desk, as that of a dentist's time off is.
CREATE POLICY seen ON chair_time_off FOR SELECT USING ((SELECT acting_role()) IN ('receptionist', 'admin'));
ALTER TABLE chair_time_off ENABLE ROW LEVEL SECURITY;

-- When chairs are away, for everybody who looks for a free time; never why.
CREATE VIEW chair_absences AS SELECT chair_id, starts_at, ends_at FROM chair_time_off;
"""

TOLD = """
-- As note_offers in 0007, and like that in words which the release before knows. Where no treatment needs a chair of
-- that kind nothing else is free than before, and nobody is told; any dentist may give a treatment that does.
CREATE FUNCTION note_chair_away() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    concerned uuid[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        concerned := ARRAY(SELECT chair_id FROM new_rows);
    ELSIF TG_OP = 'DELETE' THEN
        concerned := ARRAY(SELECT chair_id FROM old_rows);
    ELSE
        -- Another reason changes no time.
        concerned := ARRAY(
            SELECT chair_id FROM ((
                SELECT id, chair_id, starts_at, ends_at FROM old_rows
                EXCEPT SELECT id, chair_id, starts_at, ends_at FROM new_rows
            ) UNION ALL (
                SELECT id, chair_id, starts_at, ends_at FROM new_rows
                EXCEPT SELECT id, chair_id, starts_at, ends_at FROM old_rows
            )) AS changed);
    END IF;
    IF EXISTS (
        SELECT FROM chairs JOIN treatments ON treatments.chair_kind = chairs.kind
        WHERE chairs.id = ANY (concerned)
    ) THEN
        INSERT INTO changes (table_name, new)
        SELECT 'dentists', jsonb_build_object('id', id) FROM dentists WHERE active ORDER BY id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER note_insert AFTER INSERT ON chair_time_off REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_chair_away();
CREATE TRIGGER note_update AFTER UPDATE ON chair_time_off REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_chair_away();
CREATE TRIGGER note_delete AFTER DELETE ON chair_time_off REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_chair_away();
CREATE TRIGGER note_truncation AFTER TRUNCATE ON chair_time_off EXECUTE FUNCTION note_truncation();

-- Staff are told of the record, as of a dentist's time off.
CREATE TRIGGER note_record_insert_delete AFTER INSERT OR DELETE ON chair_time_off
    FOR EACH ROW EXECUTE FUNCTION note_record('time-off', 'id');
CREATE TRIGGER note_record_update AFTER UPDATE ON chair_time_off
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION note_record('time-off', 'id');
"""


def upgrade() -> None:
    """Add a table, a view and triggers that the previous release does not know."""
    op.execute(AWAY)
    op.execute(TOLD)
