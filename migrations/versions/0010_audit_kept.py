"""The audit trail says from where, counts refusals, and is kept for a set time.

The previous release may go on serving: it writes entries without an address.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE audit ADD COLUMN address text, ADD COLUMN user_agent text;
-- What the lane enters in the audit trail for who sent the request.
ALTER TABLE write_requests ADD COLUMN address text, ADD COLUMN user_agent text;
"""

FUNCTIONS = """
-- Replaced after each migration (migrations/env.py) with what the settings say.
CREATE FUNCTION audit_retention_days() RETURNS integer LANGUAGE sql STABLE AS 'SELECT 3650';

-- The worker may delete nothing of the trail itself: this deletes a bounded number of entries, the oldest first.
CREATE FUNCTION prune_audit(retention_days integer, at_most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    kept_days integer := public.audit_retention_days();
    deleted bigint;
BEGIN
    IF kept_days = 0 OR retention_days IS NULL OR retention_days < kept_days THEN
        RAISE EXCEPTION 'the audit trail is kept for % days (0: for ever), and not for %', kept_days, retention_days
            USING ERRCODE = 'insufficient_privilege',
                HINT = 'A shorter AUDIT_RETENTION_DAYS holds after the next release (dental-sync migrate).';
    END IF;
    DELETE FROM audit WHERE id IN (
        SELECT id FROM audit
        WHERE at < clock_timestamp() - make_interval(days => retention_days)
        ORDER BY at, id LIMIT least(at_most, 10000));
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END $$;

-- One entry for an account or an address, an action and a minute, with a count. Its own transaction holds the lock for
-- a moment; the crash of the server may forget the last counts.
CREATE FUNCTION note_refused(
    who uuid, who_role text, what text, kind text, account uuid, from_address text, agent text, request text,
    more jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    minute timestamptz := date_trunc('minute', clock_timestamp());
    records uuid[] := array_remove(ARRAY[account], NULL);
    -- Of an account every address counts together; without one only the address is known.
    counted_for text := coalesce(account::text, from_address, '');
    entry bigint;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM pg_advisory_xact_lock(hashtext('audit ' || what), hashtext(counted_for || minute::text));
    SELECT id INTO entry FROM audit
    WHERE actor_id IS NOT DISTINCT FROM who AND at >= minute AND action = what AND record_kind = kind
        AND record_ids = records AND (account IS NOT NULL OR address IS NOT DISTINCT FROM from_address)
    ORDER BY at, id LIMIT 1;
    IF entry IS NULL THEN
        INSERT INTO audit
            (actor_id, actor_role, action, record_kind, record_ids, request_id, address, user_agent, details)
        VALUES (who, who_role, what, kind, records, request, from_address, agent,
            coalesce(more, '{}'::jsonb) || jsonb_build_object('count', 1));
    ELSE
        UPDATE audit SET details = details || jsonb_build_object('count', (details ->> 'count')::integer + 1)
        WHERE id = entry;
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION prune_audit, note_refused FROM PUBLIC;
"""


def upgrade() -> None:
    """Add columns without a default, which rewrites nothing, and the owner's functions."""
    op.execute(COLUMNS)
    op.execute(FUNCTIONS)
