"""``rift prepare``: transcripts and codings to the tables that every later stage reads."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import ValidationError

from rift.codebook import Codebook, first_problem
from rift.config import PrepareSection
from rift.corpus.checks import Preparation, check_corpus
from rift.corpus.coverage import Entry, build_coverage, check_covered, whole_turn_rows
from rift.corpus.folds import THERAPIST_SEPARATOR, TRAINING_ONLY, assign_folds
from rift.corpus.gather import Session, gather
from rift.corpus.marks import Marks, build_marks
from rift.corpus.report import DataReport
from rift.corpus.resolve import resolve_codings
from rift.corpus.source import load_source
from rift.corpus.tables import read_table, write_table
from rift.errors import RiftError
from rift.manifest import sha256_of, write_text
from rift.readers.wording import counted, some
from rift.schema import CODING_COLUMNS, COVERAGE_COLUMNS, TURN_COLUMNS, Coding

TURNS_NAME = "turns.parquet"
CODINGS_NAME = "codings.parquet"
COVERAGE_NAME = "coverage.parquet"
FOLDS_NAME = "folds.json"
CODEBOOK_NAME = "codebook.json"
REPORT_NAME = "report.json"

_TEXT = ["patient_id", "session_id", "speaker", "therapist_id", "text", "coder", "unit", "label", "state"]
_TYPES = {
    **dict.fromkeys(_TEXT, "str"),
    **dict.fromkeys(["start_s", "end_s", "value"], "float64"),
    **dict.fromkeys(["first_turn", "last_turn"], "Int64"),
    "turn": "int64",
}
_AGAIN = "run rift prepare again"


@dataclass(frozen=True)
class PreparedCorpus:
    """A corpus as the later stages take it.

    Attributes
    ----------
    turns, codings, coverage
        The tables of `rift.schema`, sorted. Turn-unit codings hold one turn each.
    folds
        Patient to fold.
    codebook
        The labels.
    report
        What was counted.
    """

    turns: pd.DataFrame
    codings: pd.DataFrame
    coverage: pd.DataFrame
    folds: dict[str, int]
    codebook: Codebook
    report: DataReport

    @property
    def judged(self) -> npt.NDArray[np.bool_]:
        """bool [T]: the turns of patients who are in some fold, and not for training only."""
        return np.array([self.folds[p] != TRAINING_ONLY for p in self.turns["patient_id"]], dtype=np.bool_)


def prepare(section: PrepareSection) -> PreparedCorpus:
    """Read a corpus, check it, and lay it out as tables.

    Raises
    ------
    RiftError
        Anything in ``corpus.yaml`` or in the files it names that would make a later result wrong:
        unreadable files, unknown ids, codes and speakers, contradicting codings, codings outside
        coverage, more folds than patients.
    """
    source = load_source(Path(section.corpus))
    codebook, declared = source.codebook, source.content.coverage
    gathered = gather(source)
    roles = {session.key: session.roles for session in gathered.sessions}
    resolved = resolve_codings(gathered.codings, roles, codebook)
    entries, notes = build_coverage(declared, resolved, roles, codebook, source.path)
    check_covered(resolved, entries, roles, codebook, source.path)

    known = {patient for patient, _ in roles}
    kept = known if section.patients == "all" else _named(section.patients, known)
    turns = _of(kept, _turn_table(gathered.sessions))
    written = [*resolved.codings, *whole_turn_rows(resolved, entries, roles)]
    codings = _of(kept, _coding_table(written, codebook))
    coverage = _of(kept, _coverage_table(entries))
    marks = build_marks(turns, codings, coverage, codebook)
    folds = _folds(marks, turns, source.content.training_only, section)
    preparation = Preparation(
        corpus=source.content.name,
        min_examples=section.min_examples,
        coverage_declared=declared is not None,
        repeated_codings=resolved.repeated,
        ineligible_marks=resolved.ineligible,
        warnings=(*gathered.warnings, *resolved.warnings, *notes),
    )
    report = check_corpus(turns, codings, marks, folds, codebook, preparation)
    return PreparedCorpus(turns, codings, coverage, folds, codebook, report)


def _folds(
    marks: Marks, turns: pd.DataFrame, training_only: Sequence[str], section: PrepareSection
) -> dict[str, int]:
    patients = turns["patient_id"]
    aside = {p for p in patients.unique() if any(fnmatchcase(p, pattern) for pattern in training_only)}
    for pattern in training_only:
        if not any(fnmatchcase(patient, pattern) for patient in aside):
            raise RiftError(f"training_only: no patient is called {pattern!r}", where=section.corpus)
    judged = (~patients.isin(aside)).to_numpy()
    own = assign_folds(marks.where(judged), turns[judged], section.folds, section.seed)
    return dict(sorted({**own, **dict.fromkeys(aside, TRAINING_ONLY)}.items()))


def _named(patients: Sequence[str], known: Collection[str]) -> frozenset[str]:
    if unknown := sorted(set(patients) - set(known)):
        raise RiftError(
            f"{counted(len(unknown), 'patient')} without a transcript: {some(unknown)}",
            where="prepare.patients",
            remedy=f"known: {some(sorted(known), first=8)}",
        )
    return frozenset(patients)


def _of(patients: Collection[str], table: pd.DataFrame) -> pd.DataFrame:
    return table[table["patient_id"].isin(list(patients))].reset_index(drop=True)


def write_prepared(prepared: PreparedCorpus, out: Path) -> None:
    """Write a prepared corpus into a folder; the same corpus gives the same bytes.

    The report is taken away first and written last: a folder without it was not finished.

    Raises
    ------
    RiftError
        ``out`` is a file, or cannot be written.
    """
    if out.exists() and not out.is_dir():
        raise RiftError("a file, not a folder", where=out, remedy="set prepare.out to a folder")
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / REPORT_NAME).unlink(missing_ok=True)
        write_table(prepared.turns, out / TURNS_NAME)
        write_table(prepared.codings, out / CODINGS_NAME)
        write_table(prepared.coverage, out / COVERAGE_NAME)
        write_text(out / FOLDS_NAME, json.dumps(prepared.folds, indent=2, ensure_ascii=False) + "\n")
        write_text(out / CODEBOOK_NAME, prepared.codebook.model_dump_json(indent=2) + "\n")
        write_text(out / REPORT_NAME, prepared.report.to_json())
    except OSError as error:
        raise RiftError(
            f"cannot be written: {error.strerror or error}",
            where=error.filename2 or error.filename or out,
            remedy="check the folder's permissions and the space left, or set prepare.out to another folder",
        ) from None


def load_prepared(out: Path) -> PreparedCorpus:
    """Load what `write_prepared` wrote.

    Raises
    ------
    RiftError
        The folder or a file is missing, damaged or not from a finished run, or a patient has no
        fold.
    """
    if not (out / REPORT_NAME).is_file():
        raise RiftError(
            f"no {REPORT_NAME} here: not a prepared corpus, or its preparation did not finish",
            where=out,
            remedy="run rift prepare, or set prepare.out to the folder it wrote",
        )
    turns = read_table(out / TURNS_NAME, TURN_COLUMNS, _AGAIN)
    return PreparedCorpus(
        turns=turns,
        codings=read_table(out / CODINGS_NAME, CODING_COLUMNS, _AGAIN),
        coverage=read_table(out / COVERAGE_NAME, COVERAGE_COLUMNS, _AGAIN),
        folds=_load_folds(out / FOLDS_NAME, turns),
        codebook=_load_codebook(out / CODEBOOK_NAME),
        report=DataReport.from_json(_read_bytes(out / REPORT_NAME), out / REPORT_NAME),
    )


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise RiftError("no such file", where=path, remedy=_AGAIN) from None
    except OSError as error:
        raise RiftError(f"not readable: {error.strerror}", where=path) from None


def _load_folds(path: Path, turns: pd.DataFrame) -> dict[str, int]:
    try:
        folds = json.loads(_read_bytes(path))
    except ValueError:
        raise RiftError("not readable as JSON", where=path, remedy=_AGAIN) from None
    if not isinstance(folds, dict) or not all(type(fold) is int for fold in folds.values()):
        raise RiftError("expected patients with the number of a fold", where=path, remedy=_AGAIN)
    if without := sorted(set(turns["patient_id"]) - set(folds)):
        raise RiftError(f"patient {without[0]!r} has no fold", where=path, remedy=_AGAIN)
    return folds


def _load_codebook(path: Path) -> Codebook:
    try:
        return Codebook.model_validate_json(_read_bytes(path))
    except ValidationError as error:
        raise RiftError(f"damaged: {first_problem(error)}", where=path, remedy=_AGAIN) from None


def data_digest(folder: Path) -> str:
    """Return the sha256 over a prepared corpus: turns, codings, coverage and folds."""
    names = (TURNS_NAME, CODINGS_NAME, COVERAGE_NAME, FOLDS_NAME)
    return hashlib.sha256("".join(sha256_of(folder / name) for name in names).encode()).hexdigest()


def _turn_table(sessions: Sequence[Session]) -> pd.DataFrame:
    rows = [
        (
            session.patient_id, session.session_id, number, role, turn.start_s, turn.end_s,
            THERAPIST_SEPARATOR.join(session.therapists) or None, turn.text,
        )
        for session in sessions
        for number, (turn, role) in enumerate(zip(session.transcript.turns, session.roles, strict=True))
    ]  # fmt: skip
    return _table(rows, TURN_COLUMNS)


def _coding_table(codings: Sequence[Coding], codebook: Codebook) -> pd.DataFrame:
    order = {label: i for i, label in enumerate(codebook.columns)}

    def place(coding: Coding) -> tuple[object, ...]:
        first, start = coding.first_turn, coding.start_s
        return (
            coding.patient_id, coding.session_id, ("turn", "segment", "session").index(coding.unit),
            -1 if first is None else first, -1.0 if start is None else start, coding.coder,
            order[coding.label or ""], coding.last_turn or 0, coding.end_s or 0.0,
        )  # fmt: skip

    rows = [tuple(getattr(c, column) for column in CODING_COLUMNS) for c in sorted(codings, key=place)]
    return _table(rows, CODING_COLUMNS)


def _coverage_table(entries: Sequence[Entry]) -> pd.DataFrame:
    return _table(entries, COVERAGE_COLUMNS)


def _table(rows: Sequence[tuple[object, ...]], columns: Sequence[str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(columns))
    return table.astype({column: _TYPES[column] for column in columns})
