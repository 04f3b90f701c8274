"""How a lab lays out its coding tables, as data: which columns, which spellings."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rift.schema import State, Unit

Layout = Literal["long", "wide_coders", "wide_labels"]

COLUMN_NAMES = (
    "patient_id", "session_id", "turn", "first_turn", "last_turn", "start_s", "end_s", "unit", "coder",
    "label", "value", "state",
)  # fmt: skip
_ONLY_LONG = ("label", "value", "state")
_MEANINGS: tuple[State, ...] = get_args(State)
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_WHOLE = re.compile(r"([+-]?\d+)[.,]0+")


def spelling_key(cell: str) -> str:
    """Return what a cell's spelling is compared by.

    Case and outer blanks do not matter, ``1.0`` is ``1`` (pandas writes it), every dash is ``-``.
    """
    text = _DASHES.sub("-", cell.strip().casefold())
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text


def _spelled(value: Any) -> tuple[str, ...]:
    """Return spellings as text; YAML has read a bare ``yes`` as true, a bare ``1`` as a number."""
    words = {True: ("yes", "true"), False: ("no", "false"), None: ("",)}
    values = value if isinstance(value, list | tuple) else [value]
    return tuple(
        text for one in values for text in (words[one] if isinstance(one, bool | None) else (str(one),))
    )


class CodingLayout(BaseModel):
    """How to read one kind of coding table.

    Attributes
    ----------
    layout
        ``long``: a row per mark, or per unit and coder with the labels in one cell.
        ``wide_coders``: a column per coder, its cells hold labels. ``wide_labels``: a column per
        label, its cells say present, absent or uncodable, or hold a rating.
    columns
        Our names (`COLUMN_NAMES`) to the file's headers. Empty: the file uses our names.
    marks
        For wide layouts: the coders' or labels' names to the file's headers, or a list of headers
        that are the names. None: every column that is not in ``columns``.
    coder
        Who coded, where no column and no file name tells.
    unit
        What every row codes, where no column tells; None: a turn if the row has one, else a
        segment if it has times, else the session.
    first_turn_number
        0 or 1: the number that the lab gives to the first turn.
    inclusive_end
        ``end_s`` names the last second of the segment (0-59, 60-119), as in one-minute 3RS sheets.
    present, absent, uncodable, not_coded
        Spellings in cells; ``''`` is a blank cell. A ``not_coded`` cell takes its unit out of what
        the coder looked at. A spelling that is given in one list leaves the defaults of the others.
    value_is_rating
        Cells of label columns (in ``long``: of ``value``) are ratings 1-5 in which 1 is no marker.
        A blank one is then not coded, unless it is listed.
    separators
        Between the labels in one cell; none if label names contain them.
    sheet
        The sheet of a workbook; None: the first visible one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    layout: Layout
    columns: dict[str, str] = Field(default_factory=dict)
    marks: dict[str, str] | None = None
    coder: str | None = Field(default=None, min_length=1)
    unit: Unit | None = None
    first_turn_number: Literal[0, 1] = 0
    inclusive_end: bool = False
    present: tuple[str, ...] = ("1", "x", "xx", "yes", "true", "✓")
    absent: tuple[str, ...] = ("0", "", "no", "none", "false")
    uncodable: tuple[str, ...] = ("-", "n/a", "na", "nc", "uncodable", "?")
    not_coded: tuple[str, ...] = ()
    value_is_rating: bool = False
    separators: tuple[str, ...] = (";", "|", ",", "\n")
    sheet: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _settle(cls, data: Any) -> Any:
        """Fill in lists: what the user spells out leaves the defaults of the other meanings."""
        if not isinstance(data, dict):
            return data
        data = dict(data)
        if isinstance(data.get("marks"), list | tuple):
            data["marks"] = {str(name): str(name) for name in data["marks"]}
        given = {meaning: _spelled(data[meaning]) for meaning in _MEANINGS if data.get(meaning) is not None}
        taken = {spelling_key(spelling) for spellings in given.values() for spelling in spellings}
        defaults = {meaning: cls.model_fields[meaning].default for meaning in _MEANINGS}
        if data.get("value_is_rating") is True and data.get("layout") == "wide_labels":
            defaults |= {"present": (), "absent": ("no", "none", "false"), "not_coded": ("",)}
        for meaning in _MEANINGS:
            free = tuple(text for text in defaults[meaning] if spelling_key(text) not in taken)
            data[meaning] = given.get(meaning, free)
        return data

    @model_validator(mode="after")
    def _consistent(self) -> CodingLayout:
        if unknown := sorted(set(self.columns) - set(COLUMN_NAMES)):
            raise ValueError(f"columns names {unknown[0]!r}; known: {', '.join(COLUMN_NAMES)}")
        if "turn" in self.columns and "first_turn" in self.columns:
            raise ValueError("columns names both turn and first_turn; give one")
        if "last_turn" in self.columns and "first_turn" not in self.columns:
            raise ValueError("columns names last_turn without first_turn")
        if self.layout == "long":
            if self.marks is not None:
                raise ValueError("marks is for wide layouts; in long, columns names the label's column")
            if self.columns and "label" not in self.columns:
                raise ValueError("layout long needs the column of the label under columns, as label: HEADER")
        elif several := [name for name in _ONLY_LONG if name in self.columns]:
            raise ValueError(f"columns names {several[0]!r}, which only layout long has")
        if self.layout == "wide_coders" and ("coder" in self.columns or self.coder is not None):
            raise ValueError("layout wide_coders has a column per coder; leave coder out")
        if self.value_is_rating and (self.layout == "wide_coders" or "state" in self.columns):
            raise ValueError("value_is_rating is for label columns, or for value without a state column")
        if self.coder is not None and "coder" in self.columns:
            raise ValueError("coder is given twice: as a name and under columns")
        if clash := next((key for key in self._meanings if len(self._meanings[key]) > 1), None):
            raise ValueError(f"{clash!r} stands for both {' and '.join(self._meanings[clash])}")
        return self

    @cached_property
    def _meanings(self) -> dict[str, tuple[State, ...]]:
        found: dict[str, tuple[State, ...]] = {}
        for meaning in _MEANINGS:
            for key in dict.fromkeys(spelling_key(text) for text in getattr(self, meaning)):
                found[key] = (*found.get(key, ()), meaning)
        return found

    def meaning(self, cell: str) -> State | None:
        """Return what a cell's spelling says, or None if it is none of the known ones."""
        found = self._meanings.get(spelling_key(cell))
        return None if found is None else found[0]

    def spellings(self) -> str:
        """Return the known spellings in one line, for messages."""
        known = {meaning: getattr(self, meaning) for meaning in _MEANINGS}
        return "; ".join(
            f"{meaning.replace('_', ' ')}: {' '.join(repr(text) for text in texts)}"
            for meaning, texts in known.items()
            if texts
        )
