"""A dentist without a zone of their own follows the practice's.

`time_zone` stays the zone that holds, kept by triggers, so that the previous release and plain SQL read what they did.
Setting another zone than the practice's ends the following, also where nothing is said of `follows_practice`.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ZONES = """
ALTER TABLE dentists ADD COLUMN follows_practice boolean NOT NULL DEFAULT true;
UPDATE dentists SET follows_practice = false WHERE time_zone <> (SELECT time_zone FROM practice);

CREATE FUNCTION complete_zone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    practices text;
BEGIN
    IF NEW.follows_practice THEN
        -- FOR SHARE makes a new dentist wait for a change of the practice's zone in progress, which would miss them.
        SELECT time_zone INTO practices FROM practice FOR SHARE;
        IF NEW.time_zone IS NULL OR (TG_OP = 'UPDATE' AND NOT OLD.follows_practice) THEN
            NEW.time_zone := practices;
        END IF;
        NEW.follows_practice := NEW.time_zone = practices;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_zone_at_start BEFORE INSERT ON dentists FOR EACH ROW EXECUTE FUNCTION complete_zone();
CREATE TRIGGER a_zone BEFORE UPDATE OF time_zone, follows_practice ON dentists FOR EACH ROW
    WHEN (OLD.time_zone IS DISTINCT FROM NEW.time_zone OR OLD.follows_practice <> NEW.follows_practice)
    EXECUTE FUNCTION complete_zone();

CREATE FUNCTION carry_zone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE dentists SET time_zone = NEW.time_zone WHERE follows_practice;
    RETURN NULL;
END $$;
CREATE TRIGGER carry_zone AFTER UPDATE OF time_zone ON practice FOR EACH ROW
    WHEN (OLD.time_zone <> NEW.time_zone) EXECUTE FUNCTION carry_zone();
"""


def upgrade() -> None:
    """Let those whose zone equals the practice's follow it from now on."""
    op.execute(ZONES)
