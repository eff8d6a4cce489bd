# ruff: noqa: RUF001 - the characters that look like others are what this is about
"""Text is compared as people mean it: names in any writing and order, numbers in any notation, lists as people read."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core import phone_numbers, typed_text
from tests.conftest import Caller

SignIn = Callable[..., Caller]


def names(caller: Caller, q: str) -> list[str]:
    """Who is found, past the demo's own."""
    answer = caller.client.get(
        "/api/patients", query_string={"q": q, "limit": 200}, headers={"Authorization": f"Bearer {caller.token}"}
    )
    assert answer.status_code == 200, answer.json
    return [item["name"] for item in answer.json["items"]]


@pytest.fixture
def admin(sign_in: SignIn) -> Caller:
    """Who keeps the patients."""
    return sign_in("admin")


@pytest.mark.parametrize(
    ("name", "searches"),
    [
        ("Jürgen Müller", ["Müller, Jürgen", "Müller Jürgen", "muller", "Mu\u0308ller", "MÜLLER  jürgen", "gen üll"]),
        ("Jürgen Müller".replace("ü", "u\u0308"), ["Müller", "muller jurgen", "Jürgen Müller"]),
        ("Sinéad O’Brien", ["O'Brien", "O’Brien", "obrien", "O`Brien Sinead"]),
        ("Łukasz Żółć", ["lukasz", "Łukasz", "zolc", "ŁUKASZ ŻÓŁĆ"]),
        ("Anne-Marie  Weiß", ["anne marie", "Weiss", "weiß", "Anne-Marie Weiß", "ANNE MARIE WEISS"]),
        ("Søren Ærø", ["soren", "aero", "SØREN"]),
        ("Σωκράτης Παππάς", ["σωκρατης", "ΠΑΠΠΑΣ", "Παππας"]),
        ("Ольга Йоханссон", ["ольга", "ЙОХАНССОН", "иоханссон"]),
        ("\u202bسارة\u202c", ["سارة"]),
        ("山田 太郎", ["太郎", "山田太"[:2]]),
    ],
)
def test_a_name_is_found_in_any_writing_and_its_words_in_any_order(
    admin: Caller, name: str, searches: list[str]
) -> None:
    """With or without marks, capitals, commas, the right apostrophe; composed as a Mac composes it, or not."""
    made = admin.post("/patients", {"name": name})
    assert made.status_code == 201, made.json
    for q in searches:
        assert names(admin, q) == [made.json["name"]], q
    assert names(admin, searches[0] + " nobody") == []


@pytest.mark.parametrize("role", ["admin", "patient1"])
def test_who_may_see_few_finds_by_the_same_rules(sign_in: SignIn, owner: Session, role: str) -> None:
    """The desk finds by an index, everybody else by looking at the few that they may see."""
    caller = sign_in(role)
    owner.execute(
        text("UPDATE patients SET name = 'Mía Schmidt-Ørsted', phone = '030 5550123' WHERE name = 'Mia Schmidt'")
    )
    owner.commit()
    for q in ("orsted, MIA", "patient1 mia", "+49305550123", "5550"):
        assert names(caller, q) == ["Mía Schmidt-Ørsted"], q
    for q in ("mia becker", "+43305550123", "..."):
        assert names(caller, q) == [], q


@pytest.mark.parametrize(
    "written", ["030 5550123", "+49 30 5550123", "0049 30 5550123", "+49 (0)30 / 555-0123", "305550123"]
)
def test_a_number_is_found_however_it_is_written(admin: Caller, written: str) -> None:
    """As the telephone system has it, as people write it, and back; stored as it was written."""
    made = admin.post("/patients", {"name": "Caller", "phone": written})
    assert made.json["phone"] == written
    for q in ("+49305550123", "+49 30 5550123", "0049305550123", "030 5550123", "030/5550123"):
        assert names(admin, q) == ["Caller"], q
    for q in ("+43305550123", "+49315550123", "031 5550123"):
        assert names(admin, q) == [], q


def test_without_a_country_only_digits_are_compared(admin: Caller) -> None:
    """A practice that has not said where it is; what it says is checked, and null takes it back."""
    admin.post("/patients", {"name": "Caller", "phone": "030 5550123"})
    assert admin.patch("/practice", {"country": None}).json["country"] is None
    assert names(admin, "+49305550123") == []
    assert names(admin, "030/5550123") == ["Caller"]
    for wrong in ("Germany", "de", "XX", ""):
        assert admin.patch("/practice", {"country": wrong}).status_code == 422
    assert admin.patch("/practice", {"country": "DE"}).json["country"] == "DE"
    assert names(admin, "+49305550123") == ["Caller"]


def test_a_number_of_another_country_is_not_taken_for_one_of_this() -> None:
    """What is stored without a country code is the practice's country's."""
    assert "0305550123" in phone_numbers.same_number("+49 30 5550123", "DE")
    assert "0305550123" not in phone_numbers.same_number("+43 30 5550123", "DE")
    assert phone_numbers.same_number("030 5550123", None) == []


def test_lists_are_in_the_order_in_which_people_look_and_page_by_page_the_same(admin: Caller, owner: Session) -> None:
    """Łukasz stands among L, "van der Berg" among V, É among E; nobody is missed or shown twice."""
    owner.execute(text("DELETE FROM appointments"))
    owner.execute(text("DELETE FROM patients"))
    owner.commit()
    in_order = [
        "Élodie",
        "eva",
        "Łukasz",
        "Lydia",
        "Müller",
        "O’Brien",
        "OBrien",
        "Öztürk",
        "van der Berg",
        "Vogel",
        "Żaneta",
    ]
    for name in reversed(in_order):
        admin.post("/patients", {"name": name})
    found: list[str] = []
    path = "/patients?limit=3"
    while path:
        page = admin.get(path).json
        found += [item["name"] for item in page["items"]]
        path = f"/patients?limit=3&after={page['next']}" if page["next"] else ""
    assert sorted(found) == sorted(in_order)
    assert [name for name in found if "Brien" not in name] == [name for name in in_order if "Brien" not in name]


@pytest.mark.parametrize(("path", "more"), [("/treatments", {"durationMinutes": 30}), ("/chairs", {"kind": "surgery"})])
def test_treatments_and_chairs_are_in_that_order_too(admin: Caller, path: str, more: dict[str, Any]) -> None:
    """By the same folded form."""
    for name in ("Zahnreinigung", "Äußere Füllung", "bleaching"):
        assert admin.post(path, {"name": name, **more}).status_code == 201
    listed = [item["name"] for item in admin.get(f"{path}?limit=200").json["items"]]
    assert [name for name in listed if name in {"Zahnreinigung", "Äußere Füllung", "bleaching"}] == [
        "Äußere Füllung",
        "bleaching",
        "Zahnreinigung",
    ]


def test_a_search_of_many_uses_the_index(owner: Session, admin: Caller) -> None:
    """Of 20,000 patients, a name of two words and a number are found without reading them all."""
    owner.execute(
        text(
            "INSERT INTO patients (name, phone)"
            " SELECT 'Patient ' || n, '030 ' || n FROM generate_series(100000, 119999) n"
        )
    )
    owner.commit()
    owner.execute(text("ANALYZE patients"))
    owner.commit()
    # At this size reading all of a narrow table may be as cheap: what is asked is whether the index can serve.
    owner.execute(text("SET LOCAL enable_seqscan = off"))
    plans = [
        "\n".join(owner.scalars(text("EXPLAIN SELECT id FROM patients WHERE " + where)).all())
        for where in ("folded_words LIKE '%117%' AND folded_words LIKE '%schmidt%'", "phone_digits LIKE '%0301171%'")
    ]
    assert all("Bitmap Index Scan" in plan for plan in plans), plans
    assert names(admin, "schmidt MIA") == ["Mia Schmidt"]
    assert "Patient 117123" in names(admin, "117123 patient")


# What is typed.

characters = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
    | st.sampled_from(" \t\n\r\u00a0\u200b\u200f\u202e\u2066\ufeff\u0308\u00adaeu"),
    max_size=40,
)


@given(written=characters)
def test_what_is_typed_has_one_form(written: str) -> None:
    """The same text composed differently, or with other blanks, is the same; doing it twice changes nothing."""
    for form in (typed_text.line, typed_text.paragraphs, typed_text.note):
        normal = form(written)
        assert form(normal) == normal
        assert form(unicodedata.normalize("NFD", written)) == normal or not unicodedata.is_normalized("NFC", normal)
        assert unicodedata.is_normalized("NFC", normal)
        assert not [c for c in normal if unicodedata.category(c) == "Cc" and c not in "\n\t"]
        assert not [
            c for c in normal if unicodedata.bidirectional(c) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI"}
        ]
    line = typed_text.line(written)
    assert line == line.strip()
    assert "  " not in line
    assert "\n" not in line


@hypothesis_settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(written=characters)
def test_a_folded_form_is_folded_and_the_same_for_each_composition(owner: Session, written: str) -> None:
    """PostgreSQL's form: folding it again changes nothing, and NFC, NFD and capitals fold alike."""
    fold = text("SELECT fold(:t), fold(fold(:t)), fold(:nfd), fold(:nfc)")
    values = {"t": written, "nfd": unicodedata.normalize("NFD", written), "nfc": unicodedata.normalize("NFC", written)}
    once, twice, nfd, nfc = owner.execute(fold, values).one()
    owner.rollback()
    assert once == twice == nfd == nfc
    assert once == once.strip()


def test_several_lines_keep_their_lines() -> None:
    """A reason may have paragraphs, and clinical notes a layout."""
    assert typed_text.paragraphs("  It  hurts.\r\n\r\n\r\n\r\nSince\tMonday. \n") == "It hurts.\n\nSince Monday."
    assert typed_text.note("a  b\r\n\tc\u202e \n") == "a  b\n\tc"


def test_names_and_numbers_are_stored_in_their_one_form(admin: Caller) -> None:
    """NFC, single spaces, nothing unseen; in a PATCH too."""
    made = admin.post(
        "/patients", {"name": " Mu\u0308ller\u200b,\u00a0  Ju\u0308rgen\u202e ", "phone": "030\t123  45"}
    ).json
    assert (made["name"], made["phone"]) == ("Müller, Jürgen", "030 123 45")
    assert admin.patch(f"/patients/{made['id']}", {"name": "A\u030angstro\u0308m"}).json["name"] == "Ångström"
    assert admin.post("/patients", {"name": "\u200b\u202e"}).status_code == 422


def test_who_registers_with_blanks_around_the_address_signs_in_with_the_same_text(sign_in: SignIn) -> None:
    """Also with an international domain, as it is written and as it is sent."""
    client = sign_in("chatbot").client
    for number, written in enumerate([" a@b.example ", "info@zähne-müller.example", "ju\u0308rgen@b.example"]):
        account = {"email": written, "password": "a long password", "name": f"N{number}"}
        registered = client.post("/api/auth/register", json=account)
        assert registered.status_code == 201, registered.json
        del account["name"]
        assert client.post("/api/auth/login", json=account).status_code == 200
    again = {"email": "info@xn--zhne-mller-q5a9y.example", "password": "a long password"}
    again["email"] = "info@" + "zähne-müller.example".encode("idna").decode()
    assert client.post("/api/auth/login", json=again).status_code == 200


def test_an_account_that_was_stored_in_another_composition_still_signs_in(sign_in: SignIn, owner: Session) -> None:
    """Rows of the previous release keep their text."""
    owner.execute(
        text("UPDATE users SET email = :nfd WHERE email = 'patient1@demo.test'"), {"nfd": "mu\u0308ller@demo.test"}
    )
    owner.commit()
    client = sign_in("chatbot").client
    for written in ("müller@demo.test", "mu\u0308ller@DEMO.test"):
        login = client.post("/api/auth/login", json={"email": written, "password": "demo-password-1"})
        assert login.status_code == 200, login.json
