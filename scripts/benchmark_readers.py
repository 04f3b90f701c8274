"""Reading speed: a made-up two-hour session in text, WebVTT, DOCX and ELAN.

    python scripts/benchmark_readers.py [--turns 1500]

Printed as JSON: turns per second and the peak of memory that Python objects took.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
import tracemalloc
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

from rift.readers.registry import read_file
from rift.schema import Transcript, Turn
from rift.writers import elan

WORDS = (
    "so",
    "I mean",
    "it",
    "was",
    "like",
    "the same",
    "again",
    "she said",
    "no",
    "you know",
    "what",
    "then",
)
_NAMES = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DOCX = f'<w:document xmlns:w="{_NAMES}"><w:body>{{}}</w:body></w:document>'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=1500)
    turns = _session(parser.parse_args().turns)
    with tempfile.TemporaryDirectory() as folder:
        files = _written(turns, Path(folder))
        print(json.dumps({name: _measured(path, len(turns)) for name, path in files.items()}, indent=1))


def _session(number: int) -> tuple[Turn, ...]:
    chance, length = random.Random(1), 7200 / number
    return tuple(
        Turn(
            "T" if i % 2 else "P",
            " ".join(chance.choices(WORDS, k=chance.randint(1, 40))),
            i * length,
            (i + 1) * length,
        )
        for i in range(number)
    )


def _written(turns: tuple[Turn, ...], folder: Path) -> dict[str, Path]:
    text = "\n".join(f"{turn.speaker}: {turn.text}" for turn in turns)
    (folder / "a.txt").write_text(text)
    cues = [f"{_clock(t.start_s)} --> {_clock(t.end_s)}\n<v {t.speaker}>{t.text}</v>\n" for t in turns]
    (folder / "a.vtt").write_text("\n".join(["WEBVTT\n", *cues]))
    paragraphs = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in text.split("\n"))
    with zipfile.ZipFile(folder / "a.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", _DOCX.format(paragraphs))
    elan.write(Transcript(turns, "made up"), folder / "a.eaf")
    return {path.suffix[1:]: path for path in sorted(folder.iterdir())}


def _clock(seconds: float | None) -> str:
    whole = round((seconds or 0) * 1000)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02}.{whole % 1000:03}"


def _measured(path: Path, number: int) -> dict[str, float]:
    began = time.perf_counter()
    (transcript,) = read_file(path).transcripts
    seconds = time.perf_counter() - began
    tracemalloc.start()
    read_file(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    if len(transcript.turns) != number:
        raise SystemExit(f"{path.name}: {len(transcript.turns)} turns of {number} read")
    return {"turns per second": round(number / seconds), "peak MiB": round(peak / 2**20, 1)}


if __name__ == "__main__":
    main()
