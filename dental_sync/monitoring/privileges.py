"""Whether the lesser roles may do what migrations/grants.sql says, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, text

from dental_sync.storage import schema


class Privilege(NamedTuple):
    """What one role may do with one thing."""

    grantee: str
    right: str
    kind: str
    thing: str

    def __str__(self) -> str:
        return f"{self.right} {self.thing}"


# What the owner of the tables has granted, thing by thing, and on whose tables the worker's policy is missing nowhere.
_GRANTED = text("""
    WITH lesser AS (SELECT oid, rolname FROM pg_roles WHERE rolname IN (:web, :worker))
    SELECT r.rolname, a.privilege_type, 'TABLE', c.oid::regclass::text
    FROM pg_class c, aclexplode(c.relacl) a, lesser r
    WHERE c.relnamespace = 'public'::regnamespace AND pg_has_role(c.relowner, 'MEMBER') AND a.grantee = r.oid
    UNION
    SELECT r.rolname, a.privilege_type, 'TABLE', t.attrelid::regclass::text || '.' || quote_ident(t.attname)
    FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid, aclexplode(t.attacl) a, lesser r
    WHERE c.relnamespace = 'public'::regnamespace AND pg_has_role(c.relowner, 'MEMBER') AND a.grantee = r.oid
    UNION
    SELECT r.rolname, a.privilege_type, 'FUNCTION', p.oid::regprocedure::text
    FROM pg_proc p, aclexplode(p.proacl) a, lesser r
    WHERE p.pronamespace = 'public'::regnamespace AND pg_has_role(p.proowner, 'MEMBER') AND a.grantee = r.oid
    UNION
    SELECT r.rolname, 'policy', 'POLICY', p.polrelid::regclass::text
    FROM pg_policy p, lesser r WHERE p.polname = 'worker' AND p.polroles = ARRAY[r.oid]
""")


def differences(owner: Connection, web_role: str, worker_role: str) -> Iterator[str]:
    """A sentence for each role that may do less or more; raises SQLAlchemyError.

    The rights are taken away and granted anew in a transaction that is rolled back: what is there then is what should
    be, and nothing has to be said twice. Nobody else sees it, and nobody is waited for.
    """
    owner.execute(text("SET LOCAL lock_timeout = '2s'"))
    try:
        before = _granted(owner, web_role, worker_role)
        for privilege in before:
            if privilege.kind in ("TABLE", "FUNCTION"):
                thing = privilege.thing if privilege.kind == "FUNCTION" else privilege.thing.partition(".")[0]
                owner.exec_driver_sql(f"REVOKE ALL ON {privilege.kind} {thing} FROM {schema.quoted(privilege.grantee)}")
        owner.execute(text(schema.grants(web_role, worker_role).replace(":", "\\:")))
        after = _granted(owner, web_role, worker_role)
    finally:
        owner.rollback()
    for role in (web_role, worker_role):
        for what, found in (("may not", after - before), ("may also", before - after)):
            named = sorted(str(privilege) for privilege in found if privilege.grantee == role)
            if named:
                more = f", and {len(named) - 5} more" if len(named) > 5 else ""
                yield f"{role} {what}: {', '.join(named[:5])}{more}"


def _granted(owner: Connection, web_role: str, worker_role: str) -> set[Privilege]:
    found = owner.execute(_GRANTED, {"web": web_role, "worker": worker_role})
    return {Privilege(*row) for row in found}
