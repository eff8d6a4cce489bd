"""What the practice offers is part of what is free: treatments, chairs and rules that change are told.

To whoever listens it is a change of hours, of each dentist, which the previous release knows too: it may go on serving.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OFFERS = """
-- Once for a statement, however many rows it changed.
CREATE FUNCTION note_offers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- What changes no time: names, approval, and the zone of dentists who are still to come.
        IF NOT EXISTS (
            SELECT to_jsonb(o) - '{name,requires_approval,time_zone}'::text[] FROM old_rows o
            EXCEPT SELECT to_jsonb(n) - '{name,requires_approval,time_zone}'::text[] FROM new_rows n
        ) THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO changes (table_name, new)
    SELECT 'dentists', jsonb_build_object('id', id) FROM dentists WHERE active ORDER BY id;
    RETURN NULL;
END $$;

CREATE TRIGGER note_offers AFTER UPDATE ON treatments REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_offers();
CREATE TRIGGER note_offers AFTER UPDATE ON practice REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_offers();
CREATE TRIGGER note_offers AFTER UPDATE ON chairs REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_offers();
-- Nobody has asked what is free for a treatment that is new.
CREATE TRIGGER note_offers_made AFTER INSERT OR DELETE ON chairs
    FOR EACH STATEMENT EXECUTE FUNCTION note_offers();
"""


def upgrade() -> None:
    """Catch every writer of treatments, chairs and the practice's rules."""
    op.execute(OFFERS)
