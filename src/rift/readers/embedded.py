"""Pages (HTML) that a Word document holds as they are: some programs write no other text into it."""

from __future__ import annotations

import email
import email.policy
import posixpath
from collections.abc import Mapping
from email.message import Message
from pathlib import Path

from rift.errors import RiftError
from rift.readers import html
from rift.readers.archive import read_members
from rift.readers.contract import Source
from rift.readers.document import Document
from rift.readers.xml import parse_xml

_KIND = "/aFChunk"


def embedded_pages(data: bytes, part: str, where: object) -> Mapping[str, Document]:
    """Return the pages in a document by the names of their relations; those that are none are left out.

    Raises
    ------
    RiftError
        The archive is damaged.
    """
    folder, base = posixpath.split(part)
    relations = f"{folder}/_rels/{base}.rels"
    found = read_members(data, [relations], where).get(relations)
    if found is None or _KIND.encode() not in found:
        return {}
    targets = {
        str(one.get("Id")): posixpath.normpath(posixpath.join(folder, str(one.get("Target")))).lstrip("/")
        for one in parse_xml(found, where)
        if str(one.get("Type")).endswith(_KIND)
    }
    members = read_members(data, sorted(set(targets.values())), where)
    pages = {name: _page(members[target], where) for name, target in targets.items() if target in members}
    return {name: page for name, page in pages.items() if page is not None}


def _page(data: bytes, where: object) -> Document | None:
    source = Source(Path("part.html"), _unpacked(data))
    if html.sniff(source) < 0.5:
        return None
    try:
        return html.read_document(source)
    except RiftError as error:
        raise RiftError(error.problem, where=where, remedy=error.remedy) from None


def _unpacked(data: bytes) -> bytes:
    """Return the page in a web archive (MHT), or the data as they are."""
    head = data[:2000].lower()
    if b"mime-version:" not in head or b"content-type:" not in head:
        return data
    try:
        message: Message = email.message_from_bytes(data, policy=email.policy.compat32)
        for one in message.walk():
            content = one.get_payload(decode=True)
            if one.get_content_type() == "text/html" and isinstance(content, bytes):
                codec = one.get_content_charset() or "utf-8"
                return content.decode(codec, "replace").encode("utf-8", "replace")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return data
    return data
