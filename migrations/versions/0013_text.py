"""Names are found and sorted as people look for them, and the practice may say in which country it is.

The columns are generated, so that the previous release and plain SQL fill them too; what was typed stays as it is.
Their tables are rewritten once, in which time nobody reads or writes them: 100,000 patients took 9 s on a busy machine.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Trusted extensions need no superuser: pg_trgm is one, from PostgreSQL 13 on.
FOLD = r"""
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- A text as it is compared: small letters without marks, words divided by one space. By code points alone, so that it
-- is the same in each locale; only Greek, Cyrillic and the like need one that knows small letters.
DO $do$
DECLARE
    by_icu text := (SELECT ' COLLATE pg_catalog."und-x-icu"' FROM pg_collation WHERE collname = 'und-x-icu' LIMIT 1);
BEGIN
    EXECUTE format($body$
        CREATE FUNCTION fold(written text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT btrim(regexp_replace(
                replace(replace(replace(replace(translate(lower(regexp_replace(
                    normalize(regexp_replace(written, '[''`\u00b4\u02bb-\u02bf\u2018-\u201b\u2032]', '', 'g'), NFKD),
                    '[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff'
                        || '\ufe20-\ufe2f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]', '', 'g')%s),
                'ŁłØøĐđĦħŦŧıðÐς', 'lloodd' || 'hhtt' || 'idd' || chr(963)),
                'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
            '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u2000-\u206f\u3000-\u3003]+',
            ' ', 'g'))
        $$ $body$, coalesce(by_icu, ''));
END $do$;

-- Whether each word of q, of which there is one at least, is a part of a folded text.
CREATE FUNCTION has_words(folded text, q text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(bool_and(strpos(folded, word) > 0), false)
    FROM unnest(string_to_array(public.fold(q), ' ')) AS word WHERE word <> ''
$$;
"""

COLUMNS = """
ALTER TABLE patients
    ADD COLUMN folded_name text COLLATE "C" NOT NULL GENERATED ALWAYS AS (fold(name)) STORED,
    -- All that a word may be found in.
    ADD COLUMN folded_words text NOT NULL GENERATED ALWAYS AS (fold(name) || ' ' || coalesce(fold(email), '')) STORED,
    ADD COLUMN phone_digits text GENERATED ALWAYS AS (regexp_replace(phone, '[^0-9]', '', 'g')) STORED;
CREATE INDEX patients_in_order ON patients (folded_name, id);
CREATE INDEX patients_by_words ON patients USING gin (folded_words gin_trgm_ops);
CREATE INDEX patients_by_phone ON patients USING gin (phone_digits gin_trgm_ops);
ALTER TABLE dentists ADD COLUMN folded_name text COLLATE "C" NOT NULL GENERATED ALWAYS AS (fold(name)) STORED;
ALTER TABLE treatments ADD COLUMN folded_name text COLLATE "C" NOT NULL GENERATED ALWAYS AS (fold(name)) STORED;
ALTER TABLE chairs ADD COLUMN folded_name text COLLATE "C" NOT NULL GENERATED ALWAYS AS (fold(name)) STORED;

ALTER TABLE practice ADD COLUMN country text CONSTRAINT practice_country_is_iso CHECK (country ~ '^[A-Z]{2}$');
CREATE INDEX users_by_address ON users (lower(normalize(email, NFC)));
"""

FUNCTIONS = """
-- Under a policy PostgreSQL uses no index for LIKE, which might leak what it compares: this looks with the owner's
-- eyes, and asks for itself who acts. EXECUTE, so that it is planned for the words that are asked for; fold() leaves no
-- character that LIKE takes for more than itself.
CREATE FUNCTION patients_found(q text, part_of_phone text, phones text[]) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    words text[] := ARRAY(
        SELECT '%' || word || '%' FROM unnest(string_to_array(fold(q), ' ')) AS word WHERE word <> '');
    by_words text := (
        SELECT string_agg(format('folded_words LIKE $1[%s]', number), ' AND ')
        FROM generate_subscripts(words, 1) AS number);
BEGIN
    IF session_user = current_user OR coalesce(acting_role() = 'admin', false) THEN
        RETURN QUERY EXECUTE format(
            'SELECT id FROM patients WHERE (%s) OR phone_digits LIKE $2 OR phone_digits = ANY ($3)',
            coalesce(by_words, 'false'))
        USING words, '%' || part_of_phone || '%', phones;
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION patients_found FROM PUBLIC;

CREATE OR REPLACE FUNCTION account_of(address text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM users
    WHERE lower(normalize(email, NFC)) = lower(normalize(address, NFC))
        AND (acting_role() = 'system' OR session_user = current_user)
    ORDER BY created_at LIMIT 1
$$;

-- As before; what is new follows from other columns, or frees no time.
CREATE OR REPLACE FUNCTION note_offers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (
            SELECT to_jsonb(o) - '{name,folded_name,requires_approval,time_zone,country}'::text[] FROM old_rows o
            EXCEPT SELECT to_jsonb(n) - '{name,folded_name,requires_approval,time_zone,country}'::text[] FROM new_rows n
        ) THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO changes (table_name, new)
    SELECT 'dentists', jsonb_build_object('id', id) FROM dentists WHERE active ORDER BY id;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION note_plain_sql() RETURNS trigger
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
        -- Which columns, never what was in them, and none that only follows from another.
        details := details || jsonb_build_object('columns', (
            SELECT jsonb_agg(now.key ORDER BY now.key) FROM jsonb_each(to_jsonb(NEW)) AS now
            WHERE now.value IS DISTINCT FROM to_jsonb(OLD) -> now.key
                AND now.key NOT IN ('folded_name', 'folded_words', 'phone_digits')));
    END IF;
    INSERT INTO audit (action, record_kind, record_ids, details)
    VALUES ('sql-' || lower(TG_OP), kind, ids, details);
    RETURN NULL;
END $$;
"""


def upgrade() -> None:
    """Add what is searched and sorted by, and the country, which existing practices have not said yet."""
    op.execute(FOLD)
    op.execute(COLUMNS)
    op.execute(FUNCTIONS)
