"""The outbox: mails are rows that are made with what causes them, and sent afterwards; in which language.

The release before may go on serving: it makes no mails.
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

LANGUAGE = """
-- None: the practice's (LANGUAGE).
ALTER TABLE users ADD COLUMN language text CONSTRAINT users_language_known CHECK (language IN ('de', 'en'));
ALTER TABLE patients ADD COLUMN language text CONSTRAINT patients_language_known CHECK (language IN ('de', 'en'));
"""

OUTBOX = """
-- One mail to one address. What it says, and to whom, is kept until it was sent or given up; the rest until pruned.
CREATE TABLE mails (
    -- Its Message-ID is made of it, and so the same at each try.
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL CONSTRAINT mails_kind_known CHECK (kind IN (
        'booked', 'moved', 'cancelled', 'handed-over', 'approved', 'reminder',
        'invitation', 'staff-invitation', 'reset-code', 'address-code', 'address-changed')),
    channel text NOT NULL DEFAULT 'mail' CONSTRAINT mails_channel_known CHECK (channel IN ('mail', 'sms')),
    language text NOT NULL CONSTRAINT mails_language_known CHECK (language IN ('de', 'en')),
    recipient text CONSTRAINT mails_recipient_length CHECK (length(recipient) BETWEEN 1 AND 320),
    -- What its template is filled with.
    facts jsonb CONSTRAINT mails_facts_length CHECK (octet_length(facts::text) <= 8192),
    created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    -- From then on it is worth nothing, and is not sent any more.
    expires_at timestamptz(3) NOT NULL DEFAULT clock_timestamp() + interval '24 hours',
    -- The next try; while one goes on, when it counts as lost.
    due_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
    attempts smallint NOT NULL DEFAULT 0,
    settled_at timestamptz(3),
    outcome text CONSTRAINT mails_outcome_known CHECK (outcome IN ('sent', 'refused', 'given-up')),
    CONSTRAINT mails_kept_until_settled CHECK (
        CASE WHEN settled_at IS NULL THEN recipient IS NOT NULL AND facts IS NOT NULL AND outcome IS NULL
        ELSE recipient IS NULL AND facts IS NULL AND outcome IS NOT NULL END)
);
CREATE INDEX mails_due ON mails (due_at) WHERE settled_at IS NULL;
CREATE INDEX mails_settled ON mails (settled_at) WHERE settled_at IS NOT NULL;

ALTER TABLE mails ENABLE ROW LEVEL SECURITY;
-- For health, which may read how many there are, and no address (grants.sql).
CREATE POLICY seen ON mails FOR SELECT USING ((SELECT acting_role()) = 'system');

-- However long no server takes them: what is caused beyond is not made.
CREATE FUNCTION outbox_has_room() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM mails WHERE settled_at IS NULL OFFSET 100000)
$$;

-- Waits for whatever changes the table as a whole, such as a migration, without anybody's data in the statement.
CREATE FUNCTION lock_outbox() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    LOCK TABLE mails IN ROW EXCLUSIVE MODE;
END $$;

-- The only way in for a web process, which may neither read nor change what is there. Of what happens to appointments
-- the lane makes the mails.
CREATE FUNCTION put_in_outbox(mail_kind text, mail_language text, address text, mail_facts jsonb, valid interval)
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    made uuid;
BEGIN
    IF NOT (session_user = current_user OR acting_role() = 'system' OR acting_user() IS NOT NULL)
        OR mail_kind NOT IN ('invitation', 'staff-invitation', 'reset-code', 'address-code', 'address-changed') THEN
        RAISE EXCEPTION 'such a mail is not made here' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF outbox_has_room() THEN
        INSERT INTO mails (kind, language, recipient, facts, expires_at)
        VALUES (mail_kind, mail_language, address, mail_facts,
            clock_timestamp() + least(valid, interval '24 hours'))
        RETURNING id INTO made;
    END IF;
    RETURN made;
END $$;
REVOKE EXECUTE ON FUNCTION outbox_has_room, lock_outbox, put_in_outbox FROM PUBLIC;
"""


def upgrade() -> None:
    """Add what the previous release does not know."""
    op.execute(LANGUAGE)
    op.execute(OUTBOX)
