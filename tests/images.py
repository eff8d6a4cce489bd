"""Images of a few bytes, made by the formats' own rules."""

from __future__ import annotations

import struct
import zlib


def png(width: int = 1, height: int = 1, *, padding: int = 0) -> bytes:
    """A PNG that says it has this size; its picture is one grey point."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    picture = chunk(b"IDAT", zlib.compress(b"\x00\x80"))
    text = chunk(b"tEXt", b"Comment\x00" + b"x" * padding) if padding else b""
    return b"\x89PNG\r\n\x1a\n" + header + picture + text + chunk(b"IEND", b"")


def webp(width: int = 1, height: int = 1) -> bytes:
    """A lossless WebP that says it has this size."""
    bits = struct.pack("<I", (width - 1) | (height - 1) << 14)
    data = b"\x2f" + bits + b"\x07\xd0\xff\xfe\xf7\xbf\xff\x81\x88\xe8\x7f\x00\x00"
    chunk = b"VP8L" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


A_PNG = png()
