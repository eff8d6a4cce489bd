"""One statement stores the write requests of several callers; what a remembered sign-in rests on is noted.

The release before may go on serving: it stores its own requests by itself, and looks up each sign-in.
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

# Row-level security knows one account in a transaction. These two run as the owner, and see for themselves whose each
# request is.
STORE = """
-- Waits for whoever is in the way of storing requests: in a statement without anything that people wrote.
CREATE FUNCTION lock_before_storing(senders uuid[], turns bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    LOCK TABLE write_requests IN ROW EXCLUSIVE MODE;
    PERFORM FROM users WHERE id = ANY (senders) ORDER BY id FOR KEY SHARE;
    -- In one order everywhere, so that two who wait for several never wait for each other.
    PERFORM pg_advisory_xact_lock(turn) FROM (SELECT DISTINCT turn FROM unnest(turns) AS turn ORDER BY turn) AS sorted;
END $$;
REVOKE EXECUTE ON FUNCTION lock_before_storing FROM PUBLIC;

-- Stores requests in their order. For each, by the id that it came with, the one that is stored: itself, an earlier one
-- with the same key, or none where its sign-in has ended.
CREATE FUNCTION store_requests(asked jsonb, keys_hold interval) RETURNS TABLE (
    asked_id uuid, id uuid, same_body boolean, outcome jsonb, subject_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    allowed uuid[];
BEGIN
    SELECT array_agg(r.id) INTO allowed
    FROM jsonb_to_recordset(asked) AS r (id uuid, sign_in uuid, sender_id uuid, action text)
    WHERE EXISTS (
            SELECT FROM auth_sessions s JOIN users u ON u.id = s.user_id
            WHERE s.id = r.sign_in AND u.id = r.sender_id AND s.revoked_at IS NULL AND u.active)
        OR (r.sender_id IS NULL AND acting_role() = 'system' AND r.action IN ('confirm-by-link', 'cancel-by-link'));

    -- A key is forgotten in time. What is locked is not waited for here.
    UPDATE write_requests SET idempotency_key = NULL WHERE id IN (
        SELECT w.id
        FROM jsonb_to_recordset(asked) AS r (id uuid, sender_id uuid, method text, path text, idempotency_key text)
        JOIN write_requests w USING (sender_id, method, path, idempotency_key)
        WHERE r.id = ANY (allowed) AND w.received_at < clock_timestamp() - keys_hold
        FOR UPDATE OF w SKIP LOCKED);

    INSERT INTO write_requests (id, sender_id, action, subject_id, body, if_match, method, path, idempotency_key,
        body_hash, request_id, caller_request_id, address, user_agent)
    SELECT r.id, r.sender_id, r.action, r.subject_id, r.body, r.if_match, r.method, r.path, r.idempotency_key,
        decode(r.body_hash, 'hex'), r.request_id, r.caller_request_id, r.address, r.user_agent
    FROM ROWS FROM (jsonb_to_recordset(asked) AS (id uuid, sender_id uuid, action text, subject_id uuid, body jsonb,
        if_match text, method text, path text, idempotency_key text, body_hash text, request_id text,
        caller_request_id text, address text, user_agent text)) WITH ORDINALITY AS r
    WHERE r.id = ANY (allowed) AND NOT EXISTS (
        SELECT FROM write_requests w
        WHERE w.sender_id = r.sender_id AND w.method = r.method AND w.path = r.path
            AND w.idempotency_key = r.idempotency_key)
    ORDER BY r.ordinality
    ON CONFLICT DO NOTHING;

    RETURN QUERY
    SELECT r.id, stored.id, stored.body_hash = decode(r.body_hash, 'hex'), stored.outcome, stored.subject_id
    FROM jsonb_to_recordset(asked) AS r (id uuid, sender_id uuid, method text, path text, idempotency_key text,
        body_hash text)
    JOIN LATERAL (
        SELECT w.* FROM write_requests w WHERE w.id = r.id
        UNION ALL SELECT w.* FROM write_requests w
        WHERE w.sender_id = r.sender_id AND w.method = r.method AND w.path = r.path
            AND w.idempotency_key = r.idempotency_key AND w.id <> r.id
    ) AS stored ON true
    WHERE r.id = ANY (allowed);
END $$;
REVOKE EXECUTE ON FUNCTION store_requests FROM PUBLIC;
"""

# Web processes remember for some seconds who has signed in, and with what: what is noted they forget.
NOTED = """
CREATE TRIGGER note_account AFTER UPDATE ON users FOR EACH ROW
    WHEN (OLD.name IS DISTINCT FROM NEW.name OR OLD.email <> NEW.email OR OLD.language IS DISTINCT FROM NEW.language)
    EXECUTE FUNCTION note_revocation();
CREATE TRIGGER note_owner AFTER UPDATE ON auth_sessions FOR EACH ROW
    WHEN (OLD.user_id <> NEW.user_id) EXECUTE FUNCTION note_revocation();
CREATE TRIGGER note_update AFTER UPDATE ON second_factors FOR EACH ROW
    WHEN (OLD.confirmed_at IS DISTINCT FROM NEW.confirmed_at) EXECUTE FUNCTION note_revocation();
CREATE TRIGGER note_deletion AFTER DELETE ON second_factors FOR EACH ROW EXECUTE FUNCTION note_revocation();
"""

EMPTIED = """
CREATE TRIGGER note_truncation AFTER TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION note_truncation();
"""


def upgrade() -> None:
    """Add functions that the previous release does not call, and triggers that note what it understands."""
    op.execute(STORE)
    op.execute(NOTED)
    for table in ("users", "auth_sessions", "acting", "second_factors"):
        op.execute(EMPTIED.format(table=table))
