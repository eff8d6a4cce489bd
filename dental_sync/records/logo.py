"""The practice's logo: one image, which everybody may see."""

from __future__ import annotations

import struct
import zlib

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from dental_sync.core import errors
from dental_sync.storage.models import PracticeLogo

PNG, WEBP = "image/png", "image/webp"
MEDIA_TYPES = (PNG, WEBP)
LARGEST_BYTES = 64 * 1024
# In pixels, each way: a small file may say that it is larger than any screen, and a browser would believe it.
LARGEST_SIDE = 4_096

_PNG_BEGINS = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"


def get(session: Session) -> PracticeLogo:
    """The logo; raises NotFound where there is none."""
    logo = session.scalars(select(PracticeLogo)).one_or_none()
    if logo is None:
        raise errors.NotFound
    return logo


def exists(session: Session) -> bool:
    """Whether there is one."""
    return session.scalar(select(PracticeLogo.id)) is not None


def put(session: Session, image: bytes, media_type: str) -> None:
    """Show this image from now on; raises UnsupportedMediaType, BodyTooLarge, or ValidationFailed for no such image."""
    if media_type not in MEDIA_TYPES:
        raise errors.UnsupportedMediaType("The logo must be sent as image/png or image/webp.")
    if len(image) > LARGEST_BYTES:
        raise errors.BodyTooLarge("The logo may have 64 KiB at most.")
    size = (_png_size if media_type == PNG else _webp_size)(image)
    if size is None or not all(1 <= side <= LARGEST_SIDE for side in size):
        wrong: errors.FieldError = {
            "pointer": "",
            "detail": f"must be an image of the type {media_type}, at most {LARGEST_SIDE} pixels high and wide",
        }
        raise errors.ValidationFailed(errors=[wrong])
    values = {"media_type": media_type, "image": image}
    session.execute(
        insert(PracticeLogo).values(id=1, **values).on_conflict_do_update(index_elements=["id"], set_=values)
    )


def remove(session: Session) -> None:
    """Show none from now on; that there is none already is no mistake."""
    session.execute(delete(PracticeLogo))


def _png_size(image: bytes) -> tuple[int, int] | None:
    """Width and height by the header of a PNG (RFC 2083, 3.2 and 4.1.1); None where it is none."""
    if not image.startswith(_PNG_BEGINS) or len(image) < 33 or b"IEND" not in image[33:]:
        return None
    width, height, checksum = struct.unpack(">II5xI", image[16:33])
    return (width, height) if zlib.crc32(image[12:29]) == checksum else None


def _webp_size(image: bytes) -> tuple[int, int] | None:
    """Width and height by the header of a WebP (RFC 9649, 2.5 to 2.7); None where it is none."""
    if len(image) < 30 or image[:4] != b"RIFF" or image[8:12] != b"WEBP":
        return None
    if int.from_bytes(image[4:8], "little") + 8 != len(image):
        return None
    match image[12:16]:
        case b"VP8 " if image[23:26] == b"\x9d\x01\x2a":
            width, height = struct.unpack("<HH", image[26:30])
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L" if image[20] == 0x2F:
            bits = int.from_bytes(image[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            return int.from_bytes(image[24:27], "little") + 1, int.from_bytes(image[27:30], "little") + 1
    return None
