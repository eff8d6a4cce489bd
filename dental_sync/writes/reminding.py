"""Reminders: made by the lane, once for each appointment and time, REMINDER_HOURS before the start.

That somebody is reminded, the mail and the appointment's `confirmation` are one transaction, so that a process which
dies has done all of it or nothing. Nobody is reminded of what was booked or moved later than that: they know.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, select, text, tuple_
from sqlalchemy.orm import Session

from dental_sync.core.config import Settings
from dental_sync.storage import locks
from dental_sync.storage.log_models import RecordChange, SyncEvent
from dental_sync.storage.mail_models import Mail, Reminder
from dental_sync.sync import log
from dental_sync.writes import queue
from dental_sync.writes.lane import Batch

# Of one pass; the next follows at once.
REMINDED_AT_ONCE = 200

# An appointment that somebody changes is left for the next pass. Who cannot be written to is noted too, and not looked
# at again. What the appointment said when it was confirmed by the patient stays.
_REMIND = text("""
    WITH due AS MATERIALIZED (
        SELECT a.id, a.starts_at FROM appointments a
        WHERE a.status = 'booked' AND a.starts_at > clock_timestamp() AND a.starts_at <= clock_timestamp() + :before
            AND coalesce(CAST(a.last_move ->> 'at' AS timestamptz), a.created_at) <= a.starts_at - :before
            AND NOT EXISTS (
                SELECT FROM reminders r WHERE r.appointment_id = a.id AND r.starts_at = a.starts_at)
        ORDER BY a.starts_at, a.id LIMIT :at_most FOR NO KEY UPDATE OF a SKIP LOCKED
    ), noted AS (
        INSERT INTO reminders (appointment_id, starts_at) SELECT id, starts_at FROM due RETURNING appointment_id
    ), told AS (
        INSERT INTO mails (kind, channel, language, recipient, facts, expires_at)
        SELECT 'reminder', r.channel, coalesce(r.language, :language), r.address, jsonb_build_object(
                'appointmentId', a.id, 'sequence', a.version, 'startsAt', a.starts_at, 'endsAt', a.ends_at,
                'zone', d.time_zone, 'dentistName', a.dentist_name, 'patientName', a.patient_name,
                'forSelf', r.is_self, 'pending', false, 'confirmed', a.confirmation = 'confirmed'),
            least(a.starts_at, clock_timestamp() + interval '24 hours')
        FROM noted JOIN appointments a ON a.id = noted.appointment_id JOIN dentists d ON d.id = a.dentist_id
        CROSS JOIN LATERAL (
            SELECT 'mail' AS channel, address, language, is_self FROM mail_recipients(a.patient_id) WHERE :by_mail
            UNION ALL
            SELECT 'sms', p.phone, p.language, true FROM patients p
            WHERE p.id = a.patient_id AND p.phone IS NOT NULL AND :by_text
                AND NOT (:by_mail AND EXISTS (SELECT FROM mail_recipients(a.patient_id)))
        ) AS r
        RETURNING facts ->> 'appointmentId' AS appointment_id
    ), reminded AS (
        UPDATE appointments a SET confirmation = 'reminded'
        FROM (SELECT DISTINCT CAST(appointment_id AS uuid) AS id FROM told) AS one
        WHERE a.id = one.id AND a.confirmation = 'unconfirmed'
    )
    SELECT (SELECT count(*) FROM due) AS due, (SELECT count(*) FROM told) AS told
""")


def remind(session: Session, settings: Settings) -> Batch | None:
    """Remind whom it is time to, tell what changed, commit; None where another lane is at work.

    Raises DBAPIError when the database goes away; nothing has happened then.
    """
    if not settings.reminder_hours or not settings.writes_to_people:
        return Batch()
    if not queue.lock_lane(session, before=locks.writing(Reminder, Mail, SyncEvent, RecordChange)):
        session.rollback()
        return None
    if not session.scalar(select(func.outbox_has_room())):
        session.rollback()
        return Batch()
    done = session.execute(
        _REMIND,
        {
            "before": timedelta(hours=settings.reminder_hours),
            "at_most": REMINDED_AT_ONCE,
            "language": settings.mail_language,
            "by_mail": bool(settings.mail_url),
            "by_text": bool(settings.sms_url),
        },
    ).one()
    messages = log.publish(session, wait=bool(done.told))
    session.commit()
    return Batch(messages, more=done.due == REMINDED_AT_ONCE)


def prune(session: Session, *, limit: int) -> int:
    """Delete up to `limit` notes of reminders of what has begun, whose links do nothing any more; returns how many."""
    begun = select(Reminder.appointment_id, Reminder.starts_at).where(Reminder.starts_at < func.clock_timestamp())
    key = tuple_(Reminder.appointment_id, Reminder.starts_at)
    deleted = session.execute(delete(Reminder).where(key.in_(begun.limit(limit))).returning(Reminder.starts_at))
    return len(deleted.all())
