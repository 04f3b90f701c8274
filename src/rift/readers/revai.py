"""Rev AI JSON: monologues of words and punctuation."""

from __future__ import annotations

from rift.readers.contract import Source
from rift.readers.json_fields import Fields, fields, name_of, objects, seconds_of
from rift.readers.words import untold
from rift.schema import Transcript, Turn

names: tuple[str, ...] = ("revai", "rev")
suffixes: tuple[str, ...] = (".json",)


def sniff(source: Source) -> float:
    """Return 0.95 for monologues."""
    return 0.95 if objects(fields(source.json).get("monologues")) else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the one transcript: a turn per monologue, punctuation and notes as they stand."""
    whole = fields(source.json)
    speakers = {name_of(one.get("id")): name_of(one.get("name")) for one in objects(whole.get("speakers"))}
    turns = tuple(turn for one in objects(whole.get("monologues")) if (turn := _turn(one, speakers)).text)
    return [Transcript(turns, str(source.path), warnings=tuple(untold(turns)))]


def _turn(monologue: Fields, speakers: dict[str | None, str | None]) -> Turn:
    elements = objects(monologue.get("elements"))
    text = "".join(value for element in elements if isinstance(value := element.get("value"), str))
    starts = [time for element in elements if (time := seconds_of(element.get("ts"))) is not None]
    ends = [time for element in elements if (time := seconds_of(element.get("end_ts"))) is not None]
    number = name_of(monologue.get("speaker"))
    name = (
        name_of(fields(monologue.get("speaker_info")).get("display_name")) or speakers.get(number) or number
    )
    return Turn(name, text.strip(), min(starts, default=None), max(ends, default=None))
