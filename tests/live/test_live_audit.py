"""The audit trail and sockets, on real processes."""

from __future__ import annotations

from .conftest import Connect
from .system import System


def test_who_listens_to_appointments_is_noted_once_a_minute(system: System, connect: Connect) -> None:
    """The audit trail tells whose appointments, or that it was everybody's; what is free is no secret.

    A client that follows again and again, on one connection or another, must not fill the table.
    """
    patient, dentist = system.account("patient12").patient_id, system.account("dentist3").dentist_id
    wanted = [
        f"appointments:patient:{patient}",
        f"appointments:dentist:{dentist}",
        "appointments:all",
        "availability:all",
    ]
    began = system.ask("SELECT coalesce(max(id), 0) FROM audit")
    for _ in range(2):
        admin = connect(system, "admin")
        for _ in range(3):
            for channel in wanted:
                assert admin.emit("subscribe", {"channel": channel})["ok"] is True
                assert admin.emit("subscribe", {"channel": channel})["ok"] is True
            assert admin.emit("unsubscribe_all", {})["ok"] is True
    noted = system.ask(
        "SELECT json_agg(ARRAY[record_kind, record_ids[1]::text, address] ORDER BY id) FROM audit"
        " WHERE id > %s AND action = 'subscribe' AND record_kind <> 'appointment' AND actor_role = 'admin'",
        began,
    )
    assert noted == [["patient", patient, "127.0.0.1"], ["dentist", dentist, "127.0.0.1"]]
    everybody = (
        "SELECT count(*) FROM audit WHERE action = 'subscribe' AND record_kind = 'appointment' AND actor_role = 'admin'"
    )
    # Another test may have followed it within the minute, and another minute may have begun meanwhile.
    assert system.ask(everybody + " AND at > now() - interval '2 minutes'") >= 1
    assert system.ask(everybody + " AND id > %s", began) <= 2
