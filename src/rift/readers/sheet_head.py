"""Who coded which session, as the lines above a table and the sheet's title tell."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rift.readers.grid import Row
from rift.readers.xlsx import NamedGrid

_CODER = (
    r"coders?|raters?|annotators?|kodierer(?:[:*_/]?in)?|rater[:*_/]in|beurteiler(?:[:*_/]?in)?"
    r"|(?:rated|coded) by"
)
_SESSION = r"session|sitzung|sess|séance|sitzungsnr|std|stunde"
_PATIENT = r"patient(?:[:*_/]?in)?|client|klient(?:[:*_/]?in)?|case|fall|dyad|dyade"
_FIELDS = (("coder", _CODER), ("session_id", _SESSION), ("patient_id", _PATIENT))
_AFTER = r"(?:\s?(?:id|no|nr|name|number|code)\b)?[\s.:#=_–-]{1,5}"
_VALUE = r"[\w][\w.-]{0,39}"
_IN_TEXT = {
    name: re.compile(rf"(?<![^\W_])(?:{words}){_AFTER}(?P<value>{_VALUE})", re.IGNORECASE)
    for name, words in _FIELDS
}
_ALONE = {
    name: re.compile(rf"(?:{words})(?:\s?(?:id|no|nr|name|number|code)\b)?[\s.:#=]{{0,4}}", re.IGNORECASE)
    for name, words in _FIELDS
}
_DEFAULT_TITLE = re.compile(r"(?:sheet|tabelle|blatt|feuil|hoja|foglio|blad|worksheet)\s?\d*", re.IGNORECASE)
_MAX_TEXT = 200


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a sheet before its first row of data; None where nothing tells."""

    coder: str | None
    patient_id: str | None
    session_id: str | None
    warnings: tuple[str, ...] = ()


def read_head(sheet: NamedGrid, top: int, columns: int, several: bool) -> Head:
    """Return what the lines above the table and the title tell.

    Parameters
    ----------
    sheet
        The sheet.
    top
        How many of its rows are head.
    columns
        The column with the rows' names; its heading is not looked at.
    several
        Whether the workbook has several such sheets: their titles then name the coders if nothing else does.
    """
    found: dict[str, str] = {}
    for row in sheet.grid.rows[: max(0, top - 1)]:
        _look(row, found)
    for name, pattern in _IN_TEXT.items():
        match = pattern.search(sheet.title)
        if match and name not in found:
            found[name] = match["value"].strip(".-")
    told: list[str] = []
    title = sheet.title.strip()
    told_by_title = any(known.search(title) for known in _IN_TEXT.values())
    if several and "coder" not in found and not told_by_title and not _DEFAULT_TITLE.fullmatch(title):
        found["coder"] = title
        told.append("the sheet's title is taken as the coder")
    return Head(found.get("coder"), found.get("patient_id"), found.get("session_id"), tuple(told))


def _look(row: Row, found: dict[str, str]) -> None:
    cells = [cell.strip() for cell in row.cells if cell.strip()]
    for i, cell in enumerate(cells):
        if len(cell) > _MAX_TEXT:
            continue
        for name, pattern in _IN_TEXT.items():
            if name in found:
                continue
            if _ALONE[name].fullmatch(cell):
                if i + 1 < len(cells) and len(cells[i + 1]) <= 40 and not cells[i + 1].endswith(":"):
                    found[name] = cells[i + 1]
            elif match := pattern.search(cell):
                found[name] = match["value"].strip(".-")
