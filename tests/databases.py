"""A database for each test, as if it were new: lent, taken back, and restored row by row.

Copying a template and dropping the copy took two thirds of the processor time of the tests that need a database. A
database that is restored instead has what the template has, down to the values of its sequences: whatever is newer than
the loan goes, whatever is missing comes back, in the tables that were written to. One whose schema was changed is
dropped; so is one after many loans. It has another name at each loan, so that nobody whom a test has left behind comes
back to it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from dental_sync.local.embedded.postgres import DatabaseUrls, Postgres

# Rows that were deleted stay in the tables' pages until somebody cleans up.
LOANS = 100

# Copies of all rows, and a note of each change of the schema, out of the tests' sight.
KEEP = """
CREATE SCHEMA kept;
CREATE TABLE kept.schema_changes (tag text);
CREATE TABLE kept.loan (began_after bigint);
INSERT INTO kept.loan VALUES (0);

-- How many rows were ever written in each table, and the file that it lies in, another one after TRUNCATE.
CREATE VIEW kept.written_now AS
    SELECT relid, n_tup_ins + n_tup_upd + n_tup_del AS rows, pg_relation_filenode(relid) AS file
    FROM pg_stat_user_tables WHERE schemaname = 'public';
CREATE TABLE kept.written AS TABLE kept.written_now;

DO $$
DECLARE
    name name;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', name, name);
    END LOOP;
    CREATE TABLE kept.sequences AS
        SELECT c.oid::regclass AS sequence, pg_sequence_last_value(c.oid) AS last
        FROM pg_class c WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
END $$;

CREATE FUNCTION kept.note_schema_change() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO kept.schema_changes VALUES (tg_tag);
END $$;

CREATE FUNCTION kept.restore() RETURNS boolean LANGUAGE plpgsql SET session_replication_role = replica AS $$
DECLARE
    began_after bigint := (SELECT loan.began_after FROM kept.loan);
    found record;
    differs boolean;
BEGIN
    IF EXISTS (SELECT FROM kept.schema_changes) THEN
        RETURN false;
    END IF;
    FOR found IN
        SELECT c.relname,
            (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
             WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns,
            (SELECT string_agg(format('t.%1$I = k.%1$I', attname), ' AND ') FROM pg_index
             JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
             WHERE indrelid = c.oid AND indisprimary) AS same_key
        FROM pg_class c JOIN kept.written_now n ON n.relid = c.oid JOIN kept.written w ON w.relid = c.oid
        WHERE (w.rows, w.file) IS DISTINCT FROM (n.rows, n.file)
    LOOP
        -- Every test's rows are of a transaction that began after the loan.
        EXECUTE format('DELETE FROM public.%I WHERE xmin::text::bigint > %s', found.relname, began_after);
        EXECUTE format(
            'SELECT (SELECT count(*) FROM public.%1$I) <> (SELECT count(*) FROM kept.%1$I)', found.relname
        ) INTO differs;
        IF differs THEN
            EXECUTE format(
                'INSERT INTO public.%1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM kept.%1$I k
                 WHERE NOT EXISTS (SELECT FROM public.%1$I t WHERE %3$s)',
                found.relname, found.columns, found.same_key
            );
        END IF;
    END LOOP;
    PERFORM CASE WHEN last IS NULL THEN setval(sequence, 1, false) ELSE setval(sequence, last) END
    FROM kept.sequences WHERE pg_sequence_last_value(sequence) IS DISTINCT FROM last;
    RETURN true;
END $$;

-- Last, for it would note what comes after it.
CREATE EVENT TRIGGER note_schema_change ON ddl_command_end EXECUTE FUNCTION kept.note_schema_change();
"""

# Or the copy would begin another log at its first write, and that is the most expensive part of a write.
GO_ON_WITH_THE_LOG = "UPDATE log_head SET fingerprint = database_fingerprint()"

# What a session has written is counted once it has nothing to do.
COUNT_AT_ONCE = "SELECT pg_stat_force_next_flush()"

# Rows that are restored belong to a transaction before this one, and so to what was there before the next loan.
BEGIN_LOAN = """
UPDATE kept.loan SET began_after = pg_current_xact_id()::text::bigint;
UPDATE kept.written w SET rows = n.rows, file = n.file FROM kept.written_now n
WHERE n.relid = w.relid AND (w.rows, w.file) IS DISTINCT FROM (n.rows, n.file);
"""


class Databases:
    """Databases of one template, each lent to one test at a time."""

    def __init__(self, postgres: Postgres, template: str) -> None:
        self._postgres = postgres
        self._template = template
        self._numbers = itertools.count(1)
        # Names, and how often each was lent.
        self._free: list[tuple[str, int]] = []

    @contextmanager
    def lend(self) -> Iterator[DatabaseUrls]:
        """A database that is as the template is; connections to it are ended afterwards."""
        name, loans = self._free.pop() if self._free else (self._create(), 0)
        yield self._postgres.urls(name)
        next_name = self._next_name()
        if loans < LOANS and self._rename(name, next_name) and self._restore(next_name):
            self._free.append((next_name, loans + 1))
        else:
            self._postgres.drop_database(name)
            self._postgres.drop_database(next_name)

    def close(self) -> None:
        """Drop them."""
        while self._free:
            self._postgres.drop_database(self._free.pop()[0])

    def _next_name(self) -> str:
        return f"practice_{next(self._numbers)}"

    def _create(self) -> str:
        name = self._next_name()
        self._postgres.create_database(name, self._template)
        with self._superuser(name) as cursor:
            cursor.execute(GO_ON_WITH_THE_LOG)
            cursor.execute(KEEP)
            _begin_loan(cursor)
        return name

    def _rename(self, name: str, next_name: str) -> bool:
        """End all connections, and let none come; False where one came in between, or did not end."""
        with closing(psycopg2.connect(self._postgres.superuser_url())) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s", (name,))
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            try:
                cursor.execute(rename.format(sql.Identifier(name), sql.Identifier(next_name)))
            except psycopg2.errors.ObjectInUse:
                return False
            return True

    def _restore(self, name: str) -> bool:
        with self._superuser(name) as cursor:
            cursor.execute("SELECT kept.restore()")
            [[is_restored]] = cursor.fetchall()
            _begin_loan(cursor)
            return bool(is_restored)

    @contextmanager
    def _superuser(self, name: str) -> Iterator[Cursor]:
        connection = psycopg2.connect(self._postgres.superuser_url(name))
        connection.autocommit = True
        with closing(connection), connection.cursor() as cursor:
            yield cursor


def _begin_loan(cursor: Cursor) -> None:
    cursor.execute(COUNT_AT_ONCE)
    cursor.execute(BEGIN_LOAN)
