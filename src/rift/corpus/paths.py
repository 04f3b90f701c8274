"""Files by pattern: a glob whose named fields give ids.

``transcripts/{patient_id}_{session_id}.txt`` finds ``transcripts/P01_S01.txt`` and reads the
patient and the session from its name.
"""

from __future__ import annotations

import glob
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rift.errors import RiftError

FIELDS = ("patient_id", "session_id", "therapist_id", "coder")
"""The names that may stand in braces; each matches within one folder or file name."""

LOCK_PREFIX = "~$"
"""Begins the name of a file that an office program keeps beside an open one."""

_TOKEN = re.compile(r"\{([^{}]*)\}|\*\*/|\*|\?|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file, and the ids that its name gives."""

    path: Path
    fields: Mapping[str, str]

    def agreed(self, field: str, inside: str | None) -> str | None:
        """Return an id that the file's name gives, or its content (``inside``), or neither.

        Raises
        ------
        RiftError
            Both give one, and not the same.
        """
        outside = self.fields.get(field)
        if inside and outside and inside != outside:
            raise RiftError(
                f"{field} is {outside!r} by the file's name and {inside!r} inside it",
                where=self.path,
                remedy="correct one of them, or leave the field out of the pattern",
            )
        return inside or outside


def find_files(patterns: Sequence[str], folder: Path, where: object) -> list[FoundFile]:
    """Find the files that match at least one pattern, in the order of their paths.

    Hidden files and lock files (``~$name.xlsx``) are passed over.

    Parameters
    ----------
    patterns
        Globs (``*``, ``**``, ``?``) with named fields, relative to ``folder`` or absolute. A file
        that several match takes its fields from the first.
    folder
        What relative patterns are relative to.
    where
        The file that holds the patterns, for messages.

    Raises
    ------
    RiftError
        A pattern has an unknown field or matches no file, or a name can be divided into the
        fields in more than one way.
    """
    found: dict[Path, FoundFile] = {}
    for pattern in patterns:
        _check_fields(pattern, where)
        matches = _matches(pattern, folder)
        if not matches:
            is_folder = (folder / pattern).is_dir()
            raise RiftError(
                f"{pattern!r} is a folder" if is_folder else f"no file matches {pattern!r} in {folder}",
                where=where,
                remedy=f"write {pattern.rstrip('/')}/* for the files in it"
                if is_folder
                else "correct the pattern; it is relative to the folder of this file",
            )
        for match in matches:
            found.setdefault(match.path, match)
    return [found[path] for path in sorted(found, key=lambda path: path.as_posix())]


def name_as_id(path: Path) -> str:
    """Return a file's name, without its extension, as an id that compares equal to ids in tables."""
    # Accents may be stored decomposed, and a name need not be valid text at all.
    return unicodedata.normalize("NFC", path.stem).encode("utf-8", "replace").decode("utf-8")


def _check_fields(pattern: str, where: object) -> None:
    for name in re.findall(r"\{([^{}]*)\}", pattern):
        if name not in FIELDS:
            raise RiftError(
                f"field {{{name}}} in {pattern!r} is unknown",
                where=where,
                remedy=f"known: {', '.join('{' + field + '}' for field in FIELDS)}",
            )


def _matches(pattern: str, folder: Path) -> list[FoundFile]:
    lazy, greedy = _expression(pattern, "+?"), _expression(pattern, "+")
    found = []
    # Unlike Path.glob, it takes absolute patterns and passes over hidden files.
    for name in glob.glob(_plain_glob(pattern), root_dir=folder, recursive=True):  # noqa: PTH207
        path = folder / name
        if path.name.startswith(LOCK_PREFIX) or not path.is_file():
            continue
        # Some file systems store accents decomposed; ids must compare equal to those in tables.
        text = unicodedata.normalize("NFC", Path(name).as_posix())
        first, last = lazy.fullmatch(text), greedy.fullmatch(text)
        if first is None or last is None:
            continue  # a field that stands twice must be the same both times
        if first.groupdict() != last.groupdict():
            raise RiftError(
                f"the name can be divided as {_shown(first)} or as {_shown(last)} by {pattern!r}",
                where=path,
                remedy="rename the file, or write a pattern that leaves one reading",
            )
        found.append(FoundFile(path, first.groupdict()))
    return found


def _shown(match: re.Match[str]) -> str:
    return ", ".join(f"{name} {value!r}" for name, value in match.groupdict().items())


def _plain_glob(pattern: str) -> str:
    return re.sub(r"\{[^{}]*\}", "*", pattern).replace("[", "[[]")


def _expression(pattern: str, repeat: str) -> re.Pattern[str]:
    """Return the pattern as a regular expression whose fields match lazily or greedily."""
    parts: list[str] = []
    seen: set[str] = set()
    for token in _TOKEN.finditer(unicodedata.normalize("NFC", Path(pattern).as_posix())):
        text, field = token.group(), token.group(1)
        if field is not None:
            parts.append(f"(?P={field})" if field in seen else f"(?P<{field}>[^/]{repeat})")
            seen.add(field)
        elif text == "**/":
            parts.append("(?:[^/]+/)*")
        elif text == "*":
            parts.append("[^/]*")
        else:
            parts.append("[^/]" if text == "?" else re.escape(text))
    return re.compile("".join(parts))
