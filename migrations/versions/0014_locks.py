"""A new name is written only once every row that it reaches is locked.

PostgreSQL writes a statement that waits for a lock for too long into its log, with the name in it. The trigger `rename`
updates appointments from within the statement that renames, so its locks are taken before, by a statement without data.
The release before does without, and may go on serving.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

LOCKS = """
-- By the owner, because the web role may not lock appointments. `patient` or `account` may be null.
CREATE FUNCTION lock_before_renaming(account uuid, patient uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    whose uuid := coalesce(account, (SELECT user_id FROM patients WHERE id = patient));
BEGIN
    LOCK TABLE users, patients, dentists, appointments, claims, changes, audit IN ROW EXCLUSIVE MODE;
    -- The account first: whoever renames the same person takes turns there.
    PERFORM FROM users WHERE id = whose FOR NO KEY UPDATE;
    PERFORM FROM patients WHERE id = patient OR user_id = whose ORDER BY id FOR NO KEY UPDATE;
    PERFORM FROM dentists WHERE user_id = whose ORDER BY id FOR NO KEY UPDATE;
    PERFORM FROM appointments
    WHERE patient_id IN (SELECT id FROM patients WHERE id = patient OR user_id = whose)
        OR dentist_id IN (SELECT id FROM dentists WHERE user_id = whose)
    ORDER BY id FOR NO KEY UPDATE;
END $$;
REVOKE EXECUTE ON FUNCTION lock_before_renaming FROM PUBLIC;
"""


def upgrade() -> None:
    """Let the web role lock what a new name reaches."""
    op.execute(LOCKS)
