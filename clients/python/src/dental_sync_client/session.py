"""One sign-in: gives access tokens, and renews them before they expire."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from dental_sync_client.account import ANSWER_SECONDS, Account
from dental_sync_client.address import Address
from dental_sync_client.errors import SyncError, connection_lost

# What is left of a token's life when it is renewed, at most; of a short one a fifth.
SPARE_SECONDS = 10.0

# Posts a body to an address, with a token as bearer where there is one; answers the status and the JSON object.
# Raises OSError or ValueError when there is no answer that can be used.
Post = Callable[[str, "str | None", Mapping[str, Any]], "tuple[int, Mapping[str, Any]]"]


def post(address: str, token: str | None, body: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
    """Post over HTTP."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    wish = urllib.request.Request(  # noqa: S310 - the address is the application's own
        address, data=json.dumps(body).encode(), headers=headers, method="POST"
    )
    try:
        with urllib.request.urlopen(wish, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.loads(refusal.read())


class Session:
    """One sign-in. `get_token` is for RealtimeSync; any number of threads may ask.

        session = Session("https://practice.example")
        session.sign_in("anna@practice.example", password, code=input("Code: "))
        sync = RealtimeSync("https://practice.example", session.get_token)

    A refresh token works once. Where the answer is lost on the way it is sent again, and gives the same successor
    within 30 seconds; later its second use ends the session. Tokens live as long as this object.
    """

    def __init__(self, url: str, *, post: Post = post, now: Callable[[], float] = time.monotonic) -> None:
        self._root = f"{Address.of(url).root}/api/auth/"
        self._post = post
        self._now = now
        self._turn = threading.Lock()
        self._tokens: Mapping[str, Any] | None = None
        self._good_until = 0.0
        self._given: str | None = None

    @property
    def account(self) -> Account | None:
        """Who is signed in."""
        return None if self._tokens is None else self._tokens["user"]

    def sign_in(self, email: str, password: str, *, code: str | None = None) -> Account:
        """Sign in; `code` is one of the account's second factor, or a recovery code.

        Raises SyncError: `invalid-credentials`; `second-factor-required` where the password is right and a code is
        missing or wrong; `connection-lost` when there is no answer.
        """
        body = {"email": email, "password": password, **({} if code is None else {"code": code})}
        with self._turn:
            return self._keep(self._ask("login", None, body))

    def get_token(self, fresh: bool = False) -> str:
        """The access token; with `fresh` another than the last one.

        Raises SyncError: `unauthorized` when nobody is signed in any more, `connection-lost` when there is no answer.
        """
        with self._turn:
            if self._tokens is None:
                raise SyncError("unauthorized", "Nobody is signed in.", retryable=False)
            token: str = self._tokens["accessToken"]
            if self._now() >= self._good_until or (fresh and token == self._given):
                try:
                    self._keep(self._ask("refresh", self._tokens["refreshToken"], {}))
                except SyncError as error:
                    if not error.retryable:
                        self._tokens = None
                    raise
                token = self._tokens["accessToken"]
            self._given = token
            return token

    def sign_out(self) -> None:
        """End the session everywhere; here also when the service cannot be told."""
        with self._turn:
            ended, self._tokens = self._tokens, None
        if ended is not None:
            try:
                self._post(self._root + "logout", ended["accessToken"], {})
            except (OSError, ValueError):
                return

    def _keep(self, tokens: Mapping[str, Any]) -> Account:
        self._tokens = tokens
        self._good_until = self._now() + good_for(tokens)
        account: Account = tokens["user"]
        return account

    def _ask(self, what: str, token: str | None, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return ask(self._post, self._root + what, token, body)


def good_for(tokens: Mapping[str, Any]) -> float:
    """For how many seconds a token is used."""
    life = float(tokens["expiresIn"])
    return life - min(SPARE_SECONDS, life / 5)


def ask(post: Post, address: str, token: str | None, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is answered; raises SyncError with the code of the refusal, or `connection-lost`."""
    try:
        status, answer = post(address, token, body)
    except (OSError, ValueError) as failure:
        raise connection_lost(f"{address.rpartition('/')[2]}: {failure}") from failure
    if status >= 400:
        raise SyncError.refused({"code": str(answer["code"]), "detail": str(answer.get("detail", ""))})
    return answer
