"""What a Prometheus reads: who may, how it is said, and that none of it is about anybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from apiflask import APIFlask
from sqlalchemy import event

from dental_sync.core.extensions import db
from dental_sync.core.instants import format_instant
from dental_sync.records import demo
from dental_sync.sync.delivery import Delivery
from tests.conftest import METRICS_TOKEN, Caller, Practice
from tests.monitoring.asked import MONDAY, ask, scrape
from tests.scraped import Scraped

# Who may ask.


def test_without_a_token_in_the_settings_there_is_no_such_address(another_app: Callable[..., APIFlask]) -> None:
    """404 as of any unknown path, whatever is shown and whatever the method."""
    client = another_app(metrics_token="").test_client()
    for method in ("GET", "POST"):
        for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Bearer {METRICS_TOKEN}"}):
            answer = client.open("/metrics", method=method, headers=headers)
            assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
            assert answer.json["code"] == "not-found"
            unknown = client.open("/unknown", method=method).json
            assert {**answer.json, "instance": ""} == {**unknown, "instance": ""}


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        f"Basic {METRICS_TOKEN}",
        f"Bearer {METRICS_TOKEN}x",
        f"Bearer {METRICS_TOKEN[:-1]}",
        f"Bearer {METRICS_TOKEN} {METRICS_TOKEN}",
        "Bearer ähnlich",
    ],
)
def test_whoever_does_not_show_the_token_learns_nothing(app: APIFlask, authorization: str | None) -> None:
    """401 with a challenge, as a problem, and not a number in it."""
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = app.test_client().get("/metrics", headers=headers)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert answer.json["code"] == "unauthorized"
    assert "dental_sync_" not in answer.text


def test_an_admins_access_token_is_not_the_token(app: APIFlask, sign_in: Callable[..., Caller]) -> None:
    """Accounts are for people; and the token is no account."""
    assert ask(app, sign_in("admin").token).status_code == 401
    headers = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    assert app.test_client().get("/api/auth/me", headers=headers).status_code == 401


def test_a_scrape_is_not_limited_as_a_caller_is(another_app: Callable[..., APIFlask]) -> None:
    """A Prometheus asks for ever, and several may."""
    app = another_app(rate_limit_per_minute=1, login_limit_per_minute=1)
    assert [ask(app).status_code for _ in range(5)] == [200] * 5


def test_the_apis_document_does_not_change_with_it(another_app: Callable[..., APIFlask]) -> None:
    """It is beside the API: no path, no tag, nothing."""
    with_it, without = another_app(), another_app(metrics_token="")
    assert with_it.test_client().get("/api/openapi.json").json == without.test_client().get("/api/openapi.json").json


# How it is said.


def test_it_is_said_as_prometheus_wants_it(app: APIFlask) -> None:
    """Its text format, kept by nobody; every metric of ours has a sentence, and a name by the rules."""
    answer = ask(app)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    families = Scraped(answer.text).families
    ours = {name: family for name, family in families.items() if name.startswith("dental_sync_")}
    assert len(ours) > 15
    for name, family in ours.items():
        assert family.documentation.endswith("."), name
        assert name == name.lower()
        assert not name.endswith("_total")
        assert all(sample.name.endswith("_total") for sample in family.samples if family.type == "counter")
    assert families["process_resident_memory_bytes"].samples[0].value > 1_000_000
    assert set(families) - set(ours) == {name for name in families if name.startswith("process_")}


@pytest.mark.usefixtures("delivery")
def test_the_document_names_what_there_is(app: APIFlask) -> None:
    """Every metric of ours is explained, and the alerts ask for none that is not there."""
    families = scrape(app).families
    document = (Path(__file__).parents[2] / "docs" / "deploying.md").read_text()
    section = document.partition("### Metrics\n")[2].partition("\n## ")[0]
    table = section[section.index("| Metric |") : section.index("Alerts that need")]
    explained = set(
        re.findall(r"`([a-z_]+)(?:\{[a-z,]+\})?`", " ".join(row.split("|")[1] for row in table.splitlines() if row))
    )
    samples = {
        f"{name}_total" if family.type == "counter" else name
        for name, family in families.items()
        if name.startswith("dental_sync_")
    }
    assert {f"dental_sync_{name}" for name in explained} == samples
    rules = [
        rule
        for group in yaml.safe_load(section.split("```yaml")[2].split("```")[0])["groups"]
        for rule in group["rules"]
    ]
    assert len(rules) > 10
    for rule in rules:
        asked = set(re.findall(r"\b(?:dental_sync|process)_[a-z_]+", rule["expr"]))
        assert asked or rule["expr"].startswith("up{"), rule
        assert {name.removesuffix("_bucket") for name in asked} <= samples | set(families), rule


def test_a_scrape_asks_the_database_no_more_than_a_health_check(app: APIFlask) -> None:
    """The same statements, and as many."""
    asked: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert app.test_client().get("/api/sync/health").status_code == 503  # nothing is delivered yet
    by_health, asked[:] = list(asked), []
    scrape(app)
    assert asked == by_health
    assert len(asked) < 6


def test_nothing_is_said_about_anybody(
    app: APIFlask, sign_in: Callable[..., Caller], practice: Practice, delivery: Delivery
) -> None:
    """A booking, its page, the patient's, what does not exist: no name, no id, no address that was asked."""
    admin = sign_in("admin")
    wish = {
        "dentistId": str(practice.dentists[0]),
        "patientId": str(practice.patients[0]),
        "startsAt": format_instant(MONDAY),
        "treatmentId": str(practice.treatments["Check-up"]),
        "reason": "a toothache",
    }
    booked = admin.post("/appointments", wish)
    assert booked.status_code == 201, booked.json
    delivery.look()
    admin.get(f"/appointments/{booked.json['id']}")
    admin.get(f"/patients/{practice.patients[0]}")
    admin.get("/patients?q=Mia")
    admin.get("/patients/mia@demo.test")
    app.test_client().open("/nosuch/Mia", method="MIA")
    said = scrape(app)
    route = "/api/appointments/<uuid:appointment_id>"
    assert said("http_requests_total", method="GET", route=route, status="200") == 1
    assert said("http_requests_total", method="GET", route="other", status="404") == 1
    assert said("http_requests_total", method="other", route="other", status="404") == 1
    people = [*demo.PATIENTS, *demo.DENTISTS, *map(str, practice.patients), *map(str, practice.dentists)]
    secrets = [*people, *(part for name in demo.PATIENTS for part in name.split()), booked.json["id"], admin.user["id"]]
    for word in [*secrets, "@", "mia", "toothache", delivery.epoch, METRICS_TOKEN, admin.token]:
        assert word.lower() not in said.text.lower(), word
