"""A table of sample files: the format, what was expected, what was read.

    python scripts/check_samples.py FOLDER

A sample ``a.vtt`` may have ``a.expected.json`` beside it, a list of turns (speaker, text, start, end);
``a_cp1252.txt`` is compared with ``a.expected.json`` too. Samples without one are read and counted.
Exit code 1 where something differs from what was expected.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from rift.errors import RiftError
from rift.readers.registry import FileContent, read_file

SUFFIX = ".expected.json"
TOLERANCE_S = 0.01


def main() -> None:
    folder = Path(sys.argv[1])
    expected = {str(path)[: -len(SUFFIX)]: path for path in sorted(folder.rglob(f"*{SUFFIX}"))}
    differs = 0
    print("| sample | format | turns | marks | warnings | result |\n|---|---|---|---|---|---|")
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.name.endswith(SUFFIX) or path.suffix in {".md", ".tsv.sources"}:
            continue
        known = next((other for base, other in expected.items() if str(path).startswith(base)), None)
        try:
            content = read_file(path)
        except RiftError as error:
            print(f"| {path.relative_to(folder)} | - | - | - | - | refused: {error.problem} |")
            continue
        result = _result(content, known)
        differs += result == "differs"
        turns, marks, warnings = (
            sum(len(getattr(one, name)) for one in content.transcripts)
            for name in ("turns", "marks", "warnings")
        )
        print(
            f"| {path.relative_to(folder)} | {content.format} | {turns} | {marks} | {warnings} | {result} |"
        )
    sys.exit(1 if differs else 0)


def _result(content: FileContent, known: Path | None) -> str:
    if known is None:
        return "read"
    wanted = json.loads(known.read_text(encoding="utf-8"))
    if not isinstance(wanted, list):
        return "read; expected as notes, compare by eye"
    turns = [turn for one in content.transcripts for turn in one.turns]
    same = len(turns) == len(wanted) and all(
        (turn.speaker, turn.text) == (other.get("speaker"), other["text"])
        and _near(turn.start_s, other.get("start"))
        and _near(turn.end_s, other.get("end"))
        for turn, other in zip(turns, wanted, strict=True)
    )
    return "as expected" if same else "differs"


def _near(found: float | None, wanted: Any) -> bool:
    if found is None or wanted is None:
        return found is None and wanted is None
    return abs(found - wanted) <= TOLERANCE_S


if __name__ == "__main__":
    main()
