"""Zip archives (DOCX, ODT, XLSX, QDPX), read without trust: sizes are checked before unpacking."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Sequence

from rift.errors import RiftError

MAX_UNPACKED = 256 * 2**20
"""Bytes that an archive may hold unpacked: a zip bomb holds more, a transcript far less."""

MAX_MEMBERS = 10_000


def is_zip(data: bytes) -> bool:
    """Return whether the bytes begin as a zip archive does."""
    return data.startswith(b"PK\x03\x04")


def member_names(data: bytes) -> tuple[str, ...]:
    """Return the names in an archive; none if this is no sound one: for sniffing."""
    if not is_zip(data):
        return ()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return tuple(archive.namelist()[:MAX_MEMBERS])
    except Exception:  # a damaged archive fails in many ways; it has no members then
        return ()


def read_members(data: bytes, names: Sequence[str], where: object) -> dict[str, bytes]:
    """Return the content of the named members that an archive has. Nothing is written to disk.

    Raises
    ------
    RiftError
        The archive is damaged, encrypted, or unpacks to more than `MAX_UNPACKED` bytes.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check_size(archive, where)
            present = set(archive.namelist())
            return {name: archive.read(name) for name in names if name in present}
    except RiftError:
        raise
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError, ValueError):
        raise RiftError(
            "the zip archive inside this file is damaged or encrypted",
            where=where,
            remedy="open it in the program that wrote it and save it again, without a password",
        ) from None


def check_size(archive: zipfile.ZipFile, where: object) -> None:
    """Raise RiftError if an archive unpacks to more than any transcript or project of codings."""
    entries = archive.infolist()
    # zipfile never gives more of an entry than the size it declares, so the sum is a true bound.
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED or len(entries) > MAX_MEMBERS:
        raise RiftError(
            f"the file unpacks to {unpacked / 2**20:,.0f} MB in {len(entries):,} parts; at most"
            f" {MAX_UNPACKED // 2**20} MB in {MAX_MEMBERS:,} are read",
            where=where,
            remedy="check that this is a transcript or a coding project; take pictures and media out of it",
        )
