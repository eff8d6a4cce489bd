"""A patient of whom something is kept in every column that is erased, with a mark in each."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.sync import events, log
from tests import plain_sql
from tests.conftest import a_free_monday
from tests.storage.house import House
from tests.storage.personal_data import BORN, DIGITS, mark


def fill(owner: Session, house: House) -> None:
    """Let everything be known about Mia, whose appointments are over, past the app."""
    mia, lina, noah, anna = house.mia, house.lina, house.noah, house.anna

    def run(statement: str, **values: Any) -> Any:
        values = {name: json.dumps(value) if isinstance(value, dict) else value for name, value in values.items()}
        known = {"patient": mia.patient_id, "account": mia.user_id, "anna": anna.user_id, **values}
        return owner.execute(text(statement), {name: known[name] for name in known if f":{name}" in statement})

    def marks(table: str, *columns: str) -> dict[str, str]:
        return {column: mark(table, column) for column in columns}

    run(
        "UPDATE users SET name = :name, email = :email, password_hash = :password_hash WHERE id = :account",
        **marks("users", "name", "email", "password_hash"),
    )
    run(
        "UPDATE patients SET name = :name, email = :email, phone = :phone, birth_date = :born WHERE id = :patient",
        **marks("patients", "name", "email"),
        phone=f"{mark('patients', 'phone')} {DIGITS}",
        born=BORN,
    )
    # The record that hers has taken in.
    run(
        "UPDATE patients SET name = :name, phone = :phone WHERE merged_into = :patient",
        **marks("patients", "name", "phone"),
    )
    run(
        "INSERT INTO patient_remarks (patient_id, remark, updated_by)"
        " SELECT id, :remark, :anna FROM patients WHERE merged_into = :patient",
        **marks("patient_remarks", "remark"),
    )
    run("UPDATE patient_remarks SET remark = :remark WHERE patient_id = :patient", **marks("patient_remarks", "remark"))
    run(
        "UPDATE appointment_notes SET notes = :notes"
        " WHERE appointment_id IN (SELECT id FROM appointments WHERE patient_id = :patient)",
        **marks("appointment_notes", "notes"),
    )
    run(
        "UPDATE appointments SET status = 'cancelled', cancelled_at = now(), cancelled_by = 'patient',"
        " reason = :reason, cancel_reason = :cancel_reason, last_move = :last_move"
        " WHERE patient_id = :patient AND status = 'booked'",
        **marks("appointments", "reason", "cancel_reason"),
        last_move={"name": "cancel", "before": {"reason": mark("appointments", "last_move")}},
    )
    # A message of the log must have them before, and a change that is not published yet.
    run("UPDATE appointments SET reason = :payload WHERE patient_id = :patient", payload=mark("sync_events", "payload"))
    # One that is gone: its last message alone says what it was.
    gone = plain_sql.book(owner, mia.patient_id, anna.dentist_id, a_free_monday(weeks=-5))
    run("UPDATE appointments SET reason = :removed WHERE id = :gone", removed=mark("sync_events", "removed"), gone=gone)
    run("DELETE FROM appointments WHERE id = :gone", gone=gone)
    log.publish(owner, wait=True)
    for column in ("old", "new"):
        run("UPDATE appointments SET reason = :reason WHERE patient_id = :patient", reason=mark("changes", column))
    run(
        "UPDATE appointments SET reason = :reason WHERE patient_id = :patient",
        reason=mark("appointments", "reason"),
    )
    run(
        "UPDATE auth_sessions SET address = :address, user_agent = :user_agent WHERE user_id = :account",
        **marks("auth_sessions", "address", "user_agent"),
    )
    run(
        "UPDATE calendar_feeds SET secret_hash = CAST(:secret AS text)::bytea WHERE user_id = :account",
        secret=mark("calendar_feeds", "secret_hash"),
    )
    run(
        "INSERT INTO second_factors (user_id, secret, recovery_hashes) VALUES (:account, :secret, ARRAY[:hashes])",
        secret=mark("second_factors", "secret"),
        hashes=mark("second_factors", "recovery_hashes"),
    )
    run(
        "INSERT INTO invitations (patient_id, kind, relation, code_hash, expires_at)"
        " VALUES (:patient, 'guardian', :relation, CAST(:code_hash AS text)::bytea, now() + interval '1 day')",
        **marks("invitations", "relation", "code_hash"),
    )
    run(
        "INSERT INTO mails (kind, language, recipient, facts) VALUES ('moved', 'de', :recipient, :facts)",
        recipient=mark("mails", "recipient"),
        facts={"appointmentId": str(house.appointments[0]), "patientName": mark("mails", "facts")},
    )
    run(
        "INSERT INTO mails (kind, language, recipient, facts) VALUES ('reset-code', 'de', :recipient, '{}')",
        recipient=mark("users", "email").upper(),
    )
    run(
        "INSERT INTO account_codes (user_id, purpose, code_hash, expires_at, new_address)"
        " VALUES (:account, 'address', CAST(:code_hash AS text)::bytea, now() + interval '1 hour', :new_address)"
        " ON CONFLICT (user_id, purpose) DO UPDATE"
        " SET code_hash = excluded.code_hash, new_address = excluded.new_address",
        **marks("account_codes", "code_hash", "new_address"),
    )
    # Who acts for her, and for whom she acts.
    run(
        "UPDATE acting SET relation = :relation WHERE user_id = :lina AND kind = 'guardian'",
        **marks("acting", "relation"),
        lina=lina.user_id,
    )
    run(
        "INSERT INTO acting (user_id, patient_id, kind, relation) VALUES (:account, :noah, 'guardian', :relation)",
        noah=noah.patient_id,
        **marks("acting", "relation"),
    )
    booked = house.appointments[0]
    row = run("SELECT * FROM appointments WHERE id = :id", id=booked).mappings().one()
    answer = {
        "status": 200,
        "headers": {},
        "body": {**events.appointment(row), "reason": mark("write_requests", "outcome")},
    }
    requests = "write_requests"
    traces = marks(requests, "body_hash", "caller_request_id", "address", "user_agent")
    for sender, action, subject, path, body in (
        (mia.user_id, "cancel", booked, f"/api/appointments/{booked}/cancel", {}),
        (mia.user_id, "book", None, "/api/appointments", {}),
        (anna.user_id, "book-series", None, "/api/appointments/series", {"patientId": str(mia.patient_id)}),
        # By a link, without signing in.
        (None, "cancel-by-link", booked, f"/api/appointments/{booked}/cancel", {}),
        (lina.user_id, "reschedule", booked, f"/api/appointments/{booked}", {}),
    ):
        is_her_own = sender in (mia.user_id, None)
        run(
            "INSERT INTO write_requests (id, sender_id, action, subject_id, body, method, path, body_hash,"
            " idempotency_key, caller_request_id, address, user_agent, status, decided_at, outcome)"
            " VALUES (gen_random_uuid(), :sender, :action, :subject, :body, 'POST', :path,"
            " CAST(:body_hash AS text)::bytea, :key, :caller_request_id, :address, :user_agent, 'applied', now(),"
            " :outcome)",
            sender=sender,
            action=action,
            subject=subject,
            path=path,
            body={**body, "reason": mark(requests, "body")},
            outcome={
                **answer,
                "body": {"appointments": [answer["body"]]} if action == "book-series" else answer["body"],
            },
            key=mark(requests, "idempotency_key"),
            # Where others called from is no word about her.
            **{name: value if is_her_own or name == "body_hash" else "staff's" for name, value in traces.items()},
        )
    kept = marks("kept_answers", "idempotency_key", "body_hash")
    said = mark("kept_answers", "answer")
    for sender, method, path, answered in (
        (mia.user_id, "POST", "/api/patients", {"anything": said}),
        (
            anna.user_id,
            "POST",
            "/api/patients",
            {"id": str(mia.patient_id), "name": said, "phone": said, "email": said},
        ),
        (anna.user_id, "PATCH", f"/api/patients/{mia.patient_id}", {"remark": said, "birthDate": BORN}),
        (anna.user_id, "PUT", f"/api/appointments/{booked}/notes", {"notes": said}),
        (
            anna.user_id,
            "POST",
            f"/api/patients/{noah.patient_id}/guardians",
            {"userId": str(mia.user_id), "name": said},
        ),
    ):
        is_her_own = sender == mia.user_id
        run(
            "INSERT INTO kept_answers (sender_id, method, path, idempotency_key, body_hash, answer)"
            " VALUES (:sender, :method, :path, :key, CAST(:body_hash AS text)::bytea, :answer)",
            sender=sender,
            method=method,
            path=path,
            key=kept["idempotency_key"] if is_her_own else f"{method} {path}",
            body_hash=kept["body_hash"] if is_her_own else "x",
            answer={"status": 200, "headers": {}, "body": answered},
        )
    noted = marks("audit", "address", "user_agent", "caller_request_id")
    for by, records in (
        (mia.user_id, [noah.patient_id]),
        (anna.user_id, [mia.patient_id]),
        (None, [mia.user_id, booked]),
    ):
        run(
            "INSERT INTO audit (actor_id, actor_role, action, record_kind, record_ids, caller_request_id, address,"
            " user_agent, details) VALUES (:by, 'patient', 'read', 'patient', :records, :caller_request_id, :address,"
            " :user_agent, :details)",
            by=by,
            records=records,
            details={"where": "GET /api", "anything": mark("audit", "details")},
            **{**noted, "caller_request_id": noted["caller_request_id"] if by == mia.user_id else "staff's"},
        )
    # Of others, who must lose nothing.
    run("UPDATE patients SET name = 'Noah Bleibt', phone = '030 1' WHERE id = :noah", noah=noah.patient_id)
    run("UPDATE appointments SET reason = 'checked' WHERE patient_id = :noah", noah=noah.patient_id)
    owner.commit()
