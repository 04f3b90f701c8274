"""``corpus.yaml``: where transcripts and codings are, and who coded what."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from rift.codebook import Codebook, Speaker, first_problem, load_codebook
from rift.config import Section
from rift.corpus.folds import THERAPIST_SEPARATOR
from rift.errors import RiftError
from rift.readers.coding_table import CodingLayout
from rift.readers.decode import check_encoding
from rift.readers.registry import check_format
from rift.yaml_files import read_yaml

ANY = "*"
"""In a `CoverageRule`, stands for every patient or session."""
CODED = ("", "")
"""In a `CoverageRule`, stands for the sessions in which the coder has any coding of a turn."""


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _as_session(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    patient, slash, session = value.partition("/")
    if not (patient and slash and session) or "/" in session:
        raise ValueError(f"{value!r} is not PATIENT/SESSION; write [PATIENT, SESSION]")
    return patient, session


def _as_sessions(value: Any) -> Any:
    named = {"all": (ANY, ANY), "coded": CODED}
    if isinstance(value, str):
        return [named[value]] if value in named else [value]
    return value


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)]
SessionName = Annotated[tuple[str, str], BeforeValidator(_as_session)]
SessionNames = Annotated[tuple[SessionName, ...], BeforeValidator(_as_sessions), Field(min_length=1)]


class TranscriptFiles(Section):
    """Transcripts of one kind.

    ``files`` are patterns of `rift.corpus.paths`; ``columns``, ``encoding``, ``format`` and ``sheet`` go
    to the reader; ``speakers`` gives the names in the files their roles.
    """

    files: Texts
    columns: dict[str, str] | None = None
    encoding: str | None = None
    format: str | None = None
    sheet: str | None = None
    speakers: dict[str, Speaker] = Field(default_factory=dict)


class CodingFiles(CodingLayout):
    """Codings of one kind: patterns of `rift.corpus.paths`, beside the layout of the tables."""

    files: Texts
    encoding: str | None = None


class CodingProjects(Section):
    """Files of coding programs, which hold marks and mostly the words as well: ELAN, REFI-QDA, Label Studio.

    Attributes
    ----------
    files, format, encoding
        Patterns of `rift.corpus.paths`; a reader by name; a codec.
    coder
        Who coded, where neither the file nor its name (``{coder}``) tells.
    times_to_turns
        Marks of time spans become marks of the turns that they overlap by half of the shorter of the two.
    offset_s
        Seconds by which the transcript's clock is later than the coders'.
    """

    files: Texts
    format: str | None = None
    encoding: str | None = None
    coder: str | None = Field(default=None, min_length=1)
    times_to_turns: bool = False
    offset_s: float = Field(default=0.0, allow_inf_nan=False)


class CoverageRule(Section):
    """These coders looked for these labels in these speakers' turns of these sessions.

    Attributes
    ----------
    coders
        Names, or ``all`` who coded any turn of the corpus.
    labels
        ``all``, ``markers`` (families included), ``strategies``, or a list of labels and families
        in any spelling of the codebook. A family alone is the family as a whole, without its
        markers; ``withdrawal/*`` is the family and its markers.
    sessions
        ``all``, ``coded`` (those in which the coder has any coding of a turn), or a list of
        ``P01/S01`` or ``[P01, S01]``; ``P01/*`` is every session of a patient, ``P*/*`` of some.
    speakers
        ``all`` or a list of patient, therapist, other. Speakers whom the codebook does not allow
        for a label are never covered.
    """

    coders: Texts
    labels: Texts
    sessions: SessionNames
    speakers: Annotated[
        tuple[Literal["patient", "therapist", "other", "all"], ...],
        BeforeValidator(_as_list),
        Field(min_length=1),
    ]


class CorpusFile(Section):
    """The content of ``corpus.yaml``.

    ``therapists`` maps a patient to a therapist, or to several where the patient is in more than
    one caseload. ``training_only`` are patterns of patients, such as ``E*``, who are in the training of
    every fold and are judged in none: material of another kind that may help, but not count.
    """

    name: str
    codebook: str
    transcripts: Annotated[
        tuple[TranscriptFiles, ...],
        BeforeValidator(lambda value: [value] if isinstance(value, dict) else value),
        Field(min_length=1),
    ]
    therapists: dict[str, Texts] = Field(default_factory=dict)
    training_only: tuple[str, ...] = ()
    codings: tuple[CodingFiles, ...] = ()
    coding_projects: tuple[CodingProjects, ...] = ()
    coverage: tuple[CoverageRule, ...] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _coded(self) -> CorpusFile:
        if not (self.codings or self.coding_projects):
            raise ValueError("neither codings (tables) nor coding_projects (ELAN, REFI-QDA, ...) are named")
        return self

    @model_validator(mode="after")
    def _plain_therapists(self) -> CorpusFile:
        for patient, names in self.therapists.items():
            if any(THERAPIST_SEPARATOR in name or not name.strip() for name in names):
                raise ValueError(
                    f"therapist of {patient!r}: a name must not be empty nor contain {THERAPIST_SEPARATOR!r}"
                )
        return self


@dataclass(frozen=True)
class CorpusSource:
    """A `CorpusFile`, where it was read, and its codebook."""

    path: Path
    content: CorpusFile
    codebook: Codebook

    def check_reading(self) -> None:
        """Raise RiftError if a format or an encoding that it names does not exist."""
        try:
            for transcripts in self.content.transcripts:
                check_format(transcripts.format)
                check_encoding(transcripts.encoding)
            for codings in self.content.codings:
                check_encoding(codings.encoding)
            for projects in self.content.coding_projects:
                check_format(projects.format)
                check_encoding(projects.encoding)
        except RiftError as error:
            raise RiftError(error.problem, where=self.path, remedy=error.remedy) from None

    @property
    def folder(self) -> Path:
        """What the paths in the file are relative to."""
        return self.path.parent


def load_source(path: Path) -> CorpusSource:
    """Load ``corpus.yaml`` and the codebook that it names.

    Raises
    ------
    RiftError
        The file is missing, not YAML, has an unknown key or a wrong value, or the codebook is
        not a valid one.
    """
    content = read_yaml(path, "corpus", "set prepare.corpus to your corpus.yaml")
    try:
        corpus = CorpusFile.model_validate(content)
    except ValidationError as error:
        raise RiftError(first_problem(error), where=path, remedy=_remedy(error)) from None
    source = CorpusSource(path, corpus, load_codebook(corpus.codebook, path.parent))
    source.check_reading()
    return source


def _remedy(error: ValidationError) -> str:
    first = error.errors()[0]
    if first["type"] == "extra_forbidden" and len(first["loc"]) == 1:
        return f"known: {', '.join(CorpusFile.model_fields)}"
    return "compare with data/demo/corpus.yaml; ids such as 01 and names such as no need quotes"
