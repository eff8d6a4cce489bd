"""What can go wrong for who follows."""

from __future__ import annotations


class SyncError(Exception):
    """A stable `code`, a sentence, and whether the client goes on trying by itself."""

    def __init__(self, code: str, detail: str, *, retryable: bool) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.retryable = retryable
