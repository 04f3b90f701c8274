"""Texts with labelled selections, as doccano and Prodigy export them, to sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rift.readers.documents import Document, Ids, Spoken, left_out, spoken, transcripts, unmarked, whole
from rift.readers.offsets import Selection, located
from rift.readers.wording import counted, some
from rift.schema import Mark, State, Transcript

_UNITS = ("code points", "UTF-16 units", "graphemes", "code points without CR", "UTF-16 units without CR")


@dataclass(frozen=True, slots=True)
class Said:
    """A label and its state: of a selection, or of the whole text where that is None."""

    label: str
    state: State
    selection: Selection | None = None


@dataclass
class Coded:
    """What one coder said of a text; ``coded`` is False where they left it out."""

    coder: str | None
    place: str
    coded: bool = True
    said: list[Said] = field(default_factory=list)


@dataclass
class AnnotatedText:
    """A text, and what each coder said of it."""

    name: str
    text: str
    ids: Ids = (None, None)
    coders: list[Coded] = field(default_factory=list)


def sessions_of(texts: Sequence[AnnotatedText], where: object, told: Sequence[str]) -> list[Transcript]:
    """Return the sessions of a project; RiftError if selections do not lie on words."""
    selected = [
        (
            one.text,
            [said.selection for coded in one.coders for said in coded.said if said.selection is not None],
        )
        for one in texts
    ]
    spans, facts = located(selected, where, _UNITS)
    documents = []
    blank: list[str] = []
    for one, own in zip(texts, spans, strict=True):
        words = spoken(one.text)
        document = Document(one.name, words.turns, one.ids)
        at = iter(own)
        for coded in one.coders:
            _add(document, words, coded, at, blank)
        documents.append(document)
    skipped = [coded.place for one in texts for coded in one.coders if not coded.coded]
    told = [*told, *facts]
    if skipped:
        told.append(f"{counted(len(skipped), 'text')} not coded: {some(skipped)}")
    if blank:
        told.append(f"{counted(len(blank), 'selection')} of blanks alone left out: {some(blank)}")
    return transcripts(documents, where, told)


def _add(
    document: Document, words: Spoken, coded: Coded, spans: Iterable[tuple[int, int]], blank: list[str]
) -> None:
    if not coded.coded:
        if not any(mark.coder == coded.coder for mark in document.marks):
            document.marks.append(left_out(document, coded.coder, coded.place))
        return
    marks: list[Mark] = []
    for said in coded.said:
        if said.selection is None:
            one = whole(document, coded.coder, said.label, coded.place)
            turns: tuple[int, int] | None = None if one.first_turn is None else (0, 0)
            unit = one.unit
        else:
            start, end = next(iter(spans))
            turns = words.covered(start, end)
            unit = "turn"
            if turns is None:
                blank.append(coded.place)
                continue
        first, last = turns or (None, None)
        marks.append(Mark(coded.coder, unit, said.label, said.state, coded.place, first, last))
    present = [mark for mark in marks if mark.state == "present"]
    # A text of which all labels are denied needs no further word; else what is unmarked is said.
    if not marks or present or len(document.turns) > 1:
        marks += unmarked(document, coded.coder, marks, coded.place)
    document.marks += marks
