"""JSON lines: an object on each line, or the same objects in one array."""

from __future__ import annotations

import json
from typing import Any

from rift.errors import RiftError
from rift.readers.contract import Source

Record = dict[str, Any]


def first_record(source: Source) -> Record:
    """Return the first object, empty if there is none: for sniffing."""
    if source.decoded is None:
        return {}
    text = source.decoded.text.lstrip()
    if text.startswith("["):
        content = source.json
        return content[0] if isinstance(content, list) and content and isinstance(content[0], dict) else {}
    if not text.startswith("{"):
        return {}
    try:
        found = json.loads(text.split("\n", 1)[0])
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def records_in(source: Source) -> list[tuple[str, Record]]:
    """Return every object with its place; RiftError where a line is none."""
    text = source.decode().text
    found: list[tuple[str, Record]] = []
    if text.lstrip().startswith("["):
        content = source.json
        if not isinstance(content, list):
            raise RiftError("this is no sound JSON", where=source.path, remedy="export the project anew")
        for number, record in enumerate(content, 1):
            found.append((f"entry {number}", _checked(record, f"{source.path}, entry {number}")))
        return found
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{source.path}, line {number}"
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            raise RiftError(
                "this line is no sound JSON", where=where, remedy="export the project anew as JSON lines"
            ) from None
        found.append((f"line {number}", _checked(record, where)))
    return found


def _checked(record: Any, where: str) -> Record:
    if isinstance(record, dict):
        return record
    raise RiftError(
        "this is no object with a text", where=where, remedy="export the project anew as JSON lines"
    )
