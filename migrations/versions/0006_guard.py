"""The guard: who acts is said in each transaction, rows of others are not seen, and the audit trail keeps who did what.

Not to be run while the previous release serves: its connections do not say who acts, and would see nothing.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Each transaction says who acts (dental_sync/storage/row_security.py). After one that did a setting is '', not NULL.
IDENTITY = """
CREATE FUNCTION acting_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('dental_sync.role', true), '')
$$;
CREATE FUNCTION acting_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('dental_sync.user_id', true), '')::uuid
$$;
CREATE FUNCTION acting_patient() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('dental_sync.patient_id', true), '')::uuid
$$;
CREATE FUNCTION acting_dentist() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('dental_sync.dentist_id', true), '')::uuid
$$;
-- The channels that together carry everything that an account but an admin's may hear.
CREATE FUNCTION acting_channels() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN public.acting_role() IN ('patient', 'dentist', 'chatbot') THEN ARRAY[
        'availability:all',
        'appointments:patient:' || public.acting_patient(),
        'appointments:dentist:' || public.acting_dentist()] ELSE '{}' END
$$;
"""

AUDIT = """
-- Who did and who read what. Rows are only ever added; nothing refers to it, and it refers to nothing.
CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    -- Nobody of the app for a change by plain SQL; `details` has the database role then.
    actor_id uuid,
    actor_role text,
    action text NOT NULL,
    record_kind text NOT NULL,
    -- One, or those of the page that was read.
    record_ids uuid[] NOT NULL,
    request_id text,
    details jsonb
);
CREATE INDEX audit_in_order ON audit (at, id);
CREATE INDEX audit_of_actor ON audit (actor_id, at, id);
CREATE INDEX audit_of_record ON audit USING gin (record_ids);

-- What the app does it notes itself, and more exactly; this is for whoever changes rows past it.
CREATE FUNCTION note_plain_sql() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    key text := CASE TG_TABLE_NAME WHEN 'appointment_notes' THEN 'appointment_id' ELSE 'id' END;
    kind text := CASE TG_TABLE_NAME WHEN 'appointment_notes' THEN 'notes' ELSE rtrim(TG_TABLE_NAME, 's') END;
    details jsonb := jsonb_build_object('sessionUser', session_user);
    ids uuid[] := '{}';
BEGIN
    IF TG_OP = 'DELETE' THEN
        ids := ARRAY[(to_jsonb(OLD) ->> key)::uuid];
    ELSIF TG_OP <> 'TRUNCATE' THEN
        ids := ARRAY[(to_jsonb(NEW) ->> key)::uuid];
    END IF;
    IF TG_OP = 'UPDATE' THEN
        -- Which columns, never what was in them.
        details := details || jsonb_build_object('columns', (
            SELECT jsonb_agg(now.key ORDER BY now.key) FROM jsonb_each(to_jsonb(NEW)) AS now
            WHERE now.value IS DISTINCT FROM to_jsonb(OLD) -> now.key));
    END IF;
    INSERT INTO audit (action, record_kind, record_ids, details)
    VALUES ('sql-' || lower(TG_OP), kind, ids, details);
    RETURN NULL;
END $$;
"""

AUDITED_TABLES = ("appointments", "patients", "appointment_notes")

AUDIT_TRIGGERS = """
CREATE TRIGGER audit_insert_delete AFTER INSERT OR DELETE ON {table}
    FOR EACH ROW WHEN (acting_role() IS NULL) EXECUTE FUNCTION note_plain_sql();
CREATE TRIGGER audit_update AFTER UPDATE ON {table}
    FOR EACH ROW WHEN (acting_role() IS NULL AND OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION note_plain_sql();
CREATE TRIGGER audit_truncate AFTER TRUNCATE ON {table} EXECUTE FUNCTION note_plain_sql();
"""

# The owner is not bound by them (no FORCE): it migrates, and its triggers go on working. The worker has a policy of its
# own in grants.sql, for a role's name is not known here. What stands in (SELECT …) is computed once a query, not once a
# row.
POLICIES = """
CREATE POLICY seen ON users FOR SELECT USING (
    (SELECT acting_role()) IN ('system', 'admin') OR id = (SELECT acting_user()));
-- Whoever registers becomes a patient and nothing else.
CREATE POLICY made ON users FOR INSERT WITH CHECK (
    (SELECT acting_role()) = 'admin' OR ((SELECT acting_role()) = 'system' AND role = 'patient'));
CREATE POLICY changed ON users FOR UPDATE
    USING ((SELECT acting_role()) IN ('system', 'admin') OR id = (SELECT acting_user()))
    -- One's own account cannot be given another role.
    WITH CHECK ((SELECT acting_role()) IN ('system', 'admin')
        OR (id = (SELECT acting_user()) AND role = (SELECT acting_role()) AND active));

CREATE POLICY seen ON auth_sessions FOR SELECT USING (
    (SELECT acting_role()) IN ('system', 'admin') OR user_id = (SELECT acting_user()));
CREATE POLICY made ON auth_sessions FOR INSERT WITH CHECK ((SELECT acting_role()) = 'system');
CREATE POLICY changed ON auth_sessions FOR UPDATE USING (
    (SELECT acting_role()) IN ('system', 'admin') OR user_id = (SELECT acting_user()));

-- What was entered in error is gone for everybody but the front desk.
CREATE POLICY seen ON appointments FOR SELECT USING (
    (SELECT acting_role()) = 'admin'
    OR (status <> 'entered-in-error'
        AND (patient_id = (SELECT acting_patient()) OR dentist_id = (SELECT acting_dentist()))));

CREATE POLICY seen ON patients FOR SELECT USING (
    (SELECT acting_role()) IN ('system', 'admin')
    OR id = (SELECT acting_patient())
    OR ((SELECT acting_dentist()) IS NOT NULL AND EXISTS (
        SELECT FROM appointments
        WHERE appointments.patient_id = patients.id AND appointments.dentist_id = (SELECT acting_dentist()))));
CREATE POLICY made ON patients FOR INSERT WITH CHECK ((SELECT acting_role()) IN ('system', 'admin'));
CREATE POLICY changed ON patients FOR UPDATE
    USING ((SELECT acting_role()) = 'admin' OR id = (SELECT acting_patient()))
    WITH CHECK ((SELECT acting_role()) = 'admin'
        OR (id = (SELECT acting_patient()) AND user_id = (SELECT acting_user())));

CREATE POLICY seen ON appointment_notes FOR SELECT USING (
    (SELECT acting_role()) = 'admin'
    OR EXISTS (SELECT FROM appointments
        WHERE appointments.id = appointment_id AND appointments.dentist_id = (SELECT acting_dentist())));
CREATE POLICY made ON appointment_notes FOR INSERT WITH CHECK (
    updated_by = (SELECT acting_user())
    AND ((SELECT acting_role()) = 'admin'
        OR EXISTS (SELECT FROM appointments
            WHERE appointments.id = appointment_id AND appointments.dentist_id = (SELECT acting_dentist()))));
CREATE POLICY changed ON appointment_notes FOR UPDATE
    USING ((SELECT acting_role()) = 'admin'
        OR EXISTS (SELECT FROM appointments
            WHERE appointments.id = appointment_id AND appointments.dentist_id = (SELECT acting_dentist())))
    WITH CHECK (updated_by = (SELECT acting_user())
        AND ((SELECT acting_role()) = 'admin'
            OR EXISTS (SELECT FROM appointments
                WHERE appointments.id = appointment_id AND appointments.dentist_id = (SELECT acting_dentist()))));

CREATE POLICY seen ON holds FOR SELECT USING (
    (SELECT acting_role()) = 'admin' OR user_id = (SELECT acting_user()));
CREATE POLICY seen ON time_off FOR SELECT USING (
    (SELECT acting_role()) = 'admin' OR dentist_id = (SELECT acting_dentist()));

CREATE POLICY seen ON write_requests FOR SELECT USING (
    (SELECT acting_role()) IN ('system', 'admin') OR sender_id = (SELECT acting_user()));
CREATE POLICY made ON write_requests FOR INSERT WITH CHECK (sender_id = (SELECT acting_user()));
CREATE POLICY changed ON write_requests FOR UPDATE USING (sender_id = (SELECT acting_user()));

CREATE POLICY seen ON sync_events FOR SELECT USING (
    (SELECT acting_role()) IN ('system', 'admin') OR channels && (SELECT acting_channels()));
CREATE POLICY made ON sync_events FOR INSERT WITH CHECK ((SELECT acting_role()) = 'system');
CREATE POLICY pruned ON sync_events FOR DELETE USING ((SELECT acting_role()) = 'system');

CREATE POLICY seen ON changes FOR SELECT USING ((SELECT acting_role()) = 'system');
CREATE POLICY taken ON changes FOR DELETE USING ((SELECT acting_role()) = 'system');

CREATE POLICY seen ON audit FOR SELECT USING ((SELECT acting_role()) = 'admin');
CREATE POLICY made ON audit FOR INSERT WITH CHECK (
    (SELECT acting_role()) = 'system'
    OR (actor_id = (SELECT acting_user()) AND actor_role = (SELECT acting_role())));
"""

GUARDED_TABLES = (
    "users",
    "auth_sessions",
    "patients",
    "appointments",
    "appointment_notes",
    "holds",
    "time_off",
    "write_requests",
    "sync_events",
    "changes",
    "audit",
)

# Under a policy PostgreSQL uses no index for an operator that might leak what it compares, as lower(), && and @>
# might. These look with the owner's eyes, by the index, and ask for themselves who acts; `session_user = current_user`
# is the owner.
INDEXED = """
-- Who a sign-in belongs to, asked once a request before anybody is known: whoever has its id was given it in a token.
CREATE FUNCTION signed_in(sign_in uuid) RETURNS TABLE (
    user_id uuid, role text, name text, email text, active boolean, has_ended boolean, patient_id uuid, dentist_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
        SELECT u.id, u.role, u.name, u.email, u.active, s.revoked_at IS NOT NULL, p.id, d.id
        FROM auth_sessions s
        JOIN users u ON u.id = s.user_id
        LEFT JOIN patients p ON p.user_id = u.id
        LEFT JOIN dentists d ON d.user_id = u.id
        WHERE s.id = sign_in;
END $$;

CREATE FUNCTION account_of(address text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM users
    WHERE lower(email) = lower(address) AND (acting_role() = 'system' OR session_user = current_user)
$$;

-- EXECUTE, so that it is planned for the channels that are asked for: some are in every message, some in three.
CREATE FUNCTION heard_messages(heard text[], since bigint, through bigint, at_most integer) RETURNS SETOF sync_events
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY EXECUTE
        'SELECT * FROM sync_events WHERE channels && $1 AND position > $2 AND position <= $3 AND ($5 OR channels && $6)'
        ' ORDER BY position LIMIT $4'
    USING heard, since, coalesce(through, 9223372036854775807), at_most,
        session_user = current_user OR coalesce(acting_role() IN ('system', 'admin'), false), acting_channels();
END $$;

CREATE FUNCTION audit_about(record uuid) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM audit
    WHERE record_ids @> ARRAY[record] AND (acting_role() = 'admin' OR session_user = current_user)
$$;
REVOKE EXECUTE ON FUNCTION signed_in, account_of, heard_messages, audit_about FROM PUBLIC;

-- When dentists are away, for everybody who looks for a free time; never why.
CREATE VIEW absences AS SELECT dentist_id, starts_at, ends_at FROM time_off;
"""


def upgrade() -> None:
    """Guard every table with personal data, and begin the audit trail."""
    op.execute(IDENTITY)
    op.execute(AUDIT)
    for table in AUDITED_TABLES:
        op.execute(AUDIT_TRIGGERS.format(table=table))
    op.execute(POLICIES)
    op.execute(INDEXED)
    for table in GUARDED_TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
