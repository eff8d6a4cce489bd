"""The log: every committed change in one order without holes, nothing of what was rolled back."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.errors import ResyncRequired
from dental_sync.local.embedded.postgres import DatabaseUrls
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.storage import row_security
from dental_sync.sync import log
from dental_sync.sync.events import Message
from tests import plain_sql
from tests.conftest import Practice, SignedInPractice, a_free_monday


def published(session: Session) -> list[Message]:
    """Publish what is due, and commit."""
    messages = log.publish(session, wait=True)
    session.commit()
    return messages


def everything(session: Session, since: int = 0) -> list[Message]:
    """What a reader gets page by page, as it would with a small page."""
    found: list[Message] = []
    while page := log.read(session, since=found[-1].position if found else since, limit=100):
        found += page
    return found


def assert_no_hole(messages: list[Message], *, after: int = 0) -> None:
    """Positions are consecutive."""
    assert [message.position for message in messages] == list(range(after + 1, after + 1 + len(messages)))


@pytest.fixture
def quiet(owner: Session) -> int:
    """The log once the demo data has been published: its position."""
    published(owner)
    position = log.head(owner).position
    owner.rollback()
    return position


def test_what_was_loaded_before_anybody_looked_is_in_the_log(owner: Session) -> None:
    """The demo data came by plain SQL: each appointment was created once, in one order without holes."""
    count = owner.scalar(text("SELECT count(*) FROM appointments"))
    assert_no_hole(published(owner))
    messages = everything(owner)
    assert_no_hole(messages)
    assert sum(message.type == "appointment:created" for message in messages) == count
    assert log.head(owner).position == len(messages)


def test_publishing_returns_what_reading_finds(owner: Session, practice: Practice, quiet: int) -> None:
    """What is emitted at once and what is repaired from the log cannot differ."""
    booked = plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
    owner.execute(text("UPDATE appointments SET reason = 'x' WHERE id = :id"), {"id": booked})
    owner.execute(
        text("UPDATE appointments SET dentist_id = :d WHERE id = :id"), {"d": practice.dentists[1], "id": booked}
    )
    owner.execute(text("DELETE FROM appointments WHERE id = :id"), {"id": booked})
    owner.commit()
    messages = published(owner)
    assert [message.wire() for message in messages] == [m.wire() for m in everything(owner, quiet)]
    assert [m.type for m in messages if m.type.startswith("appointment:")] == [
        "appointment:created",
        "appointment:updated",
        "appointment:deleted",
        "appointment:created",
        "appointment:updated",
        "appointment:deleted",
    ]
    assert_no_hole(messages, after=quiet)


@pytest.mark.usefixtures("quiet")
def test_the_first_message_of_a_change_says_when_it_happened(owner: Session, practice: Practice) -> None:
    """`occurredAt` is the change's own time, not the publication's."""
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
    happened = owner.scalar(text("SELECT occurred_at FROM changes LIMIT 1"))
    owner.commit()
    owner.execute(text("UPDATE changes SET occurred_at = occurred_at - interval '1 hour'"))
    [first, *_] = published(owner)
    assert first.occurred_at == log.format_instant(happened - timedelta(hours=1))


def test_what_was_rolled_back_never_appears(owner: Session, practice: Practice, quiet: int) -> None:
    """Not in the log, not as a hole in it."""
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
    owner.rollback()
    savepoint = owner.begin_nested()
    plain_sql.book(owner, practice.patients[1], practice.dentists[1], a_free_monday())
    savepoint.rollback()
    kept = plain_sql.book(owner, practice.patients[2], practice.dentists[2], a_free_monday())
    owner.commit()
    messages = published(owner)
    assert_no_hole(messages, after=quiet)
    assert {m.payload["appointment"]["id"] for m in messages if "appointment" in m.payload} == {str(kept)}


def test_a_publication_that_is_rolled_back_is_made_again(owner: Session, practice: Practice, quiet: int) -> None:
    """Its numbers are used by the next one: nothing lost, no hole."""
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
    owner.commit()
    first = log.publish(owner, wait=True)
    owner.rollback()
    assert log.head(owner).position == quiet
    assert [message.wire() for message in published(owner)] == [message.wire() for message in first]


def test_who_does_not_want_to_wait_finds_nothing_while_somebody_publishes(
    database: DatabaseUrls, owner: Session, practice: Practice, quiet: int
) -> None:
    """A look at the log once a second must not queue up behind the lane."""
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
    owner.commit()
    mine = log.publish(owner, wait=False)
    assert mine
    with plain_sql.connect(database.web, row_security.SYSTEM) as other:
        assert log.publish(other, wait=False) == []
        other.commit()
        owner.commit()
        assert log.publish(other, wait=False) == []
        assert log.head(other).position == quiet + len(mine)


def test_twelve_writers_that_commit_late_lose_nothing_and_leave_no_hole(
    database: DatabaseUrls, owner: Session, practice: Practice, quiet: int
) -> None:
    """Each writer changes its own and shared rows in open transactions, while two publishers number what is there.

    A cursor over a sequence lost half of the events here: what was begun early and committed late had been passed.
    """
    writers, rounds = 12, 12
    shared = [
        plain_sql.book(owner, practice.patients[n], practice.dentists[n % 3], a_free_monday(weeks=5 + n))
        for n in range(3)
    ]
    owner.commit()
    barrier, done = threading.Barrier(writers + 2, timeout=plain_sql.PATIENCE_SECONDS), threading.Event()
    read: list[Message] = []

    def write(number: int) -> None:
        chance = random.Random(number)
        with plain_sql.connect(database.owner) as session:
            barrier.wait()
            for turn in range(rounds):
                at = a_free_monday(weeks=8) + timedelta(days=7 * number, minutes=30 * turn)
                patient = practice.patients[number]
                booked = plain_sql.book(session, patient, practice.dentists[number % 3], at)
                change = text("UPDATE appointments SET reason = :reason WHERE id = :id")
                # Rows are taken in one order, or the writers would deadlock among themselves.
                for row in sorted(chance.sample(shared, 2)):
                    session.execute(change, {"reason": f"{number}-{turn}", "id": row})
                session.execute(change, {"reason": f"{number}-{turn}", "id": booked})
                # Now and then a transaction changes its mind.
                session.rollback() if turn % 4 == 3 else session.commit()

    def publish() -> None:
        with plain_sql.connect(database.web, row_security.SYSTEM) as session:
            barrier.wait()
            while not done.is_set():
                published(session)

    def follow() -> None:
        # A reader that only ever goes forward, as a web process does.
        with plain_sql.connect(database.web, row_security.SYSTEM) as session:
            while not done.is_set():
                read.extend(log.read(session, since=read[-1].position if read else quiet, limit=50))
                session.rollback()

    with ThreadPoolExecutor(writers + 3) as threads:
        helping = [threads.submit(work) for work in (publish, publish, follow)]
        writing = [threads.submit(write, number) for number in range(writers)]
        wait(writing)
        done.set()
        for thread in (*writing, *helping):
            thread.result()
    published(owner)
    messages = everything(owner, quiet)
    assert_no_hole(messages, after=quiet)
    read += log.read(owner, since=read[-1].position if read else quiet, limit=10_000)
    assert [message.position for message in read] == [message.position for message in messages]
    created = [m.payload["appointment"]["id"] for m in messages if m.type == "appointment:created"]
    committed = writers * rounds * 3 // 4
    assert len(created) == len(set(created)) == committed + len(shared)
    versions = versions_told(messages)
    for row in shared:
        assert versions[str(row)] == list(range(1, len(versions[str(row)]) + 1))
    assert sum(len(versions[str(row)]) - 1 for row in shared) == committed * 2
    assert owner.scalar(text("SELECT count(*) FROM changes")) == 0


def versions_told(messages: list[Message]) -> dict[str, list[int]]:
    """The versions of each appointment, in the order in which the log tells them."""
    versions: dict[str, list[int]] = {}
    for message in messages:
        if "appointment" in message.payload:
            told = message.payload["appointment"]
            versions.setdefault(told["id"], []).append(told["version"])
    return versions


def test_a_bulk_update_is_published_whole(owner: Session, quiet: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """More changes than one step takes: all of them, in one publication."""
    monkeypatch.setattr(log, "CHANGES_AT_ONCE", 7)
    count = owner.scalar(text("SELECT count(*) FROM appointments"))
    owner.execute(text("UPDATE appointments SET reason = 'fire drill'"))
    owner.commit()
    messages = published(owner)
    assert len(messages) == count
    assert_no_hole(messages, after=quiet)
    assert [m.position for m in everything(owner, quiet)] == [m.position for m in messages]


@pytest.mark.usefixtures("quiet")
def test_a_week_of_hours_replaced_row_by_row_is_one_message(owner: Session, practice: Practice) -> None:
    """Equal messages in a row are one; two dentists are two."""
    owner.execute(text("UPDATE working_hours SET ends = '18:00' WHERE starts = '13:00'"))
    owner.execute(text("UPDATE working_hours SET ends = '19:00' WHERE starts = '13:00'"))
    owner.commit()
    messages = published(owner)
    for type_, member in (("availability:changed", "dentistId"), ("record:changed", "id")):
        told = [message.payload[member] for message in messages if message.type == type_]
        assert set(told) == {str(dentist) for dentist in practice.dentists}
        assert len(told) < 30


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE treatments SET duration_minutes = duration_minutes + 5",
        "UPDATE treatments SET active = false WHERE name = 'Filling'",
        "UPDATE practice SET minimum_notice_minutes = minimum_notice_minutes + 60",
        "INSERT INTO chairs (id, name, kind) VALUES (gen_random_uuid(), 'One more', 'surgery')",
        "UPDATE chairs SET kind = 'another'",
    ],
)
@pytest.mark.usefixtures("quiet")
def test_what_the_practice_offers_is_part_of_what_is_free(owner: Session, practice: Practice, statement: str) -> None:
    """Treatments, chairs and rules that change are a change of hours, once for each dentist, to each dentist's room."""
    if "UPDATE chairs" in statement:
        owner.execute(text("INSERT INTO chairs (id, name, kind) VALUES (gen_random_uuid(), 'One', 'surgery')"))
        owner.commit()
        published(owner)
    changed = owner.execute(text(statement))
    owner.commit()
    assert changed.rowcount > 0  # type: ignore[attr-defined]
    messages = [message for message in published(owner) if message.type != "record:changed"]
    assert {m.payload["dentistId"] for m in messages} == {str(dentist) for dentist in practice.dentists}
    assert len(messages) == len(practice.dentists)
    for message in messages:
        assert message.type == "availability:changed"
        assert message.payload["availability"]["change"] == "hours"
        assert set(message.channels) == {"availability:all", f"availability:{message.payload['dentistId']}"}


@pytest.mark.usefixtures("quiet")
def test_a_new_name_changes_nothing_about_what_is_free(owner: Session) -> None:
    """Neither of a treatment nor of the practice, nor does saying again what is so already."""
    for statement in (
        "UPDATE treatments SET name = name || '!', requires_approval = NOT requires_approval",
        "UPDATE practice SET name = 'Another'",
        "UPDATE treatments SET duration_minutes = duration_minutes",
        "UPDATE treatments SET duration_minutes = 5 WHERE false",
    ):
        owner.execute(text(statement))
    owner.commit()
    assert {message.type for message in published(owner)} == {"record:changed"}


def test_only_the_asked_channels_are_read(owner: Session, practice: Practice, quiet: int) -> None:
    """A message is found under each of its rooms, once."""
    mia, anna = practice.patients[0], practice.dentists[0]
    plain_sql.book(owner, mia, anna, a_free_monday())
    plain_sql.book(owner, practice.patients[1], practice.dentists[1], a_free_monday())
    owner.commit()
    published(owner)
    own = log.read(
        owner, since=quiet, limit=10, channels=[f"appointments:patient:{mia}", f"appointments:dentist:{anna}"]
    )
    assert [message.payload["appointment"]["patientId"] for message in own] == [str(mia)]
    assert log.read(owner, since=quiet, limit=10, channels=[f"appointments:patient:{practice.patients[5]}"]) == []
    everyone = log.read(owner, since=quiet, limit=10, channels=["availability:all"])
    assert [message.type for message in everyone] == ["availability:changed"] * 2
    assert [m.position for m in log.read(owner, since=quiet, limit=10, through=quiet + 1)] == [quiet + 1]


# Where it begins and ends.


def test_pruning_moves_the_beginning_and_leaves_no_hole(owner: Session, practice: Practice, quiet: int) -> None:
    """What is past the retention goes in bounded steps; `since` before the new beginning is refused."""
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
    owner.commit()
    kept = published(owner)
    old = text("UPDATE sync_events SET occurred_at = now() - interval '8 days' WHERE position <= :position")
    owner.execute(old, {"position": quiet})
    owner.commit()
    first = log.prune(owner, retention_days=7, limit=5)
    assert first == 5
    assert log.head(owner).pruned_through == 5
    steps = 0
    while log.prune(owner, retention_days=7, limit=50):
        owner.commit()
        steps += 1
    assert steps == -(-(quiet - 5) // 50)
    head = log.head(owner)
    assert (head.pruned_through, head.position) == (quiet, quiet + len(kept))
    assert_no_hole(everything(owner), after=quiet)
    head.check_since(quiet, head.epoch)
    with pytest.raises(ResyncRequired, match="no longer reaches back"):
        head.check_since(quiet - 1, head.epoch)


def test_pruning_everything_keeps_the_count(owner: Session, practice: Practice, quiet: int) -> None:
    """After a quiet week the log is empty and goes on where it was."""
    owner.execute(text("UPDATE sync_events SET occurred_at = now() - interval '8 days'"))
    assert log.prune(owner, retention_days=7, limit=10_000) == quiet
    owner.commit()
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
    owner.commit()
    assert_no_hole(published(owner), after=quiet)


@pytest.mark.parametrize(
    ("since", "epoch", "reaches"),
    [
        (10, None, True),
        (10, "this", True),
        (20, "this", True),
        (15, None, True),
        (9, None, False),
        (21, None, False),
        (15, "another", False),
    ],
)
def test_a_position_is_good_between_the_beginning_and_the_end_of_its_own_log(
    since: int, epoch: str | None, reaches: bool
) -> None:
    """Everything else is told to fetch a snapshot."""
    head = log.Head(position=20, pruned_through=10, epoch="this")
    if reaches:
        head.check_since(since, epoch)
    else:
        with pytest.raises(ResyncRequired):
            head.check_since(since, epoch)


def test_another_database_begins_another_log(owner: Session, practice: Practice, quiet: int) -> None:
    """The fingerprint is not that of the database: a dump was restored elsewhere, or a replica took over."""
    before = log.head(owner)
    owner.execute(text("UPDATE log_head SET fingerprint = 'of another database'"))
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
    owner.commit()
    messages = published(owner)
    head = log.head(owner)
    assert head.epoch != before.epoch
    assert {message.epoch for message in messages} == {head.epoch}
    assert head.pruned_through == quiet + log.POSITIONS_BETWEEN_EPOCHS
    assert_no_hole(everything(owner), after=head.pruned_through)
    with pytest.raises(ResyncRequired, match="another one"):
        head.check_since(quiet, before.epoch)
    plain_sql.book(owner, practice.patients[1], practice.dentists[1], a_free_monday())
    owner.commit()
    published(owner)
    assert log.head(owner).epoch == head.epoch


def test_a_copy_of_a_database_is_another_database(servers: TemporaryServers, signed_in: SignedInPractice) -> None:
    """With the head row and all messages of what it was copied from, its first publication begins a log of its own."""
    urls = servers.postgres.create_database("copied", signed_in.template)
    with plain_sql.connect(urls.owner) as owner:
        copied = log.head(owner)
        published(owner)
        assert log.head(owner).epoch != copied.epoch
    servers.postgres.drop_database("copied")


def test_a_new_epoch_forgets_the_old_messages_and_counts_far_beyond_them(owner: Session, quiet: int) -> None:
    """As `dental-sync new-epoch` does after a restore: no position of a log that was lost is one of this log."""
    before = log.head(owner)
    epoch = log.begin_epoch(owner)
    owner.commit()
    head = log.head(owner)
    assert head.epoch == epoch != before.epoch
    assert head.position == head.pruned_through == quiet + log.POSITIONS_BETWEEN_EPOCHS
    for since in (quiet - 1, quiet, quiet + 1000):
        with pytest.raises(ResyncRequired):
            head.check_since(since, None)
    assert everything(owner) == []
