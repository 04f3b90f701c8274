"""Google Cloud Speech-to-Text JSON, of the first and second version of its interface."""

from __future__ import annotations

from rift.readers.contract import Source
from rift.readers.json_fields import Fields, fields, name_of, objects, seconds_of, text_of
from rift.readers.words import Word, turns_of_words, untold
from rift.schema import Transcript, Turn

names: tuple[str, ...] = ("google", "google_speech")
suffixes: tuple[str, ...] = (".json",)


def sniff(source: Source) -> float:
    """Return 0.95 for a list of results that hold alternatives with a transcript."""
    return 0.95 if _results(source.json) else 0.0


def read(source: Source) -> list[Transcript]:
    """Return the one transcript: a turn for every run of words of one speaker, else one per result.

    With speakers, the last result of the first version repeats all words, now with their speakers: it
    alone is read then.
    """
    results = _results(source.json)
    words = [_words(result) for result in results]
    spoken = [any(word.speaker for word in own) for own in words]
    if not any(spoken):
        turns = tuple(
            turn for result, own in zip(results, words, strict=True) if (turn := _turn(result, own)).text
        )
        return [Transcript(turns, str(source.path), warnings=tuple(untold(turns)))]
    if spoken[-1] and not any(spoken[:-1]):
        words = words[-1:]
    turns = turns_of_words([word for own in words for word in own])
    return [Transcript(turns, str(source.path), warnings=tuple(untold(turns)))]


def _results(content: object) -> list[Fields]:
    whole = fields(content)
    whole = fields(whole.get("response")) or whole
    return [result for result in objects(whole.get("results")) if _best(result)]


def _best(result: Fields) -> Fields:
    best = next(iter(objects(result.get("alternatives"))), {})
    return best if "transcript" in best or "words" in best else {}


def _words(result: Fields) -> list[Word]:
    found = []
    for word in objects(_best(result).get("words")):
        tag = word.get("speakerLabel") or word.get("speakerTag") or word.get("speaker_tag")
        start = seconds_of(word.get("startTime", word.get("startOffset", word.get("start_time"))))
        end = seconds_of(word.get("endTime", word.get("endOffset", word.get("end_time"))))
        found.append(Word(text_of(word.get("word")), name_of(tag), start, end))
    return found


def _turn(result: Fields, words: list[Word]) -> Turn:
    start = words[0].start_s if words else None
    end = words[-1].end_s if words else seconds_of(result.get("resultEndTime", result.get("resultEndOffset")))
    return Turn(None, text_of(_best(result).get("transcript")), start, end)
