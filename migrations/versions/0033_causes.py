"""The log keeps what caused each of its messages, and a day is read as it was at any of their positions.

The release before may go on serving: it publishes without causes, and never sends what it does not know.
"""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

# Publishers lock the row of the head before any of these tables, and the lane its own: while both are locked here,
# nobody has one of the tables and waits for another.
LOCKS = """
SELECT id FROM lane FOR UPDATE;
SELECT id FROM log_head FOR UPDATE;
"""

# `write_id` is the write request that the lane was applying. `acted_as` is the role of the account that changed the row
# itself, as whoever renames a patient does, `worker` or `system` for a process, and `sql` for plain SQL. All are null
# in what the release before has published. Triggers need no change: a default says what the transaction has said.
CAUSES = """
ALTER TABLE sync_events
    ADD COLUMN write_id uuid,
    ADD COLUMN actor_id uuid,
    ADD COLUMN acted_as text,
    -- The appointment that a deletion took away, which the message itself names by its id alone.
    ADD COLUMN removed jsonb;
ALTER TABLE changes ADD COLUMN write_id uuid, ADD COLUMN actor_id uuid, ADD COLUMN acted_as text;
ALTER TABLE record_changes ADD COLUMN write_id uuid, ADD COLUMN actor_id uuid, ADD COLUMN acted_as text;

CREATE FUNCTION causing_write() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('dental_sync.write_id', true), '')::uuid
$$;
ALTER TABLE changes
    ALTER COLUMN write_id SET DEFAULT causing_write(),
    ALTER COLUMN actor_id SET DEFAULT acting_user(),
    ALTER COLUMN acted_as SET DEFAULT coalesce(acting_role(), 'sql');
ALTER TABLE record_changes
    ALTER COLUMN write_id SET DEFAULT causing_write(),
    ALTER COLUMN actor_id SET DEFAULT acting_user(),
    ALTER COLUMN acted_as SET DEFAULT coalesce(acting_role(), 'sql');
"""

# Each change of an appointment has one message in `appointments:all`, and that one says how it was before and after.
DAYS = """
-- When an appointment was before what a message tells, and when it is after it. Immutable: instants have an offset.
CREATE FUNCTION times_told(payload jsonb, removed jsonb) RETURNS tstzmultirange
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = public, pg_temp AS $$
    SELECT coalesce(range_agg(tstzrange(starts::timestamptz, ends::timestamptz)), '{}')
    FROM (VALUES
        (payload #>> '{appointment,startsAt}', payload #>> '{appointment,endsAt}'),
        (coalesce(payload #>> '{previous,startsAt}', payload #>> '{appointment,startsAt}'),
            coalesce(payload #>> '{previous,endsAt}', payload #>> '{appointment,endsAt}')),
        (removed ->> 'startsAt', removed ->> 'endsAt')) AS told (starts, ends)
    WHERE starts IS NOT NULL
$$;
CREATE INDEX sync_events_of_day ON sync_events USING gist (times_told(payload, removed))
    WHERE channels @> ARRAY['appointments:all'];

-- The changes of appointments that were, or are then, within some time, of the positions after `since` up to `through`.
-- Without a search path of its own, so that PostgreSQL plans it as a part of what asks for it.
CREATE FUNCTION changes_told(within tstzrange, since bigint, through bigint)
RETURNS TABLE ("position" bigint, type text, occurred_at timestamptz, appointment_id uuid, before jsonb, after jsonb,
    write_id uuid, actor_id uuid, acted_as text)
LANGUAGE sql STABLE AS $$
    SELECT e.position, e.type, e.occurred_at,
        coalesce(e.payload #>> '{appointment,id}', e.payload ->> 'appointmentId')::uuid,
        CASE e.type
            WHEN 'appointment:updated' THEN (e.payload -> 'appointment') || coalesce(e.payload -> 'previous', '{}')
            WHEN 'appointment:deleted' THEN e.removed END,
        e.payload -> 'appointment', e.write_id, e.actor_id, e.acted_as
    FROM sync_events e
    WHERE e.channels @> ARRAY['appointments:all'] AND times_told(e.payload, e.removed) && within
        AND e.position > since AND e.position <= through
$$;

-- The appointments within some time as they were at a position: for admins, of the whole log, of changes that have no
-- position yet and of what was deleted, by an index that no policy would use. What changed later is as its first later
-- change says that it was, `told` in a message or `stored` in a row that a trigger noted; everything else is as its row
-- is. The first later change of what was within the time is always found, because it tells of that time.
CREATE FUNCTION day_at(within tstzrange, at bigint)
RETURNS TABLE (starts_at timestamptz, id uuid, told jsonb, stored jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user = current_user OR coalesce(acting_role() = 'admin', false) THEN
        RETURN QUERY
            WITH later AS (
                SELECT DISTINCT ON (c.appointment_id) c.appointment_id, c.before
                FROM changes_told(within, at, 9223372036854775807) c
                ORDER BY c.appointment_id, c.position
            ), noted AS (
                SELECT DISTINCT ON (coalesce(c.new, c.old) ->> 'id')
                    (coalesce(c.new, c.old) ->> 'id')::uuid AS appointment_id, c.old AS before
                FROM changes c WHERE c.table_name = 'appointments'
                ORDER BY coalesce(c.new, c.old) ->> 'id', c.id
            ), rows AS (
                SELECT n.before AS row FROM noted n
                WHERE n.before IS NOT NULL AND n.appointment_id NOT IN (SELECT l.appointment_id FROM later l)
                UNION ALL
                SELECT to_jsonb(a) FROM appointments a
                WHERE a.starts_at < upper(within) AND a.ends_at > lower(within)
                    AND a.id NOT IN (SELECT l.appointment_id FROM later l UNION SELECT n.appointment_id FROM noted n)
            ), found AS (
                SELECT (l.before ->> 'startsAt')::timestamptz AS starts, (l.before ->> 'endsAt')::timestamptz AS ends,
                    l.appointment_id, l.before AS as_told, NULL::jsonb AS as_stored
                FROM later l WHERE l.before IS NOT NULL
                UNION ALL
                SELECT (r.row ->> 'starts_at')::timestamptz, (r.row ->> 'ends_at')::timestamptz,
                    (r.row ->> 'id')::uuid, NULL, r.row
                FROM rows r WHERE r.row ->> 'status' <> 'entered-in-error'
            )
            SELECT f.starts, f.appointment_id, f.as_told, f.as_stored FROM found f
            WHERE f.starts < upper(within) AND f.ends > lower(within);
    END IF;
END $$;

-- What changed about some time between two positions, and who did it: for admins. Of a write request the audit trail
-- says as what its sender acted then; whoever has the link of a reminder acts as the patient, without an account.
CREATE FUNCTION day_changes(within tstzrange, since bigint, through bigint)
RETURNS TABLE ("position" bigint, type text, occurred_at timestamptz, appointment_id uuid, before jsonb, after jsonb,
    action text, actor_id uuid, actor_name text, actor_role text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user = current_user OR coalesce(acting_role() = 'admin', false) THEN
        RETURN QUERY
            SELECT c.position, c.type, c.occurred_at, c.appointment_id, c.before, c.after,
                coalesce(w.action, CASE WHEN c.acted_as = 'sql' THEN 'sql-' || CASE c.type
                    WHEN 'appointment:created' THEN 'insert' WHEN 'appointment:deleted' THEN 'delete' ELSE 'update'
                    END END),
                coalesce(w.sender_id, c.actor_id), u.name,
                coalesce(e.actor_role, CASE
                    WHEN c.write_id IS NOT NULL OR c.acted_as = 'sql' THEN NULL
                    WHEN c.acted_as IN ('worker', 'system') THEN 'system' ELSE c.acted_as END)
            FROM changes_told(within, since, through) c
            LEFT JOIN write_requests w ON w.id = c.write_id
            LEFT JOIN LATERAL (
                SELECT a.actor_role FROM audit a
                WHERE a.actor_id IS NOT DISTINCT FROM w.sender_id AND a.action = w.action
                    AND a.request_id IS NOT DISTINCT FROM w.request_id
                    AND a.at >= w.decided_at AND a.at < w.decided_at + interval '1 minute'
                ORDER BY a.at, a.id LIMIT 1) e ON w.id IS NOT NULL
            LEFT JOIN users u ON u.id = coalesce(w.sender_id, c.actor_id);
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION changes_told, day_at, day_changes FROM PUBLIC;
"""

ERASE = """
-- As in 0032, with what was deleted.
CREATE OR REPLACE FUNCTION erase_messages(records uuid[]) RETURNS void
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
            THEN jsonb_build_object('previous', forgotten(payload -> 'previous')) ELSE '{}' END,
        removed = CASE WHEN removed ->> 'patientId' = ANY (records::text[]) THEN forgotten(removed) ELSE removed END
    WHERE type LIKE 'appointment:%' AND records::text[] && ARRAY[
        payload #>> '{appointment,patientId}', payload #>> '{previous,patientId}', removed ->> 'patientId'];
END $$;
"""


def upgrade() -> None:
    """Add columns without a value in rows that are there, an index, and functions that the previous release lacks."""
    for statements in (LOCKS, CAUSES, DAYS, ERASE):
        op.execute(statements)
