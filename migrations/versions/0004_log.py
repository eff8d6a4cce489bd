"""The log: every committed change becomes messages with a place in one order."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LOG = """
-- Changed rows, old and new, that are not yet messages. Ids follow the order of commits for any one row, because the
-- second writer of a row waits for the first.
CREATE TABLE changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name text NOT NULL,
    old jsonb,
    new jsonb,
    occurred_at timestamptz(3) NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE sync_events (
    position bigint PRIMARY KEY,
    type text NOT NULL,
    channels text[] NOT NULL,
    payload jsonb NOT NULL,
    occurred_at timestamptz(3) NOT NULL
);
CREATE INDEX sync_events_of_channel ON sync_events USING gin (channels);

-- The position is a counter in this row and never a sequence: its lock is held until the commit, so positions become
-- visible in order and without holes.
CREATE TABLE log_head (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    position bigint NOT NULL DEFAULT 0,
    pruned_through bigint NOT NULL DEFAULT 0,
    epoch uuid NOT NULL DEFAULT gen_random_uuid(),
    fingerprint text NOT NULL
);

-- Which database this is: another one (a restored dump, another timeline after a failover) must not go on counting
-- as if it were the same.
CREATE FUNCTION database_fingerprint() RETURNS text LANGUAGE sql SET search_path = public, pg_temp AS $$
    SELECT system_identifier || '-' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || '-' || oid
    FROM pg_control_system(), pg_database WHERE datname = current_database()
$$;
INSERT INTO log_head (fingerprint) VALUES (database_fingerprint());

CREATE FUNCTION note_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO changes (table_name, old, new)
    VALUES (
        TG_TABLE_NAME,
        CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END,
        CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END);
    RETURN NULL;
END $$;

-- An account lost a right, or a session ended: only whose it was goes on record, never the row with its password.
CREATE FUNCTION note_revocation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO changes (table_name, new)
    VALUES ('account_revocations', jsonb_build_object('user_id', CASE TG_TABLE_NAME
        WHEN 'users' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(OLD) ->> 'user_id' END));
    RETURN NULL;
END $$;

CREATE TRIGGER note_insert_delete AFTER INSERT OR DELETE ON appointments
    FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER note_update AFTER UPDATE ON appointments
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION note_change();
CREATE TRIGGER note_insert_delete AFTER INSERT OR DELETE ON holds
    FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER note_update AFTER UPDATE ON holds
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION note_change();
CREATE TRIGGER note_insert_delete AFTER INSERT OR DELETE ON working_hours
    FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER note_update AFTER UPDATE ON working_hours
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION note_change();
CREATE TRIGGER note_insert_delete AFTER INSERT OR DELETE ON time_off
    FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER note_update AFTER UPDATE ON time_off
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION note_change();
CREATE TRIGGER note_insert_delete AFTER INSERT OR DELETE ON closures
    FOR EACH ROW EXECUTE FUNCTION note_change();
CREATE TRIGGER note_update AFTER UPDATE ON closures
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION note_change();
-- Nobody can say row by row what TRUNCATE took away: the log begins anew, and every client fetches a snapshot.
CREATE FUNCTION note_truncation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO changes (table_name) VALUES ('truncations');
    RETURN NULL;
END $$;

CREATE TRIGGER note_truncation AFTER TRUNCATE ON appointments EXECUTE FUNCTION note_truncation();
CREATE TRIGGER note_truncation AFTER TRUNCATE ON holds EXECUTE FUNCTION note_truncation();
CREATE TRIGGER note_truncation AFTER TRUNCATE ON working_hours EXECUTE FUNCTION note_truncation();
CREATE TRIGGER note_truncation AFTER TRUNCATE ON time_off EXECUTE FUNCTION note_truncation();
CREATE TRIGGER note_truncation AFTER TRUNCATE ON closures EXECUTE FUNCTION note_truncation();

-- A dentist who starts, stops or moves to another zone is free at other times than before.
CREATE TRIGGER note_update AFTER UPDATE ON dentists
    FOR EACH ROW WHEN (OLD.active <> NEW.active OR OLD.time_zone <> NEW.time_zone) EXECUTE FUNCTION note_change();
CREATE TRIGGER note_revocation AFTER UPDATE ON users FOR EACH ROW
    WHEN (OLD.active AND NOT NEW.active OR OLD.role <> NEW.role) EXECUTE FUNCTION note_revocation();
CREATE TRIGGER note_revocation AFTER UPDATE ON auth_sessions FOR EACH ROW
    WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION note_revocation();
-- Pruning deletes only what has expired, and concerns nobody.
CREATE TRIGGER note_deletion AFTER DELETE ON auth_sessions FOR EACH ROW
    WHEN (OLD.revoked_at IS NULL AND OLD.expires_at > now()) EXECUTE FUNCTION note_revocation();
"""


def upgrade() -> None:
    """Make the log, and the triggers that catch every writer."""
    op.execute(LOG)
