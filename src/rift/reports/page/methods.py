"""A paragraph on how the comparison was made, ready to paste, with this run's numbers and its sources."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rift.codebook import Codebook
from rift.config import Config
from rift.evaluation.averages import Average
from rift.evaluation.results import Evaluation
from rift.readers.wording import counted
from rift.reliability.alt_test import MIN_CODERS
from rift.reports.numbers import setting, share
from rift.reports.page.headline import PLURAL, working_coders
from rift.reports.page.wording import enumerated, level, number_or_reason

_BUNDLED = "all-MiniLM-L6-v2"

_ALWAYS = (
    "Angelopoulos, A. N., Bates, S., Candès, E. J., Jordan, M. I., & Lei, L. (2021). Learn then test:"
    " Calibrating predictive algorithms to achieve risk control. arXiv:2110.01052.",
    "Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly Weather"
    " Review, 78(1), 1–3.",
    "Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological"
    " Measurement, 20(1), 37–46.",
    "Efron, B., & Tibshirani, R. J. (1993). An introduction to the bootstrap. Chapman & Hall.",
    "Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania.",
    "Light, R. J. (1971). Measures of response agreement for qualitative data: Some generalizations and"
    " alternatives. Psychological Bulletin, 76(5), 365–377.",
    "Platt, J. C. (1999). Probabilistic outputs for support vector machines and comparisons to regularized"
    " likelihood methods. In Advances in large margin classifiers (pp. 61–74). MIT Press.",
    "Satterthwaite, F. E. (1946). An approximate distribution of estimates of variance components."
    " Biometrics Bulletin, 2(6), 110–114.",
    "Van Calster, B., McLernon, D. J., van Smeden, M., Wynants, L., & Steyerberg, E. W. (2019). Calibration:"
    " The Achilles heel of predictive analytics. BMC Medicine, 17, 230.",
    "Woodruff, R. S. (1971). A simple method for approximating the variance of a complicated estimate."
    " Journal of the American Statistical Association, 66(334), 411–414.",
)
_ENCODER = (
    "Reimers, N., & Gurevych, I. (2019). Sentence-BERT: Sentence embeddings using Siamese BERT-networks."
    " Proceedings of EMNLP-IJCNLP 2019.",
)
_COMPARING = (
    "Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of"
    " Statistics, 6(2), 65–70.",
    "McGraw, K. O., & Wong, S. P. (1996). Forming inferences about some intraclass correlation coefficients."
    " Psychological Methods, 1(1), 30–46.",
)
_REPLACING = (
    "Benjamini, Y., & Yekutieli, D. (2001). The control of the false discovery rate in multiple testing under"
    " dependency. Annals of Statistics, 29(4), 1165–1188.",
    "Calderon, N., Reichart, R., & Dror, R. (2025). The alternative annotator test for LLM-as-a-judge: How to"
    " statistically justify replacing human annotators with LLMs. arXiv:2501.10970.",
)
_TO_COMPARE = 2
"""Coders whose agreement can be known."""


@dataclass(frozen=True)
class Methods:
    """Paragraphs in plain text, and the references they cite."""

    paragraphs: tuple[str, ...]
    references: tuple[str, ...]


def methods(
    evaluation: Evaluation, codebook: Codebook, config: Config, folds: int, other: bool = False
) -> Methods:
    """Return the methods and results of an evaluation as text.

    Parameters
    ----------
    evaluation
        Gives the numbers.
    codebook, config
        What was coded, and every setting that is named.
    folds
        Into how many folds the patients were split.
    other
        Whether another system gave the probabilities, of whose making nothing can be said.
    """
    bundled = config.train.encoder == "bundled" and not other
    name = "the system" if other else "RIFT"
    coders = len(working_coders(evaluation.agreement))
    cited = sorted(
        (
            *_ALWAYS,
            *(_ENCODER if bundled else ()),
            *(_COMPARING if coders >= _TO_COMPARE else ()),
            *(_REPLACING if coders >= MIN_CODERS else ()),
        )
    )
    parts = (
        _material(evaluation, codebook, other),
        _unknown(folds) if other else _training(config, folds, bundled),
        _decisions(evaluation, config),
        _measures(evaluation, config, name),
        _between_coders(evaluation, config, name),
    )
    results = [_result(average, name) for average in evaluation.model.averages if average.method == "macro"]
    return Methods(
        paragraphs=(" ".join(" ".join(part) for part in parts), " ".join(results)),
        references=(*cited, f"Codebook: {' '.join(codebook.source.split())}"),
    )


def _material(evaluation: Evaluation, codebook: Codebook, other: bool) -> Iterator[str]:
    table = evaluation.model
    coders = working_coders(evaluation.agreement)
    rift = f"RIFT (version {evaluation.meta['rift']})"
    compared = f"Another system, whose probabilities {rift} calibrated and thresholded," if other else rift
    yield (
        f"{compared} was compared with {counted(len(coders), 'coder')} on"
        f" {counted(table.turns, 'turn')} of {counted(table.patients, 'patient')} that were coded with"
        f" the codebook {codebook.name} (version {codebook.version})."
    )
    overlap = max((row.overlap for row in evaluation.agreement.rows), default=0)
    if overlap:
        yield f"Up to {overlap:,} turns were coded by two or more coders for the same label."
    else:
        yield "No turn was coded by two coders, so agreement among coders could not be estimated."
    yield (
        "Turns that a coder did not code, or could not, were not taken as unmarked."
        " A turn's label is the share of its coders who marked it."
    )


def _unknown(folds: int) -> Iterator[str]:
    yield (
        "How the system was made, and whether it had seen these patients, is not known to RIFT."
        f" Patients, not turns, were split into {counted(folds, 'fold')}."
    )


def _training(config: Config, folds: int, bundled: bool) -> Iterator[str]:
    windows = config.windows
    encoder = f"the encoder {_BUNDLED} (Reimers & Gurevych, 2019)" if bundled else "a transformer encoder"
    yield (
        f"RIFT fine-tunes {encoder} on windows of up to {windows.max_tokens} tokens, of which up to"
        f" {windows.left_context_tokens} are context, for {counted(config.train.epochs, 'epoch')}."
        f" All predictions are out of fold: patients, not turns, were split into {counted(folds, 'fold')}."
    )


def _decisions(evaluation: Evaluation, config: Config) -> Iterator[str]:
    decisions = config.decisions
    yield (
        "The probabilities of a fold were calibrated (Platt, 1999), and its thresholds chosen, on the"
        " predictions of the other folds. A label's threshold is the lowest at which the"
        f" one-sided {level(decisions.confidence)} lower bound of precision, with patients as"
        f" clusters, reaches {share(decisions.target_precision)}, searched from the highest in fixed"
        " sequence (Angelopoulos et al., 2021); where none does, turns are flagged at the threshold with"
        " the highest F0.5 and the label is reported as not released."
    )
    labels = [row for row in evaluation.model.rows if row.status is not None]
    released = sum(row.status == "released" for row in labels)
    if labels:
        yield f"On all folds together, {released} of {len(labels)} labels, families included, were released."


def _measures(evaluation: Evaluation, config: Config, name: str) -> Iterator[str]:
    section = config.evaluate
    yield (
        "Precision is the agreement of a flag with a randomly drawn coder, that is, the sum of the labels of"
        " flagged turns over their number; the human ceiling is the mean over coders of a coder's precision"
        f" against the other coders. Agreement is Cohen's (1960) kappa: between {name} and coders the mean"
        " over coders, among coders the mean over pairs (Light, 1971); also Krippendorff's (2011) alpha."
    )
    yield (
        f"Intervals are two-sided at {level(section.interval)} and take patients, not turns, as independent:"
        " linearised ratio estimators on the logit scale (Woodruff, 1971) for precision and recall, the"
        " delete-one-patient jackknife with Student's t (Efron & Tibshirani, 1993) for all else; degrees of"
        " freedom are fewer where a few patients make most of the variance (Satterthwaite, 1946); with fewer"
        f" than {section.min_patients_interval} patients no interval is given."
    )
    yield (
        f"A label has full support with {section.full_support} flags, {section.full_support} marks and"
        f" {section.full_patients} patients with marks; only such labels enter macro averages. With fewer"
        f" than {section.exploratory_support} flags and marks no statistic is given."
    )
    yield (
        "Probabilities were judged by the Brier (1950) score, its skill over the base rate, and intercept and"
        " slope of a logistic recalibration (Van Calster et al., 2019)."
    )
    if names := [table.name for table in evaluation.baselines]:
        yield f"Baselines: {enumerated(names)}."


def _between_coders(evaluation: Evaluation, config: Config, name: str) -> Iterator[str]:
    """Yield what two or three coders allow to test."""
    section, coders = config.evaluate, len(working_coders(evaluation.agreement))
    if coders >= _TO_COMPARE:
        yield (
            f"Whether {name} agrees with coders no worse than they do with one another was tested as"
            f" non-inferiority of kappa with a margin of {setting(-section.margin)} set beforehand, adjusted"
            " after Holm (1979) over the labels of a kind that have full support. How often a label occurs in"
            " a session was compared by ICC(A,1) (McGraw & Wong, 1996), fitted by restricted maximum"
            " likelihood."
        )
    if coders >= MIN_CODERS:
        yield (
            f"Whether {name} could stand in a coder's place was asked by the alternative annotator test"
            f" (Calderon et al., 2025) with an epsilon of {setting(section.epsilon)}, on turns that a coder"
            " marked or that were flagged, with patients as clusters, adjusted after Benjamini and Yekutieli"
            " (2001)."
        )


def _result(average: Average, name: str) -> str:
    plural = PLURAL[average.kind]
    if not average.columns:
        return f"None of the {average.total} {plural} had full support, so no macro average is reported."
    known = {
        "precision": average.precision, "human ceiling": average.ceiling, "recall": average.recall,
        "F1": average.f1, "average precision": average.average_precision,
        f"kappa {name}–coder": average.kappa_mh, "kappa coder–coder": average.kappa_hh,
        "their difference": average.delta,
    }  # fmt: skip
    values = [f"{what} {number_or_reason(value)}" for what, value in known.items() if value is not None]
    return (
        f"Over the {len(average.columns)} of {average.total} {plural} with full support, macro averages were:"
        f" {'; '.join(values)}."
    )
