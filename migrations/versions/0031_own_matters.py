"""Codes of accounts: for a forgotten password, another address, an invitation.

The release before may go on serving: it knows nothing of codes.
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

LANGUAGE = """
-- As signed_in_for, with the language.
CREATE FUNCTION signed_in_account(sign_in uuid) RETURNS TABLE (
    user_id uuid, role text, name text, email text, active boolean, has_ended boolean, patient_id uuid, dentist_id uuid,
    profession text, patients jsonb, language text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
        SELECT u.id, u.role, u.name, u.email, u.active, s.revoked_at IS NOT NULL, p.id, d.id, d.profession,
            patients_acted_for(u.id), u.language
        FROM auth_sessions s
        JOIN users u ON u.id = s.user_id
        LEFT JOIN patients p ON p.user_id = u.id
        LEFT JOIN dentists d ON d.user_id = u.id
        WHERE s.id = sign_in;
END $$;
REVOKE EXECUTE ON FUNCTION signed_in_account FROM PUBLIC;
"""

OWN = """
-- As in 0006: who assists acts as another role than the account's, and changed the own password in vain.
ALTER POLICY changed ON users
    USING ((SELECT acting_role()) IN ('system', 'admin') OR id = (SELECT acting_user()))
    WITH CHECK ((SELECT acting_role()) IN ('system', 'admin')
        OR (id = (SELECT acting_user()) AND active
            AND role = CASE (SELECT acting_role()) WHEN 'assistant' THEN 'dentist' ELSE (SELECT acting_role()) END));
"""

CODES = """
-- The open ones, one of a kind for each account: used, or replaced by another, a code is gone.
CREATE TABLE account_codes (
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    -- What it is good for: another password, another address, the first password of who was invited.
    purpose text NOT NULL CONSTRAINT account_codes_purpose_known CHECK (purpose IN ('reset', 'address', 'invitation')),
    -- SHA-256; the code itself is with whom it was mailed or handed to.
    code_hash bytea NOT NULL,
    expires_at timestamptz(3) NOT NULL,
    wrong_tries smallint NOT NULL DEFAULT 0,
    -- The account's from then on.
    new_address text CONSTRAINT account_codes_new_address_length CHECK (length(new_address) <= 500),
    PRIMARY KEY (user_id, purpose)
);
CREATE INDEX account_codes_by_expiry ON account_codes (expires_at);
ALTER TABLE account_codes ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON account_codes FOR SELECT USING (
    (SELECT acting_role()) IN ('system', 'admin') OR user_id = (SELECT acting_user()));
CREATE POLICY made ON account_codes FOR INSERT WITH CHECK (
    CASE purpose
        WHEN 'reset' THEN (SELECT acting_role()) = 'system'
        WHEN 'invitation' THEN (SELECT acting_role()) = 'admin'
        ELSE user_id = (SELECT acting_user()) END);
CREATE POLICY changed ON account_codes FOR UPDATE USING (
    CASE purpose
        WHEN 'reset' THEN (SELECT acting_role()) = 'system'
        WHEN 'invitation' THEN (SELECT acting_role()) IN ('system', 'admin')
        ELSE user_id = (SELECT acting_user()) END);
CREATE POLICY used ON account_codes FOR DELETE USING (
    CASE purpose WHEN 'address' THEN user_id = (SELECT acting_user()) ELSE (SELECT acting_role()) = 'system' END);

-- Whoever is switched off, has another address or another password has no use for what was open before, or somebody
-- else might.
CREATE FUNCTION end_codes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM account_codes WHERE user_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER end_codes AFTER UPDATE ON users FOR EACH ROW
    WHEN (OLD.active AND NOT NEW.active OR OLD.email <> NEW.email OR OLD.password_hash <> NEW.password_hash)
    EXECUTE FUNCTION end_codes();

-- How many codes were mailed to an address since when. Only a keyed digest of the address is kept: it may be nobody's.
CREATE TABLE code_mails (
    address_digest bytea PRIMARY KEY,
    since timestamptz(3) NOT NULL,
    mails smallint NOT NULL
);
CREATE INDEX code_mails_by_age ON code_mails (since);
ALTER TABLE code_mails ENABLE ROW LEVEL SECURITY;
CREATE POLICY counted ON code_mails USING ((SELECT acting_role()) = 'system');
"""


def upgrade() -> None:
    """Add what the previous release does not know."""
    op.execute(LANGUAGE)
    op.execute(OWN)
    op.execute(CODES)
