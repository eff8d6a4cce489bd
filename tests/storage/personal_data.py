"""What each column says about patients: one line for a table, and a new column fails until it is in one of the lists.

What is *exported* is what `records/export.PARTS` names. A column may be erased and exported.
"""

from __future__ import annotations

from collections import defaultdict

from dental_sync.records import export

MARK = "zqx"
# What is no text, and so has a mark of its own.
BORN, DIGITS = "1901-02-03", "0990990990"
MARKS = (MARK, BORN, DIGITS, MARK.encode().hex())


def mark(table: str, column: str) -> str:
    """What is written where personal data stand in a column, so that it is found again wherever it got to."""
    return f"{MARK}-{table}-{column}"


# Of whom is erased nothing is left in these; tests/storage/erasable.py puts a mark into each.
ERASED: dict[str, str] = {
    "account_codes": "code_hash new_address",
    "acting": "relation",
    "appointment_notes": "notes",
    "appointments": "patient_name reason cancel_reason last_move",
    "audit": "address user_agent caller_request_id details",
    "auth_sessions": "address user_agent",
    "calendar_feeds": "secret_hash",
    "changes": "old new",
    "invitations": "relation code_hash",
    "kept_answers": "idempotency_key body_hash answer",
    "mails": "recipient facts",
    "patient_remarks": "remark",
    "patients": "name phone email birth_date folded_name folded_words phone_digits",
    "second_factors": "secret recovery_hashes",
    "sync_events": "payload removed",
    "users": "name email password_hash folded_words",
    "write_requests": "body body_hash outcome idempotency_key caller_request_id address user_agent",
}

# These say nothing of a patient: ids, times and states without a name beside them, and what is the practice's.
FREE: dict[str, str] = {
    "account_codes": "user_id wrong_tries",
    "acting": "kind",
    "alembic_version": "version_num",
    "appointments": "patient_id buffer_before_minutes buffer_after_minutes claimed_from claimed_to layers",
    "auth_sessions": "id user_id refresh_id previous_refresh_id",
    "calendar_feeds": "user_id",
    "chair_time_off": "id chair_id starts_at ends_at reason",
    "chairs": "id name kind active folded_name",
    "changes": "id table_name occurred_at freed write_id actor_id acted_as",
    "claims": "owner_id owner_kind resource_id during expires_at layers",
    "closures": "id starts_at ends_at reason",
    # A keyed digest, for an hour.
    "code_mails": "address_digest since mails",
    "dentists": "id user_id name time_zone follows_practice folded_name active created_at profession offers",
    "holds": "user_id chair_id buffer_before_minutes buffer_after_minutes claimed_from claimed_to layers assistant_id",
    "invitations": "patient_id",
    "kept_answers": "id sender_id method path sent_at",
    "lane": "id rules_version",
    "log_head": "id position pruned_through epoch fingerprint",
    "mails": "id kind channel language created_at expires_at due_at attempts settled_at outcome",
    "patient_merges": "id account_id appointments guardians filled",
    "patient_remarks": "patient_id",
    "patients": "user_id merged_into",
    "practice": "id name time_zone minimum_notice_minutes furthest_advance_days slot_step_minutes country address phone"
    " public_booking new_patients open_bookings_per_patient cancel_cutoff_hours",
    "practice_logo": "id media_type image",
    "record_changes": "id kind record_id change occurred_at write_id actor_id acted_as",
    "rule_changes": "id",
    "reminders": "appointment_id starts_at made_at confirmed_at cancelled_at",
    "second_factors": "user_id confirmed_at last_step created_at",
    "sync_events": "position type channels occurred_at write_id actor_id acted_as",
    "time_off": "id dentist_id starts_at ends_at reason",
    "treatments": "id name duration_minutes buffer_before_minutes buffer_after_minutes requires_approval chair_kind"
    " needs_assistant active slot_step_minutes minimum_notice_minutes furthest_advance_days folded_name public",
    "working_hours": "id dentist_id iso_weekday starts ends valid_from valid_to ends_next_day",
    "write_requests": "seq if_match attempts not_before resource",
}

# A mark that is another one than the column's own: a copy, or no text.
OTHER_MARKS = {
    ("appointments", "patient_name"): mark("patients", "name"),
    ("patients", "birth_date"): BORN,
    ("patients", "phone_digits"): DIGITS,
    ("patients", "folded_name"): mark("patients", "name").replace("-", " "),
    ("patients", "folded_words"): mark("patients", "email").replace("-", " "),
    ("users", "folded_words"): mark("users", "email").replace("-", " "),
    # As PostgreSQL writes bytes.
    **{
        one: mark(*one).encode().hex()
        for one in (
            ("account_codes", "code_hash"),
            ("calendar_feeds", "secret_hash"),
            ("invitations", "code_hash"),
            ("kept_answers", "body_hash"),
            ("write_requests", "body_hash"),
        )
    },
}


def erased() -> dict[tuple[str, str], str]:
    """The mark of each column that is erased."""
    columns = [(table, column) for table, names in ERASED.items() for column in names.split()]
    return {one: OTHER_MARKS.get(one, mark(*one)) for one in columns}


def exported() -> dict[str, set[str]]:
    """The columns that are exported, by table."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for part in export.PARTS:
        found[part.table.__tablename__] |= {*part.columns}
    return dict(found)


def free() -> set[tuple[str, str]]:
    """The columns without personal data."""
    return {(table, column) for table, names in FREE.items() for column in names.split()}
