"""What a web process needs to offer other times: when a patient is elsewhere, and what the log has told."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# A dentist must not be offered a time at which the patient is with a colleague, whose appointments row-level security
# hides from them: so this looks with the owner's eyes, tells times and ids alone, and asks for itself who acts. The
# condition is that of the exclusion constraint, whose index it uses.
FOR_ALTERNATIVES = """
CREATE FUNCTION times_of_patient(patient uuid, within tstzrange)
RETURNS TABLE (id uuid, starts_at timestamptz, ends_at timestamptz)
LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER ROWS 10 SET search_path = public, pg_temp AS $$
BEGIN
    IF acting_role() IN ('dentist', 'admin') OR patient = acting_patient() OR session_user = current_user THEN
        RETURN QUERY
            SELECT a.id, a.starts_at::timestamptz, a.ends_at::timestamptz FROM appointments a
            WHERE a.patient_id = patient AND tstzrange(a.starts_at, a.ends_at) && within
                AND a.status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled');
    END IF;
END $$;

-- Whether something has changed that has no position yet, and nothing about what: then a position says nothing about
-- what is free.
CREATE FUNCTION anything_unpublished() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM changes);
END $$;

-- Whether the log has told since a position that hours, dentists, treatments, chairs or rules have changed, whoever may
-- hear it.
CREATE FUNCTION hours_changed_since(since bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM sync_events WHERE position > since AND type = 'availability:changed'
            AND payload -> 'availability' ->> 'change' = 'hours');
END $$;
REVOKE EXECUTE ON FUNCTION times_of_patient, anything_unpublished, hours_changed_since FROM PUBLIC;
"""


def upgrade() -> None:
    """Add three functions that the previous release does not call."""
    op.execute(FOR_ALTERNATIVES)
