"""What delivery knows of sign-ins: when to forget them, and since when it has known everything."""

from __future__ import annotations

import math

import pytest

from dental_sync.sync.delivery import Delivery
from dental_sync.sync.events import Message
from tests.sync.fakes import PaperLog, PaperRooms, a_delivery, message, revocation

FORGOTTEN = ("forget sign-ins", None)


def a_forgetting_delivery(log: PaperLog, rooms: PaperRooms) -> Delivery:
    """A delivery that writes down when it has sign-ins forgotten."""
    return a_delivery(log, rooms, lambda: rooms.told.append(FORGOTTEN))


def test_a_lost_right_is_forgotten_before_its_sockets_are_closed() -> None:
    """Who is sent away and comes back is looked up."""
    rooms = PaperRooms()
    a_forgetting_delivery(PaperLog(), rooms).take(revocation(1, "noah"))
    assert rooms.told == [FORGOTTEN, ("withdraw", "noah")]


@pytest.mark.parametrize(("kind", "forgets"), [("patient", True), ("dentist", True), ("hold", False), ("chair", False)])
def test_a_changed_record_of_an_account_makes_sign_ins_be_looked_up_again(kind: str, forgets: bool) -> None:
    """It may belong to another account, or have another name; what belongs to no account changes no sign-in."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = a_forgetting_delivery(log, rooms)
    payload = {"kind": kind, "id": "x", "change": "updated"}
    delivery.take(Message(1, "first", "record:changed", ["practice"], payload, "2025-11-11T12:00:00.000Z"))
    assert (FORGOTTEN in rooms.told) == forgets


def test_another_log_makes_sign_ins_be_looked_up_again() -> None:
    """What it holds may have happened to any of them."""
    log, rooms = PaperLog(), PaperRooms()
    delivery = a_forgetting_delivery(log, rooms)
    log.epoch = "second"
    delivery.look()
    assert FORGOTTEN in rooms.told


def test_everything_is_known_at_a_look_that_leaves_nothing_without_a_position() -> None:
    """What is noted and cannot be numbered yet is not known, and neither is anything before the first look."""
    log = PaperLog()
    log.is_busy = True
    delivery = a_delivery(log, PaperRooms())
    assert delivery.seconds_since_all_was_known() == math.inf
    log.is_busy = False
    delivery.look()
    known = delivery.seconds_since_all_was_known()
    assert 0 <= known < 20
    log.is_busy = True
    log.write(1)
    delivery.look()
    assert delivery.position == 1
    assert delivery.seconds_since_all_was_known() >= known


def test_a_message_through_redis_is_no_proof_that_everything_is_known() -> None:
    """There may be more that has not arrived."""
    log = PaperLog()
    log.is_busy = True
    delivery = a_delivery(log, PaperRooms())
    delivery.take(message(1))
    assert delivery.position == 1
    assert delivery.seconds_since_all_was_known() == math.inf
