"""Functions that a booking calls are planned once, and find rows by indexes whatever PostgreSQL knows of the tables.

The release before calls the same functions, with the same results.
"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

# One plan for all values, made of indexes. `OFFSET 0` keeps a look-up apart, which so cannot become a join that reads
# the whole table.
STORE = """
CREATE OR REPLACE FUNCTION lock_before_storing(senders uuid[], turns bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    LOCK TABLE write_requests IN ROW EXCLUSIVE MODE;
    PERFORM FROM users WHERE id = ANY (senders) ORDER BY id FOR KEY SHARE;
    -- In one order everywhere, so that two who wait for several never wait for each other.
    PERFORM pg_advisory_xact_lock(turn) FROM (SELECT DISTINCT turn FROM unnest(turns) AS turn ORDER BY turn) AS sorted;
END $$;

CREATE OR REPLACE FUNCTION store_requests(asked jsonb, keys_hold interval) RETURNS TABLE (
    asked_id uuid, id uuid, same_body boolean, outcome jsonb, subject_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    allowed uuid[];
BEGIN
    SELECT array_agg(r.id) INTO allowed
    FROM jsonb_to_recordset(asked) AS r (id uuid, sign_in uuid, sender_id uuid, action text)
    WHERE EXISTS (
            SELECT FROM auth_sessions s JOIN users u ON u.id = s.user_id
            WHERE s.id = r.sign_in AND u.id = r.sender_id AND s.revoked_at IS NULL AND u.active OFFSET 0)
        OR (r.sender_id IS NULL AND acting_role() = 'system' AND r.action IN ('confirm-by-link', 'cancel-by-link'));

    -- A key is forgotten in time. What is locked is not waited for here.
    UPDATE write_requests SET idempotency_key = NULL WHERE id = ANY (ARRAY(
        SELECT w.id
        FROM jsonb_to_recordset(asked) AS r (id uuid, sender_id uuid, method text, path text, idempotency_key text)
        CROSS JOIN LATERAL (
            SELECT * FROM write_requests
            WHERE sender_id = r.sender_id AND method = r.method AND path = r.path
                AND idempotency_key = r.idempotency_key AND received_at < clock_timestamp() - keys_hold OFFSET 0) AS w
        WHERE r.id = ANY (allowed)
        FOR UPDATE OF w SKIP LOCKED));

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
            AND w.idempotency_key = r.idempotency_key OFFSET 0)
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
"""

# PostgreSQL before 18 plans a function in SQL at each call, unless it can put its text into what calls it.
PEOPLE = """
CREATE OR REPLACE FUNCTION patients_acted_for(account uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(
            jsonb_build_object(
                'id', p.id, 'name', p.name, 'relation', CASE a.kind WHEN 'self' THEN 'self' ELSE a.relation END)
            ORDER BY a.kind DESC, p.folded_name, p.id), '[]')
        FROM acting a CROSS JOIN LATERAL (
            SELECT id, name, folded_name FROM patients WHERE id = a.patient_id AND merged_into IS NULL OFFSET 0) AS p
        WHERE a.user_id = account);
END $$;

CREATE OR REPLACE FUNCTION patients_of(account uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF acting_role() IN ('system', 'admin', 'worker') OR account = acting_user() OR session_user = current_user THEN
        RETURN patients_acted_for(account);
    END IF;
    RETURN '[]';
END $$;
"""

CLAIMS = """
CREATE OR REPLACE FUNCTION claimed_by(kind text, stored jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
BEGIN
    IF stored IS NOT NULL AND (kind = 'hold' OR takes_time(stored ->> 'status')) THEN
        RETURN jsonb_build_object(
            'resources', jsonb_build_array(stored -> 'dentist_id', stored -> 'chair_id', stored -> 'assistant_id'),
            'from', stored -> 'claimed_from', 'to', stored -> 'claimed_to', 'layers', stored -> 'layers',
            'expires_at', stored -> 'expires_at');
    END IF;
    RETURN NULL;
END $$;

-- Without a search path of its own, so that PostgreSQL plans it as a part of what asks for it.
CREATE OR REPLACE FUNCTION claims_beside(owner uuid, resources uuid[], claimed tstzrange) RETURNS SETOF claims
LANGUAGE sql STABLE AS $$
    SELECT c.* FROM unnest(resources) AS one (id) CROSS JOIN LATERAL (
        SELECT * FROM public.claims
        WHERE resource_id = one.id AND during && claimed AND owner_id <> owner OFFSET 0) AS c
$$;
"""

TOLD = """
CREATE OR REPLACE FUNCTION times_told(payload jsonb, removed jsonb) RETURNS tstzmultirange
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = public, pg_temp AS $$
DECLARE
    starts text := payload #>> '{appointment,startsAt}';
    ends text := payload #>> '{appointment,endsAt}';
    times tstzmultirange := '{}';
BEGIN
    IF starts IS NOT NULL THEN
        times := times + tstzmultirange(tstzrange(starts::timestamptz, ends::timestamptz));
    END IF;
    starts := coalesce(payload #>> '{previous,startsAt}', starts);
    ends := coalesce(payload #>> '{previous,endsAt}', ends);
    IF starts IS NOT NULL THEN
        times := times + tstzmultirange(tstzrange(starts::timestamptz, ends::timestamptz));
    END IF;
    IF removed ->> 'startsAt' IS NOT NULL THEN
        times := times
            + tstzmultirange(tstzrange((removed ->> 'startsAt')::timestamptz, (removed ->> 'endsAt')::timestamptz));
    END IF;
    RETURN times;
END $$;
"""

MAILS = """
CREATE OR REPLACE FUNCTION mail_recipients(patient uuid) RETURNS TABLE (address text, language text, is_self boolean)
LANGUAGE plpgsql STABLE ROWS 1 SET search_path = public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH accounts AS (
        SELECT u.email, coalesce(u.language, p.language) AS language, a.kind = 'self' AS is_self, a.granted_at
        FROM acting a JOIN patients p ON p.id = a.patient_id
        CROSS JOIN LATERAL (SELECT email, language FROM users WHERE id = a.user_id AND active OFFSET 0) AS u
        WHERE a.patient_id = patient
    ), told AS (
        SELECT email, accounts.language, accounts.is_self FROM accounts
        WHERE accounts.is_self OR NOT EXISTS (SELECT FROM accounts one WHERE one.is_self)
        ORDER BY granted_at LIMIT 5
    )
    SELECT * FROM told
    UNION ALL
    SELECT email, p.language, true FROM patients p
    WHERE id = patient AND email IS NOT NULL AND NOT EXISTS (SELECT FROM told);
END $$;

CREATE OR REPLACE FUNCTION outbox_has_room() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    RETURN NOT EXISTS (SELECT FROM mails WHERE settled_at IS NULL OFFSET 100000);
END $$;
"""


def upgrade() -> None:
    """Replace functions that the previous release calls by ones that do the same."""
    for statements in (STORE, PEOPLE, CLAIMS, TOLD, MAILS):
        op.execute(statements)
