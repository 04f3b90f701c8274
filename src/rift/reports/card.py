"""The model card: what a model is, what it is for, how it was judged and what is not known (Markdown).

Its sections follow Mitchell et al. (2019); it says what the run shows and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rift.config import Config
from rift.corpus.report import DataReport
from rift.evaluation.results import Evaluation
from rift.manifest import Manifest, write_text
from rift.readers.wording import counted
from rift.reports.card_corpus import corpus_facts
from rift.reports.card_tables import calibration_lines, counts_only, label_grid, legend
from rift.reports.markdown import escaped, grid_tables
from rift.reports.page.coder_tables import class_grid
from rift.reports.page.headline import PLURAL, headline
from rift.reports.page.methods import methods
from rift.reports.page.tables import baseline_grid
from rift.reports.page.wording import enumerated
from rift.reports.page.write import Study

CARD_NAME = "model-card.md"

_MITCHELL = (
    "Mitchell, M., Wu, S., Zaldivar, A., Barnes, P., Vasserman, L., Hutchinson, B., Spitzer, E., Raji, I. D.,"
    " & Gebru, T. (2019). Model cards for model reporting. Proceedings of FAT* '19, 220–229."
)


@dataclass(frozen=True)
class PredictionsFile:
    """The file in which another system's probabilities came: its name and sha256."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Origin:
    """Where the judged probabilities come from.

    Attributes
    ----------
    report, data_sha256
        What was counted in the prepared corpus, and its sha256.
    manifest
        Of the finished model; None where the folder has none, or another system is judged.
    file
        Of another system's probabilities; None for a model of RIFT.
    """

    report: DataReport
    data_sha256: str
    manifest: Manifest | None = None
    file: PredictionsFile | None = None


def write_card(evaluation: Evaluation, study: Study, origin: Origin, folder: Path) -> Path:
    """Write ``model-card.md`` into a folder, whole or not at all; return its path."""
    path = folder / CARD_NAME
    write_text(path, model_card(evaluation, study, origin))
    return path


def model_card(evaluation: Evaluation, study: Study, origin: Origin) -> str:
    """Return the model card of an evaluation; no words of a transcript, no names of patients or coders.

    Parameters
    ----------
    evaluation, study
        What was found, and of what.
    origin
        The model, or the file of another system, and the corpus.
    """
    config = _as_trained(study.config, origin.manifest)
    method = methods(evaluation, study.codebook, config, study.folds, origin.file is not None)
    missing = headline(evaluation, study.config.evaluate).missing
    sections = {
        "Details": _items(_details(evaluation, study, origin)),
        "Intended use": _items(_use(origin)),
        "Corpus": _items((*corpus_facts(origin.report, study.folds), *_learned(origin))),
        "How it was judged": _paragraphs(method.paragraphs),
        "Results": _results(evaluation, study, origin),
        "What these data do not show": _items((*missing, *_unknown(study, origin))),
        "Privacy": _items(_privacy(study, origin)),
        "References": _items((*method.references, _MITCHELL)),
    }
    parts = "\n".join(f"## {title}\n\n{text}" for title, text in sections.items())
    return f"# Model card: {escaped(_name(study, origin))}\n\n{escaped(_summary(study, origin))}\n\n{parts}"


def _items(texts: Iterator[str] | tuple[str, ...]) -> str:
    return "".join(f"- {escaped(text)}\n" for text in texts)


def _paragraphs(texts: tuple[str, ...]) -> str:
    return "\n".join(f"{escaped(text)}\n" for text in texts)


def _as_trained(config: Config, manifest: Manifest | None) -> Config:
    """Return the configuration with what the model says of its own training, not what is set now."""
    if manifest is None:
        return config
    epochs = manifest.config.get("train", {}).get("epochs", config.train.epochs)
    train = config.train.model_copy(update={"encoder": manifest.encoder, "epochs": epochs})
    return config.model_copy(update={"train": train, "windows": manifest.windows})


def _name(study: Study, origin: Origin) -> str:
    if origin.file:
        return f"another system, {origin.file.name}"
    return origin.manifest.name if origin.manifest else f"RIFT on {study.corpus}"


def _summary(study: Study, origin: Origin) -> str:
    if origin.file:
        return (
            f"Probabilities of another system, judged by RIFT beside the coders of the corpus {study.corpus}."
            " Nothing is known here of how they were made: neither what the system is, nor what it learned"
            " from, nor whether it had seen these patients; if it had, the figures below are too good."
        )
    encoder = _encoder(_as_trained(study.config, origin.manifest).train.encoder)
    kinds = dict.fromkeys(label.kind for label in study.codebook.labels)
    labels = enumerated([counted(len(study.codebook.of_kind(kind)), kind, PLURAL[kind]) for kind in kinds])
    finished = "" if origin.manifest else " There is no finished model: this is its cross-validation."
    return (
        f"A classifier that gives turns of a psychotherapy transcript a probability of each of {labels}"
        f" of the codebook {study.codebook.name}: {encoder}, fine-tuned by RIFT on the corpus"
        f" {study.corpus}.{finished}"
    )


def _encoder(setting: str) -> str:
    if setting == "bundled":
        return "the encoder all-MiniLM-L6-v2"
    if setting.startswith("hub:"):
        return f"the encoder {setting.removeprefix('hub:')}"
    return f"an encoder from a folder of its own ({Path(setting).name})"


def _details(evaluation: Evaluation, study: Study, origin: Origin) -> Iterator[str]:
    book, manifest = study.codebook, origin.manifest
    yield f"Judged by RIFT {evaluation.meta['rift']}."
    yield f"Codebook: {book.id}, version {book.version} ({book.name}; source under References)."
    yield f"Corpus as it was judged: sha256 {origin.data_sha256}."
    if origin.file:
        yield f"Probabilities: {origin.file.name}, sha256 {origin.file.sha256}."
    if manifest is None:
        return
    trained = manifest.config.get("train", {})
    yield (
        f"Trained by RIFT {manifest.rift_version}, seed {trained.get('seed', 'unknown')}, from"
        f" {_encoder(manifest.encoder)}, sha256 {manifest.encoder_sha256}."
    )
    yield f"Corpus as it was trained on: sha256 {manifest.data_sha256}."
    yield f"Configuration of the training: sha256 {manifest.config_sha256}."
    yield from (f"{name}: sha256 {digest}." for name, digest in sorted(manifest.files.items()))
    if manifest.data_sha256 != origin.data_sha256:
        yield "The two differ: the corpus was prepared anew after the training, or is another."
    if changed := _changed(evaluation, manifest):
        yield (
            f"The thresholds or releases of {counted(changed, 'label')}, families included, are not those in"
            " rift.json: the flags judged here are not those that the model gives."
        )


def _changed(evaluation: Evaluation, manifest: Manifest) -> int:
    known = {decision.label: (decision.threshold, decision.status) for decision in manifest.decisions}
    return sum(known.get(row.column) != (row.threshold, row.status) for row in evaluation.model.rows)


def _use(origin: Origin) -> Iterator[str]:
    yield "For: drafts of codes that a trained coder checks; finding turns to reread."
    if not origin.file:
        yield "For: a start for training on codings of your own."
    yield "Not for: decisions about patients or therapists."
    yield "Not for: counts, comparisons or claims in a study without codings of its own to check against."
    yield (
        "Unknown: how it does in other languages, therapies and settings than those of the corpus, or where"
        " transcripts are made in another way. What a transcript does not note, it cannot see."
    )


def _learned(origin: Origin) -> Iterator[str]:
    if origin.file:
        return
    yield "The figures are of the models of the folds, each judged on patients that it had not seen."
    if origin.manifest:
        yield "The finished model learned from the patients of all folds and was itself judged on none."


def _results(evaluation: Evaluation, study: Study, origin: Origin) -> str:
    name = "the system" if origin.file else "RIFT"
    few = "".join(f"- {escaped(text)}\n" for text in counts_only(evaluation.model.rows))
    parts = [
        *(f"{escaped(text)}\n" for text in legend(evaluation, study.config.evaluate.margin)),
        *grid_tables(label_grid(evaluation)),
        *([f"Counts only:\n\n{few}"] if few else []),
    ]
    if calibration := _items(tuple(calibration_lines(evaluation))):
        parts.append(f"### Calibration\n\n{calibration}")
    for grid in (
        baseline_grid(evaluation, name),
        *([class_grid(evaluation.classes, study.codebook, name)] if evaluation.classes else []),
    ):
        parts += [f"### {escaped(grid.caption)}\n", *grid_tables(grid, "####")]
    return "\n".join(parts)


def _unknown(study: Study, origin: Origin) -> Iterator[str]:
    yield "Figures by patients' sex, age, culture or diagnosis: such fields are not read."
    if not (origin.file or study.config.evaluate.trainings):
        yield "How far another seed of the training would change the figures: no other training was given."


def _privacy(study: Study, origin: Origin) -> Iterator[str]:
    yield "This card holds no words of the transcripts and no names of patients or coders."
    page = "quotes turns" if study.turns is not None else "was written without words of the transcripts"
    yield f"report.html beside it {page}."
    if origin.manifest:
        yield (
            "The model's folder holds weights, tokenizer, thresholds, settings and hashes; no words of the"
            " transcripts. rift.json names the folders of the training. Whether words can be won back from"
            " the weights was not tested."
        )
        yield (
            "predictions.parquet and baseline.parquet, which a training leaves in the same folder, hold ids"
            " of patients and sessions. Scoring does not need them: leave them out when you pass a model on."
        )
