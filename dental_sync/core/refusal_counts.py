"""What a process has refused since it started, by the code of the refusal: words of ours, and nothing about anybody."""

from __future__ import annotations

from collections import Counter


class RefusalCounts(Counter[str]):
    """How often calls over HTTP were refused, by code."""
