"""Whom the desk finds: accounts by name or address, patients by the day of their birth."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.storage import row_security
from tests import plain_sql
from tests.api.free import SignIn
from tests.conftest import Caller, Practice


def accounts(admin: Caller, q: str, **more: Any) -> list[str]:
    """The addresses of the accounts that a search gives."""
    answer = admin.get(f"/users?{urlencode({'q': q, 'limit': 200, **more})}")
    assert answer.status_code == 200, answer.json
    return [account["email"] for account in answer.json["items"]]


@pytest.fixture
def zoe(sign_in: SignIn) -> str:
    """An account whose name is written in several ways."""
    new = {
        "email": "zoe.lueck@practice.test",
        "name": "Zoë Lück-O\u2019Hara",
        "role": "dentist",
        "password": "long enough",
    }
    answer = sign_in("admin").post("/users", new)
    assert answer.status_code == 201, answer.json
    return new["email"]


@pytest.mark.parametrize(
    "q",
    [
        "Zoë Lück",
        "luck zoe",
        "OHARA",
        "zoe.lueck@practice.test",
        "Lück-O'Hara, Zoë",
        "lueck hara",
        "@PRACTICE.test zoe",
    ],
)
def test_an_account_is_found_by_words_of_its_name_and_address_in_any_order(sign_in: SignIn, zoe: str, q: str) -> None:
    """Without regard to capitals, marks and punctuation, as patients are."""
    assert accounts(sign_in("admin"), q) == [zoe]


@pytest.mark.parametrize("q", ["zoe nobody", "...", "%", "_", "zoe%", "\\"])
def test_an_account_is_found_by_all_its_words_or_not_at_all(sign_in: SignIn, zoe: str, q: str) -> None:
    """No character stands for others."""
    assert zoe not in accounts(sign_in("admin"), q) or q == "zoe%"


def test_a_new_name_is_found_and_the_old_one_is_not(sign_in: SignIn, zoe: str) -> None:
    """The column follows."""
    admin = sign_in("admin")
    [found] = admin.get("/users?q=lueck").json["items"]
    assert admin.patch(f"/users/{found['id']}", {"name": "Nora Neu"}).status_code == 200
    assert accounts(admin, "neu nora") == [zoe]
    assert accounts(admin, "zoë lück") == []


def test_accounts_that_are_found_are_read_page_by_page(sign_in: SignIn) -> None:
    """In the order of all accounts, each once."""
    admin = sign_in("admin")
    everybody = accounts(admin, "patient demo")
    assert len(everybody) == 12
    first = admin.get("/users?q=patient+demo&limit=7").json
    rest = admin.get(f"/users?q=patient+demo&limit=7&after={first['next']}").json
    assert [user["email"] for user in [*first["items"], *rest["items"]]] == everybody
    assert rest["next"] is None
    assert [user["email"] for user in admin.get("/users?limit=200").json["items"] if "patient" in user["email"]] == (
        everybody
    )


def test_accounts_of_some_roles_alone_are_listed(sign_in: SignIn) -> None:
    """Who works at the practice is not lost among its patients; an unknown role is refused."""
    admin = sign_in("admin")
    listed = admin.get("/users?role=receptionist,admin").json["items"]
    assert [user["email"] for user in listed] == ["admin@demo.test", "desk@demo.test"]
    found = admin.get("/users?role=dentist&q=demo&limit=2").json
    assert [user["role"] for user in found["items"]] == ["dentist"] * 2
    assert len(admin.get(f"/users?role=dentist&q=demo&limit=2&after={found['next']}").json["items"]) == 1
    refused = admin.get("/users?role=dentist,assistant")
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/role")


def test_nobody_but_admins_looks_for_accounts_also_past_the_api(
    sign_in: SignIn, database: DatabaseUrls, settings: Settings
) -> None:
    """The function looks with the owner's eyes, and asks who acts."""
    assert sign_in("dentist1").get("/users?q=patient").status_code == 403
    found = text("SELECT count(*) FROM accounts_found('demo')")
    for who in (row_security.NOBODY, row_security.SYSTEM):
        with plain_sql.connect(database.web, who) as session:
            assert session.scalar(found) == 0
    with plain_sql.connect(settings.database_url) as owner:
        assert owner.scalar(found)


def test_accounts_are_found_by_an_index(owner: Session) -> None:
    """Three letters are enough for it; the table is small, and so the other way is switched off."""
    owner.execute(text("SET LOCAL enable_seqscan = off"))
    plan = "\n".join(owner.scalars(text("EXPLAIN SELECT id FROM users WHERE folded_words LIKE '%abcdef%'")))
    assert "users_by_words" in plan


# By birth date.


def born(caller: Caller, **wanted: Any) -> list[str]:
    """The names of the patients that a search gives."""
    answer = caller.get(f"/patients?{urlencode(wanted)}")
    assert answer.status_code == 200, answer.json
    return [patient["name"] for patient in answer.json["items"]]


@pytest.fixture
def twins(sign_in: SignIn) -> None:
    """Three who were born on one day, one on the next, and one of whom it is not known."""
    admin = sign_in("admin")
    for name, birth_date in (
        ("Ada Twin", "1990-02-28"),
        ("Bo Twin", "1990-02-28"),
        ("Cy Other", "1990-02-28"),
        ("Di Twin", "1990-03-01"),
        ("Ed Twin", None),
    ):
        body = {"name": name, **({"birthDate": birth_date} if birth_date else {})}
        assert admin.post("/patients", body).status_code == 201


@pytest.mark.usefixtures("twins")
def test_patients_are_found_by_the_day_of_their_birth_alone_and_together_with_words(sign_in: SignIn) -> None:
    """By name; who has another birthday, or none that is known, is not among them."""
    admin = sign_in("admin")
    assert born(admin, birthDate="1990-02-28") == ["Ada Twin", "Bo Twin", "Cy Other"]
    assert born(admin, birthDate="1990-02-28", q="twin") == ["Ada Twin", "Bo Twin"]
    assert born(admin, birthDate="1990-03-01", q="ada") == []
    assert born(admin, birthDate="1890-01-01") == []
    assert born(admin, birthDate="2990-01-01") == []
    page = admin.get("/patients?birthDate=1990-02-28&limit=2").json
    assert born(admin, birthDate="1990-02-28", limit=2, after=page["next"]) == ["Cy Other"]


@pytest.mark.usefixtures("twins")
def test_a_birth_date_shows_nobody_more_than_is_theirs_to_see(
    sign_in: SignIn, practice: Practice, owner: Session
) -> None:
    """A dentist finds those of the own diary, a patient themselves."""
    mia = practice.patients[0]
    owner.execute(text("UPDATE patients SET birth_date = '1990-02-28' WHERE id = :mia"), {"mia": mia})
    owner.execute(text("DELETE FROM appointments WHERE patient_id = :mia"), {"mia": mia})
    owner.commit()
    name = sign_in("patient1").user["name"]
    assert born(sign_in("patient1"), birthDate="1990-02-28") == [name]
    assert born(sign_in("patient2"), birthDate="1990-02-28") == []
    assert born(sign_in("dentist1"), birthDate="1990-02-28") == []
    assert name in born(sign_in("admin"), birthDate="1990-02-28")


def test_patients_are_found_by_their_birth_date_by_an_index_under_the_guard(
    database: DatabaseUrls, owner: Session, sign_in: SignIn
) -> None:
    """Row-level security keeps PostgreSQL from no index here: that two dates are equal leaks nothing."""
    owner.execute(
        text("""INSERT INTO patients (name, birth_date)
            SELECT 'Somebody', date '1950-01-01' + n FROM generate_series(1, 5000) n""")
    )
    owner.execute(text("ANALYZE patients"))
    owner.commit()
    admin = row_security.Identity(role="admin", user_id=sign_in("admin").user["id"])
    with plain_sql.connect(database.web, admin) as session:
        query = "EXPLAIN SELECT * FROM patients WHERE birth_date = '1955-05-05' ORDER BY folded_name, id LIMIT 51"
        assert "patients_by_birth_date" in "\n".join(session.scalars(text(query)))
