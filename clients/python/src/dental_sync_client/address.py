"""Where Dental Sync lies."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Address:
    """The origin, and the path before `/api` where it lies behind one (`/dental`), without a slash at its end."""

    origin: str
    path: str

    @classmethod
    def of(cls, url: str) -> Address:
        """Read what an application says; ValueError for what is no address."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f'url says where Dental Sync is, such as "https://practice.example/dental", not {url!r}')
        return cls(f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/"))

    @property
    def root(self) -> str:
        """Both in one text, to which `/api/…` is added."""
        return self.origin + self.path

    @property
    def socket_path(self) -> str:
        """The path of Socket.IO."""
        return f"{self.path}/socket.io"
