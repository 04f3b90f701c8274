"""WebAnno TSV 3 of INCEpTION and WebAnno: a token a line, spans in columns; sentences become turns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rift.errors import RiftError
from rift.readers.contract import Source
from rift.readers.documents import Document, Spoken, spoken, transcripts, unmarked
from rift.readers.offsets import UNITS
from rift.readers.wording import counted, shown, some
from rift.schema import Mark, Transcript, Turn

names: tuple[str, ...] = ("webanno", "inception", "webanno_tsv")
suffixes: tuple[str, ...] = (".tsv",)

_FORMAT = re.compile(r"\s{0,9}#FORMAT=WebAnno TSV 3")
_TOKEN = re.compile(r"(\d{1,7})-(\d{1,7})(?:\.(\d{1,5}))?")
_SPAN = re.compile(r"(\d{1,9})-(\d{1,9})")
_NUMBERED = re.compile(r"(.*)\[(\d{1,9})\]", re.DOTALL)
_ESCAPED = re.compile(r"\\(->|.)", re.DOTALL)
_PARTS = re.compile(r"(?:[^\\|]|\\.)+", re.DOTALL)
_PLAIN = {"t": "\t", "n": "\n", "r": "\r"}
_LINGUISTIC = re.compile(
    r"\.(?:POS|Lemma|Stem|MorphologicalFeatures|Dependency|Chunk|SurfaceForm|Token|Sentence|SofaChange\w*)$"
)
_ASIDE = re.compile(r"(?:identifier|id|comment|note|notes|order|kommentar)$", re.IGNORECASE)
_RATING = re.compile(r"[1-5](?:[.,]\d{1,3})?")
_REMEDY = "export the document from INCEpTION as WebAnno TSV v3.3"


@dataclass(frozen=True, slots=True)
class _Layer:
    name: str
    features: tuple[str, ...]
    columns: tuple[int, ...]


@dataclass
class _Annotation:
    """Features of a span and the sentences in which it begins and ends; positions in code points."""

    layer: _Layer
    place: str
    start: tuple[int, int]
    end: tuple[int, int]
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class _Sentence:
    lines: list[str] = field(default_factory=list)
    base: int | None = None
    units: list[Sequence[int]] = field(default_factory=list)

    @cached_property
    def text(self) -> str:
        """The words; asked for when all lines are there."""
        return "\n".join(self.lines)


def sniff(source: Source) -> float:
    """Return 0.95 for the first line of WebAnno TSV 3."""
    return 0.95 if source.decoded is not None and _FORMAT.match(source.decoded.text) else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the one document in the file, with the spans in it."""
    decoded = source.decode()
    where = str(source.path)
    if not _FORMAT.match(decoded.text):
        raise RiftError("this is no WebAnno TSV of version 3", where=where, remedy=_REMEDY)
    lines = decoded.text.split("\n")
    layers, width, told = _layers(lines)
    sentences, spans = _body(lines, layers, width, where)
    words = spoken("\n".join(sentence.text for sentence in sentences))
    starts = _starts(sentences)
    if not any(turn.speaker for turn in words.turns):
        words = _by_sentence(words.text, sentences, starts)
    document = Document("document", words.turns)
    for one in spans:
        document.marks += _marks(one, words, starts)
    document.marks += unmarked(document, None, document.marks, "document")
    return transcripts([document], where, [*decoded.warnings, *told])


def _starts(sentences: Sequence[_Sentence]) -> list[int]:
    starts, at = [], 0
    for sentence in sentences:
        starts.append(at)
        at += len(sentence.text) + 1
    return starts


def _by_sentence(text: str, sentences: Sequence[_Sentence], starts: Sequence[int]) -> Spoken:
    """Return a turn for each sentence, where nobody is named; one may run over several lines."""
    kept = [(start, one.text) for start, one in zip(starts, sentences, strict=True) if one.text.strip()]
    turns = tuple(Turn(None, words.strip()) for _, words in kept)
    ends = tuple(start + len(words) for start, words in kept)
    return Spoken(text, turns, tuple(start for start, _ in kept), ends)


def _layers(lines: Sequence[str]) -> tuple[list[_Layer], int, list[str]]:
    """Return the layers of spans that hold codings, and how many columns there are in all."""
    layers: list[_Layer] = []
    left: list[str] = []
    at = 3
    for line in lines:
        if not line.startswith("#T_"):
            if line.startswith("#Text=") or (line[:1].isdigit()):
                break
            continue
        kind, _, rest = line.rstrip("\t ").partition("=")
        name, *features = rest.split("|")
        features = [feature for feature in features if feature]
        columns: list[int] = []
        kept: list[str] = []
        for feature in features or [""]:
            if feature.startswith("ROLE_"):
                at += 1  # a role and its target
            elif feature.startswith("BT_"):
                continue  # the governor's type; its column is the relation's own
            else:
                kept.append(feature)
                columns.append(at)
            at += 1
        at += kind == "#T_RL"  # the governor
        if kind != "#T_SP" or _LINGUISTIC.search(name):
            left.append(name.rpartition(".")[2])
        else:
            layers.append(_Layer(name.rpartition(".")[2], tuple(kept), tuple(columns)))
    told = [f"{counted(len(left), 'layer')} without codings left out: {some(left)}"] if left else []
    return layers, at, told


def _body(
    lines: Sequence[str], layers: Sequence[_Layer], width: int, where: str
) -> tuple[list[_Sentence], list[_Annotation]]:
    sentences: list[_Sentence] = []
    found: dict[tuple[str, ...], _Annotation] = {}
    open_text = False
    for number, line in enumerate(lines, 1):
        if line.startswith("#Text="):
            if not open_text:
                sentences.append(_Sentence())
            sentences[-1].lines.append(_plain(line[6:]))
            open_text = True
            continue
        if not line.strip() or line.startswith("#"):
            open_text = open_text and bool(line.strip())
            continue
        open_text = False
        _token_line(line, f"line {number}", (sentences, layers, found), width, where)
    return sentences, list(found.values())


def _token_line(
    line: str,
    place: str,
    into: tuple[list[_Sentence], Sequence[_Layer], dict[tuple[str, ...], _Annotation]],
    width: int,
    where: str,
) -> None:
    sentences, layers, found = into
    cells = line.split("\t")
    token, span = _TOKEN.fullmatch(cells[0]), _SPAN.fullmatch(cells[1]) if len(cells) > 1 else None
    full = f"{where}, {place}"
    if token is None or span is None or not sentences:
        raise RiftError(f"{shown(line)} is no token", where=full, remedy=_REMEDY)
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        raise RiftError(f"{len(cells)} columns where {width} are declared", where=full, remedy=_REMEDY)
    index = len(sentences) - 1
    start, end = _located(sentences[index], (int(span[1]), int(span[2])), _plain(cells[2]), full)
    for layer in layers:
        for feature, column in zip(layer.features or ("",), layer.columns, strict=True):
            for order, part in enumerate(_PARTS.findall(cells[column])):
                if part == "_":
                    continue
                numbered = _NUMBERED.fullmatch(part)
                key = (layer.name, numbered[2]) if numbered else (layer.name, cells[0], str(order))
                one = found.setdefault(key, _Annotation(layer, place, (index, start), (index, end)))
                one.end = max(one.end, (index, end))
                value = numbered[1] if numbered else part
                if value != "*":
                    one.values.setdefault(feature, _plain(value))


def _located(sentence: _Sentence, span: tuple[int, int], token: str, where: str) -> tuple[int, int]:
    """Return where a token lies in its sentence, in code points; the file counts UTF-16 units."""
    text = sentence.text
    if sentence.base is None:
        before = text.find(token)
        sentence.base = span[0] - len(text[: max(before, 0)].encode("utf-16-le", "surrogatepass")) // 2
        sentence.units = [UNITS[unit](text) for unit in ("UTF-16 units", "code points")]
    first, last = span[0] - sentence.base, span[1] - sentence.base
    for at in sentence.units:
        if (
            0 <= first <= last < len(at)
            and 0 <= at[first] <= at[last]
            and text[at[first] : at[last]] == token
        ):
            return at[first], at[last]
    raise RiftError(
        f"the token {shown(token)} does not lie at {span[0]}-{span[1]} of its sentence",
        where=where,
        remedy=_REMEDY,
    )


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda match: _PLAIN.get(match[1], match[1]), text) if "\\" in text else text


def _marks(one: _Annotation, words: Spoken, starts: Sequence[int]) -> list[Mark]:
    turns = words.covered(starts[one.start[0]] + one.start[1], starts[one.end[0]] + one.end[1])
    if turns is None:  # a mark between two words
        turns = words.covered(starts[one.start[0]], starts[one.start[0]] + 1) or (0, 0)
    given = {name: value for name, value in one.values.items() if value.strip()}
    labels = [value for name, value in given.items() if not _ASIDE.search(name)]
    value: float | None = None
    ratings = [label for label in labels if _RATING.fullmatch(label)]
    if len(ratings) == 1 and len(labels) > 1:
        labels.remove(ratings[0])
        value = float(ratings[0].replace(",", "."))
    return [
        Mark(None, "turn", label.strip(), "present", one.place, *turns, value=value)
        for label in dict.fromkeys(labels or [one.layer.name])
    ]
