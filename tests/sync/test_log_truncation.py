"""What fires no row trigger: TRUNCATE, and a trigger that somebody switched off."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.sync import log


def test_truncate_begins_another_log_and_frees_the_time(owner: Session) -> None:
    """Nobody can say row by row what TRUNCATE took away, so every client must fetch a snapshot."""
    log.publish(owner, wait=True)
    before = log.head(owner)
    owner.execute(text("TRUNCATE appointments, appointment_notes, reminders"))
    assert log.publish(owner, wait=True) == []
    after = log.head(owner)
    assert after.epoch != before.epoch
    assert after.pruned_through == after.position == before.position + log.POSITIONS_BETWEEN_EPOCHS
    assert owner.scalar(text("SELECT count(*) FROM claims")) == 0


def test_a_trigger_that_is_switched_off_is_seen(owner: Session) -> None:
    """Changes that go unseen are found before anybody misses them."""
    assert log.silent_tables(owner) == []
    owner.execute(text("ALTER TABLE appointments DISABLE TRIGGER note_update"))
    owner.execute(text("DROP TRIGGER note_truncation ON closures"))
    assert log.silent_tables(owner) == ["appointments", "closures"]


def test_every_noting_trigger_of_the_database_is_watched(owner: Session) -> None:
    """A migration that adds a trigger adds it to the list, or nobody would see that it is switched off."""
    found = {row.table_name: row.enabled for row in owner.execute(log.ENABLED_TRIGGERS)}
    assert found == log.NOTING_TRIGGERS
