"""The model card: the numbers of the run, what is undefined and why, and nothing that is not known."""

import re
from dataclasses import replace

import pytest
from made_pages import CONFIG, classes, coded, no_family, one_turn, ordinary, page_of, silent, unused

from rift.corpus.report import DataReport, FoldCount, LabelCount, SharedText
from rift.manifest import Decision, Manifest
from rift.reports.card import CARD_NAME, Origin, PredictionsFile, model_card, write_card
from rift.reports.numbers import count
from rift.reports.page.headline import headline
from rift.reports.page.wording import figure, fine, number

pytestmark = pytest.mark.filterwarnings("error")

HEAD = (
    "| Label | Support | Marked | Flags | Precision (95 % interval) | Ceiling | Recall | F1 | AP | Kappa MH |"
    " Kappa HH | Delta (95 % interval) | Not inferior | Status |"
)
SECTIONS = [
    "Details", "Intended use", "Corpus", "How it was judged", "Results", "What these data do not show",
    "Privacy", "References",
]  # fmt: skip


def report(**changes):
    known = DataReport(
        corpus="my study", codebook="small", turns=150, sessions=7, patients=8, coders=("ann", "bob"),
        therapists=(), folds=(FoldCount(0, ("p0", "p1"), 120), FoldCount(-1, ("p6", "p7"), 30)),
        per_session=(), speakers={"patient": 120, "therapist": 30, "other": 0},
        overlap={"0": 0, "1": 30, "2": 120, "3+": 0}, labels=(), min_examples=10, unused=(),
        not_looked_for=(), units={"turn": 300, "segment": 0, "session": 0}, same_speaker_turns=0,
        backward_times=0, shared_texts=(), shared_therapists={}, two_caseloads=(), repeated_codings=0,
        ineligible_marks=0, coverage_declared=True, warnings=(),
    )  # fmt: skip
    return replace(known, **changes)


def decisions_of(columns, threshold=0.5):
    return tuple(
        Decision(label=name, speakers=("patient",), status=status, rule="r", threshold=threshold)
        for name, status in zip(columns, ["released", "not released", "released"], strict=False)
    )


def manifest_of(page, decisions, **changes):
    known = {
        "name": "my_model", "rift_version": "0.0.9", "codebook": page.study.codebook, "encoder": "bundled",
        "encoder_sha256": "e" * 64, "windows": CONFIG.windows, "decisions": decisions,
        "episodes": CONFIG.episodes, "data_sha256": "d" * 64, "config_sha256": "c" * 64,
        "config": {"train": {"epochs": 7, "seed": 42}}, "metrics": {}, "versions": {},
        "files": {"model.onnx": "f" * 64},
    }  # fmt: skip
    return Manifest(**{**known, **changes})


def card_of(page, **origin):
    return model_card(page.evaluation, page.study, Origin(report(), "d" * 64, **origin))


def finished(**changes):
    columns = ("l0", "l1", "away")
    page = page_of(*coded(), decisions=decisions_of(columns))
    return page, card_of(page, manifest=manifest_of(page, decisions_of(columns), **changes))


def section(card, title):
    return card.split(f"\n## {title}\n")[1].split("\n## ")[0]


def row_of(card, name):
    (line,) = (line for line in section(card, "Results").splitlines() if line.startswith(f"| {name} |"))
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


@pytest.mark.parametrize("made", [ordinary, one_turn, silent, unused, classes])
def test_card_has_its_sections_and_tables_of_whole_rows(made):
    card = card_of(made())
    assert re.findall(r"^## (.+)$", card, re.MULTILINE) == SECTIONS
    tables = re.findall(r"(?:^\|.*\n)+", card, re.MULTILINE)
    assert len(tables) >= 2
    for table in tables:
        head, rule, *rows = table.splitlines()
        assert re.fullmatch(r"\|(---\|)+", rule)
        assert rows
        assert {len(re.findall(r"(?<!\\)\|", line)) for line in (head, rule, *rows)} == {head.count("|")}
        assert f"\n\n{table}\n" in card, "a blank line stands around a table"
    assert not re.search(r"\bnan\b|None[^ ]", card)
    assert "Mitchell, M., " in section(card, "References")


def test_a_row_holds_the_numbers_of_the_evaluation():
    page, card = finished()
    row = page.evaluation.model.row("l0")
    assert HEAD in card
    assert row_of(card, "Label 0") == [
        "Label 0", "Full", count(row.positives), count(row.flags), number(row.precision),
        figure(row.ceiling.value), figure(row.recall.value), figure(row.f1.value),
        figure(row.average_precision.value), figure(row.kappa_mh.value), figure(row.kappa_hh.value),
        number(row.delta), row.claims.non_inferiority.verdict.replace("cannot tell", "cannot tell (note 1)"),
        "released",
    ]  # fmt: skip
    assert row_of(card, "Label 1")[-1] == "not released"
    assert "### Families" in card


def test_averages_stand_beside_the_baselines_and_coders():
    page, card = finished()
    macro = page.evaluation.model.averages[0]
    assert row_of(card, "RIFT")[1] == number(macro.precision)
    assert row_of(card, "TF-IDF")[1] == number(macro.precision), "the same predictions"
    assert row_of(card, "A coder against the others")[1] == number(macro.ceiling)


def test_calibration_is_a_line_per_family_or_else_per_full_label():
    page, card = finished()
    row = page.evaluation.calibration.row("away")
    told = section(card, "Results").split("### Calibration\n")[1].split("###")[0].strip()
    assert told.startswith(
        f"- Moving away: mean probability {fine(row.predicted)}, marked {fine(row.prevalence)};"
    )
    assert f"skill {number(row.skill)} (" in told
    assert f"slope {number(row.slope)} (" in told
    assert told.count("\n") == 0
    told = section(card_of(no_family()), "Results").split("### Calibration\n")[1].split("###")[0]
    assert re.findall("- (.+?):", told) == ["Label 0", "Label 1"]
    assert "### Calibration" not in card_of(silent())


def test_what_is_undefined_says_so_and_why():
    card = card_of(unused())
    cells = row_of(card, "Label 1")
    assert cells[1:4] == ["Counts", "0", "0"]
    note = re.search(r"^(\d+)\. fewer than 4 flags and positives$", card, re.MULTILINE).group(1)
    assert cells[4:12] == [f"undefined (note {note})"] * 8
    assert cells[12].startswith("cannot tell (note ")
    assert cells[13] == "unknown"
    assert "- Label 1: 0 flagged and marked, 0 flagged only, 0 marked only (shares of coders)." in card


def test_the_page_and_the_card_lack_the_same():
    page = one_turn()
    told = section(card_of(page), "What these data do not show")
    missing = headline(page.evaluation, CONFIG.evaluate).missing
    assert missing
    for one in missing:
        assert f"- {one}\n" in told


def test_other_seeds_are_unknown_unless_other_trainings_were_given():
    page, told = ordinary(), "How far another seed of the training would change the figures"
    assert told in card_of(page)
    section = CONFIG.evaluate.model_copy(update={"trainings": ("models/other",)})
    study = replace(page.study, config=CONFIG.model_copy(update={"evaluate": section}))
    assert told not in model_card(page.evaluation, study, Origin(report(), "d" * 64))


def test_hashes_seed_and_training_are_those_of_the_model_not_of_the_settings():
    page, card = finished()
    details = section(card, "Details")
    assert card.startswith("# Model card: my_model\n")
    assert "Judged by RIFT " + page.evaluation.meta["rift"] in details
    assert "Trained by RIFT 0.0.9, seed 42, from the encoder all-MiniLM-L6-v2, sha256 " + "e" * 64 in details
    assert "Configuration of the training: sha256 " + "c" * 64 in details
    assert "- model.onnx: sha256 " + "f" * 64 in details
    assert "differ" not in details
    assert "rift.json" not in details
    assert page.study.config.train.epochs != 7
    assert "for 7 epochs" in section(card, "How it was judged")


def test_a_model_that_is_not_the_judged_one_is_told():
    page, card = finished(data_sha256="0" * 64)
    assert "The two differ: the corpus was prepared anew after the training, or is another." in card
    columns = ("l0", "l1", "away")
    card = card_of(page, manifest=manifest_of(page, decisions_of(columns, threshold=0.6)))
    assert "The thresholds or releases of 3 labels, families included, are not those in rift.json" in card


def test_no_path_of_an_encoder_is_told():
    _, card = finished(encoder="/home/somebody/study/encoders/own")
    assert "an encoder from a folder of its own (own)" in card
    assert "somebody" not in card
    assert "MiniLM" not in card
    _, card = finished(encoder="hub:ORG/NAME")
    assert "the encoder ORG/NAME" in card


def test_without_a_finished_model_the_card_is_of_its_cross_validation():
    card = card_of(ordinary())
    assert card.startswith("# Model card: RIFT on my study\n")
    assert "There is no finished model: this is its cross-validation." in card
    assert "seed 42" not in card
    assert "The finished model learned" not in card
    assert "weights, tokenizer" not in card


def test_another_system_is_named_by_its_file_and_nothing_is_claimed_of_its_making():
    page = ordinary()
    study = replace(page.study, other=True)
    origin = Origin(report(), "d" * 64, file=PredictionsFile("other_v2.csv", "a" * 64))
    card = model_card(page.evaluation, study, origin)
    assert card.startswith("# Model card: another system, other_v2.csv\n")
    assert "Probabilities: other_v2.csv, sha256 " + "a" * 64 in card
    assert "Nothing is known here of how they were made" in card
    assert "How the system was made, and whether it had seen these patients, is not known to RIFT." in card
    for untrue in ("fine-tune", "RIFT–coder", "between RIFT and", "out of fold", "Reimers", "| RIFT |"):
        assert untrue not in card
    assert row_of(card, "the system")[1] == number(page.evaluation.model.averages[0].precision)
    assert "predictions.parquet" not in card


def test_exclusive_codebooks_have_their_classes():
    page = classes()
    card = card_of(page)
    assert "a probability of each of 3 classes of the codebook Small" in card
    assert "### Classes" in card
    known = page.evaluation.classes["model"]
    assert row_of(card, "Macro F1")[1].startswith(figure(known.macro_f1.value))


def test_a_pipe_in_a_name_breaks_no_table():
    page = page_of(*coded(), names=["Yes|no", "<b>*x*</b>"], family=False)
    card = card_of(page)
    assert row_of(card, r"Yes\|no")[1] == "Full"
    assert row_of(card, r"\<b>\*x\*\</b>")[1] == "Full"


def test_limits_of_the_corpus_are_told_without_names():
    labels = (
        LabelCount("l0", "Label 0", "marker", {}, 0, 4, 3.5, 2, 120, 0.03, True),
        LabelCount("l1", "Label 1", "marker", {}, 0, 0, 0, 0, 0, None, True),
    )
    shared = (SharedText((("p0", "s1", 0), ("p1", "s1", 3)), True),)
    known = report(
        labels=labels, not_looked_for=("l1",), unused=("l0",), shared_texts=shared, coverage_declared=False,
        units={"turn": 300, "segment": 3, "session": 1}, warnings=("p0/s1: odd", "p1/s1: odder"),
    )  # fmt: skip
    page = ordinary()
    told = section(model_card(page.evaluation, page.study, Origin(known, "d" * 64)), "Corpus")
    for line in (
        "my study: 7 sessions of 8 patients, 150 turns (120 patient, 30 therapist), 2 coders.",
        "120 turns coded by two or more coders, 30 by one, 0 by nobody.",
        "Patients were split into 3 folds, each with all its turns; therapists are not known, so one"
        " therapist's words may be in several folds.",
        "2 patients with 30 turns: for training only, never judged.",
        "Who coded what was not declared, but taken from the codings.",
        "Nobody looked for: Label 1.",
        "Nobody gave: Label 0.",
        "Fewer than 10 marked turns: Label 0.",
        "4 codings of segments or sessions, not of turns: not in the tables below.",
        "1 text of six words or more said by several patients, 1 of them in two folds: the split does not"
        " keep these words apart.",
        "The preparation gave 2 warnings: see its report.json.",
    ):
        assert f"- {line}\n" in told
    assert "odd" not in told
    assert "p0" not in told


def test_no_words_and_no_names_of_people():
    page, card = finished()
    assert not re.search(r"words \d+ end|\bann\b|\bbob\b|\bp\d\b", card)
    assert "report.html beside it quotes turns." in card
    page = ordinary(text=False)
    assert "report.html beside it was written without words of the transcripts." in card_of(page)


def test_card_is_written_whole_into_its_folder(tmp_path):
    page = ordinary()
    path = write_card(page.evaluation, page.study, Origin(report(), "d" * 64), tmp_path / "deep")
    assert path == tmp_path / "deep" / CARD_NAME
    assert path.read_text("utf-8") == card_of(page)
    assert [one.name for one in path.parent.iterdir()] == ["model-card.md"]
