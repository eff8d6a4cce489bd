"""The lane remembers what changes rarely: triggers note that it has changed, the lane's row says what was read last.

The release before may go on serving: it reads everything anew, and what it changes is noted.
"""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

# A row for each statement instead of a number that is raised: nobody who changes hours waits for anybody else who does,
# and what is committed late is a row that was not there before.
TABLE = """
CREATE TABLE rule_changes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
ALTER TABLE lane ADD COLUMN rules_version uuid NOT NULL DEFAULT gen_random_uuid();

CREATE FUNCTION note_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO rule_changes DEFAULT VALUES;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION note_rules FROM PUBLIC;
"""

TRIGGER = """
CREATE TRIGGER note_rules AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION note_rules();
"""


def upgrade() -> None:
    """Add a table, a column and triggers that the previous release does not know."""
    op.execute(TABLE)
    for table in ("practice", "treatments", "chairs", "dentists", "working_hours"):
        op.execute(TRIGGER.format(table=table))
