"""Delivery when the log is another one, or has lost what was not delivered yet: everybody is sent for a snapshot."""

from __future__ import annotations

from tests.sync.fakes import PaperLog, PaperRooms, a_delivery, message


def test_another_epoch_sends_everybody_for_a_snapshot() -> None:
    """And goes on from the head of the new log, seen first by a look or in a message."""
    for seen_by in ("look", "message"):
        log, rooms = PaperLog(), PaperRooms()
        log.write(1, 2)
        delivery = a_delivery(log, rooms)
        log.begin_epoch()
        [three] = log.write(3)
        if seen_by == "look":
            delivery.look()
        else:
            delivery.take(three)
        assert [kind for kind, _ in rooms.told] == ["resync"]
        assert (delivery.position, delivery.epoch) == (3, "first'")
        [four] = log.write(4)
        delivery.take(four)
        assert rooms.positions == [4]


def test_a_message_of_the_old_log_that_comes_late_is_not_delivered() -> None:
    """Whatever its position says: it counts in another log."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = a_delivery(log, rooms)
    log.begin_epoch()
    delivery.look()
    rooms.told.clear()
    delivery.take(message(1, epoch="first"))
    assert (rooms.positions, delivery.position) == ([], 0)


def test_a_head_that_went_back_is_another_log() -> None:
    """A replica took over that had not seen the end: positions would be given a second time."""
    log, rooms = PaperLog(), PaperRooms()
    log.write(1, 2, 3)
    delivery = a_delivery(log, rooms)
    del log.messages[2]
    delivery.look()
    assert log.epoch == "first'"
    assert [kind for kind, _ in rooms.told] == ["resync"]
    assert (delivery.position, delivery.epoch) == (2, "first'")


def test_a_process_that_slept_beyond_the_retention_says_resync() -> None:
    """What it missed has been pruned, so it cannot repair, and says so instead of going on in silence."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = a_delivery(log, rooms)
    log.write(*range(1, 8))
    log.pruned_through = 5
    delivery.look()
    assert [kind for kind, _ in rooms.told] == ["resync"]
    assert delivery.position == 7
