"""Which channels each subscription has: as the account says, which is read again whenever it may act for others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from dental_sync_client.account import (
    Account,
    Owner,
    appointments_channels,
    is_of_account,
    patient_channels,
    patient_of,
)
from dental_sync_client.backoff import seconds_before
from dental_sync_client.connection import Connection
from dental_sync_client.errors import SyncError
from dental_sync_client.options import Options
from dental_sync_client.place import Place
from dental_sync_client.subscription import AnySubscription

# Why what a subscription shows is another than before: the account acts for another patient, or for one no more, or the
# patient's record is part of another one.
GRANTED = "granted"
ENDED = "ended"
MERGED = "merged"
ENDED_IN_WORDS = "ended: the account does not act for this patient any more"


class ChannelKeeper(Protocol):
    """Who keeps the channels."""

    def follow(self, subscription: AnySubscription, name: str, since: Place | None, gap: str | None) -> None:
        """Follow a channel, from a place or from now on; a gap is why something is missing before that."""

    def leave(self, subscription: AnySubscription, name: str) -> None:
        """Follow it no more."""

    def end(self, subscription: AnySubscription, error: SyncError) -> None:
        """It cannot go on."""

    def replace(self, subscriptions: list[AnySubscription], name: str, reason: str) -> None:
        """What these show is another than before: a patient has gone."""

    def on_placed(self) -> None:
        """Channels are known, or others than before."""


class Whose:
    """All its methods are called by the feed's runtime, one after the other."""

    def __init__(self, options: Options, connection: Connection, keeper: ChannelKeeper) -> None:
        self._options = options
        self._connection = connection
        self._keeper = keeper
        self._account: Account | None = None
        # Their channels are not known, or may be others by now.
        self._waiting: list[AnySubscription] = []
        # It is asked where their patients' records have gone.
        self._moving: dict[AnySubscription, str] = {}
        # Rises with every question, so that only the last is answered; `_is_asking` until the answer, or the next
        # attempt after a failure, has come.
        self._questions = 0
        self._is_asking = False
        self._failures = 0

    def is_known(self, subscription: AnySubscription) -> bool:
        """Whether its channels are those that it is to have."""
        return bool(subscription.channel_names) and subscription not in self._waiting

    def add(self, subscription: AnySubscription) -> None:
        """Follow its channels, now or once they are known."""
        if subscription.owner is None:
            subscription.place([subscription.channel_name])
            self._keeper.follow(subscription, subscription.channel_name, subscription.since, None)
        elif self._account is not None and not self._is_asking:
            self._place_all([subscription], self._account)
        else:
            self._waiting.append(subscription)
            self._ask()

    def remove(self, subscription: AnySubscription) -> None:
        """It has ended."""
        if subscription in self._waiting:
            self._waiting.remove(subscription)
        self._moving.pop(subscription, None)

    def read_again(self, subscriptions: Iterable[AnySubscription]) -> None:
        """The account may act for others than it did: a change may have been missed, or was told."""
        self._waiting += [each for each in subscriptions if each.is_of_account and each not in self._waiting]
        # Nor does it hold for whoever follows later; and an answer that is on its way may be older than the change.
        self._account = None
        self._questions += 1
        self._is_asking = False
        self._ask()

    def withdrawn(self, subscriptions: list[AnySubscription], channel_name: str, reason: str, error: SyncError) -> None:
        """The server has closed a channel of these, or refused it: the account acts for the patient no more."""
        own = [each for each in subscriptions if each.is_of_account]
        for each in own:
            each.place([name for name in each.channel_names if name != channel_name])
        for each in subscriptions:
            if each.is_of_account:
                continue
            # Where a merge was undone the record that was named is there again.
            if reason == ENDED and each.named is None:
                self._keeper.end(each, error)
            else:
                self._move(each, channel_name, error)
        # What was merged was told as gone before, and comes with the record that has it now.
        if own and reason != MERGED:
            self._keeper.replace(own, channel_name, reason)

    def on_lost(self) -> None:
        """Nothing of this connection is answered any more; what moves is refused at its old place again."""
        moving, self._moving = self._moving, {}
        for subscription, patient_id in moving.items():
            self._go(subscription, patient_id)

    def close(self) -> None:
        """Nobody follows any more."""
        self._waiting.clear()
        self._moving.clear()

    # The account.

    def _ask(self) -> None:
        if not self._waiting or self._is_asking or not self._connection.is_ready:
            return
        self._is_asking = True
        self._questions += 1
        question = self._questions
        url, token = self._options.url, self._connection.token

        def known(account: Account) -> None:
            if question == self._questions:
                self._known(account)

        def unknown(failure: Exception) -> None:
            if question == self._questions:
                self._unknown(failure)

        self._connection.fetch(lambda: self._options.fetch_account(url, token), known, unknown)

    def _known(self, account: Account) -> None:
        self._account = account
        self._is_asking = False
        self._failures = 0
        found, self._waiting = self._waiting, []
        self._place_all(found, account)
        self._keeper.on_placed()

    def _unknown(self, failure: Exception) -> None:
        if isinstance(failure, SyncError) and not failure.retryable:
            # A visitor is nobody, and has no appointments; whoever follows what is free goes on.
            self._is_asking = False
            for subscription in list(self._waiting):
                self._keeper.end(subscription, failure)
            self._keeper.on_placed()
            return
        error = SyncError("unavailable", f"The account could not be fetched: {failure}", retryable=True)
        for subscription in list(self._waiting):
            subscription.fail(error)
        question = self._questions

        def again() -> None:
            if question == self._questions:
                self._is_asking = False
                self._ask()

        self._connection.later(seconds_before(self._failures, self._options.random()), again)
        self._failures += 1

    # The channels.

    def _place_all(self, subscriptions: list[AnySubscription], account: Account) -> None:
        gone: dict[str, list[AnySubscription]] = {}
        for subscription in subscriptions:
            for name in self._place(subscription, account):
                gone.setdefault(name, []).append(subscription)
        for name, concerned in gone.items():
            self._keeper.replace(concerned, name, ENDED)

    def _place(self, subscription: AnySubscription, account: Account) -> list[str]:
        """Follow the channels that it is to have and leave the others; returns those that it has lost."""
        if subscription.owner is None:
            return []
        subscription.is_of_account = is_of_account(subscription.owner, account)
        try:
            names = appointments_channels(subscription.owner, account)
        except SyncError as error:
            self._keeper.end(subscription, error)
            return []
        followed = subscription.channel_names
        # Those in the copy that the application has.
        shown = list(followed) if subscription.is_placed else names
        if not subscription.is_placed and subscription.is_of_account and subscription.patients is not None:
            shown = patient_channels(subscription.patients)
        gone = [name for name in shown if name not in names]
        subscription.place(names)
        for name in gone:
            self._keeper.leave(subscription, name)
        for name in names:
            if name in followed:
                continue
            if name in shown:
                self._keeper.follow(subscription, name, subscription.since, None)
            else:
                self._keeper.follow(subscription, name, None, GRANTED)
        return gone

    def _move(self, subscription: AnySubscription, name: str, error: SyncError) -> None:
        """Go on with the record that the patient has now; where that is no other one it was the end."""
        patient_id = patient_of(name)
        if patient_id is None:
            self._keeper.end(subscription, error)
            return
        subscription.place([])
        subscription.named = subscription.named or patient_id
        self._moving[subscription] = patient_id
        self._ask_where(subscription, patient_id, error)

    def _ask_where(self, subscription: AnySubscription, patient_id: str, error: SyncError, failures: int = 0) -> None:
        url, token, named = self._options.url, self._connection.token, subscription.named or patient_id

        def found(goes_by: str | None) -> None:
            if self._moving.pop(subscription, None) is None:
                return
            if goes_by is None or goes_by == patient_id:
                self._keeper.end(subscription, error)
            else:
                subscription.owner = Owner("patient", goes_by)
                self._go(subscription, goes_by)
            self._keeper.on_placed()

        def failed(_failure: Exception) -> None:
            wait = seconds_before(failures, self._options.random())
            again = lambda: self._ask_where(subscription, patient_id, error, failures + 1)  # noqa: E731
            self._connection.later(wait, again)

        if subscription in self._moving:
            self._connection.fetch(lambda: self._options.fetch_patient(url, token, named), found, failed)

    def _go(self, subscription: AnySubscription, patient_id: str) -> None:
        [name] = patient_channels([patient_id])
        subscription.place([name])
        self._keeper.follow(subscription, name, None, MERGED)
