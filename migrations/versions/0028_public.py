"""What a practice says to everybody, who may register and book, and what a visitor without an account sees of the log.

The release before may go on serving: it binds nobody by the new rules, and whoever registers with it counts as somebody
whose address is confirmed.
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE practice
    ADD COLUMN public_booking text NOT NULL DEFAULT 'off'
        CONSTRAINT practice_public_booking_known CHECK (public_booking IN ('off', 'view', 'book')),
    ADD COLUMN new_patients text NOT NULL DEFAULT 'open'
        CONSTRAINT practice_new_patients_known CHECK (new_patients IN ('closed', 'approve', 'verified', 'open')),
    ADD COLUMN open_bookings_per_patient smallint
        CONSTRAINT practice_open_bookings_positive CHECK (open_bookings_per_patient > 0),
    -- Without a value it is what the process was started with.
    ADD COLUMN cancel_cutoff_hours integer
        CONSTRAINT practice_cancel_cutoff_not_negative CHECK (cancel_cutoff_hours >= 0),
    ADD COLUMN address text CONSTRAINT practice_address_length CHECK (length(address) <= 500),
    ADD COLUMN phone text CONSTRAINT practice_phone_length CHECK (length(phone) <= 500);
ALTER TABLE treatments ADD COLUMN public boolean NOT NULL DEFAULT true;
-- Whoever is there already counts as confirmed, and so does whom the release before registers.
ALTER TABLE users
    ADD COLUMN email_confirmed_at timestamptz(3) DEFAULT now(),
    -- Since when the practice knows whose account it is: it has invited them, or made the account.
    ADD COLUMN vouched_at timestamptz(3);
-- The next hold that expires changes by itself what is free.
CREATE INDEX claims_expiring ON claims (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE practice_logo (
    id smallint PRIMARY KEY DEFAULT 1 CONSTRAINT practice_logo_is_one CHECK (id = 1),
    media_type text NOT NULL CONSTRAINT practice_logo_type_known CHECK (media_type IN ('image/png', 'image/webp')),
    image bytea NOT NULL CONSTRAINT practice_logo_length CHECK (length(image) BETWEEN 1 AND 65536)
);
CREATE TRIGGER note_record_insert_delete AFTER INSERT OR DELETE ON practice_logo
    FOR EACH ROW EXECUTE FUNCTION note_record('practice', '', 'updated');
CREATE TRIGGER note_record_update AFTER UPDATE ON practice_logo
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION note_record('practice', '', 'updated');
"""

FUNCTIONS = """
-- As in 0013; what is new changes no time, but for whether a treatment is public.
CREATE OR REPLACE FUNCTION note_offers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    -- What changes no time.
    others text[] := '{name,folded_name,requires_approval,time_zone,country,public_booking,new_patients,'
        'open_bookings_per_patient,cancel_cutoff_hours,address,phone}';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (
            SELECT to_jsonb(o) - others FROM old_rows o EXCEPT SELECT to_jsonb(n) - others FROM new_rows n
        ) THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO changes (table_name, new)
    SELECT 'dentists', jsonb_build_object('id', id) FROM dentists WHERE active ORDER BY id;
    RETURN NULL;
END $$;

-- As in 0026; whose record the practice has invited is known to it from then on.
CREATE OR REPLACE FUNCTION merge_by_invitation(
    hash bytea, account uuid, by_then timestamptz, OUT merge patient_merges, OUT hindrance text, OUT in_the_way uuid[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    invited uuid;
    done record;
BEGIN
    SELECT patient_id INTO invited FROM invitations
    WHERE code_hash = hash AND kind = 'self' AND expires_at > by_then FOR UPDATE;
    IF NOT FOUND THEN
        hindrance := 'unknown-invitation';
        RETURN;
    END IF;
    SELECT * INTO done FROM merge_patients((SELECT id FROM patients WHERE user_id = account), invited, account);
    merge := done.merge;
    hindrance := done.hindrance;
    in_the_way := done.in_the_way;
    IF hindrance IS NULL THEN
        DELETE FROM invitations WHERE patient_id = invited;
        UPDATE users SET vouched_at = now(), email_confirmed_at = coalesce(email_confirmed_at, now())
        WHERE id = account;
    END IF;
END $$;

-- As in 0023, and for a visitor, who has no account, what is free.
CREATE OR REPLACE FUNCTION acting_channels() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN public.acting_role() = 'visitor' THEN ARRAY['availability:all']
        WHEN public.acting_role() = 'receptionist' THEN ARRAY['availability:all', 'appointments:all', 'practice']
        WHEN public.acting_role() IN ('patient', 'dentist', 'assistant', 'chatbot') THEN ARRAY[
            'availability:all',
            'appointments:dentist:' || coalesce(public.acting_dentist(), public.acting_assistant()),
            CASE WHEN public.acting_role() = 'dentist' THEN 'practice' END]
            || ARRAY(SELECT 'appointments:patient:' || patient FROM unnest(public.acting_patients()) AS patient)
        ELSE '{}' END
$$;
"""


def upgrade() -> None:
    """Add what the previous release does not know, with the values that change nothing."""
    op.execute(COLUMNS)
    op.execute(FUNCTIONS)
