"""What can go wrong for who follows."""

from __future__ import annotations

from collections.abc import Mapping

# With the same wish another attempt may go well.
_PASSING = frozenset({"unavailable", "rate-limited", "internal-error", "too-many-connections"})


class SyncError(Exception):
    """A stable `code`, a sentence, and whether the client goes on trying by itself.

    Codes of the server pass through unchanged. Its own are `connection-lost`, `token-unavailable` (`get_token` failed),
    `snapshot-failed`, `resync-required` (messages are missing, and no snapshot is fetched), `subscription-closed`,
    `revoked` (the session was ended) and `closed`.
    """

    def __init__(self, code: str, detail: str, *, retryable: bool) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.retryable = retryable

    @classmethod
    def refused(cls, refusal: Mapping[str, str]) -> SyncError:
        """What the server answered instead."""
        code = refusal["code"]
        return cls(code, refusal.get("detail", code), retryable=code in _PASSING)


def connection_lost(detail: str) -> SyncError:
    """There is no connection any more, or none came about; the client comes back."""
    return SyncError("connection-lost", detail, retryable=True)
