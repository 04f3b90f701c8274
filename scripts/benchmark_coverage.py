"""Do the intervals cover, and does the alternative annotator test see through a useless model? By simulation.

    python scripts/benchmark_coverage.py                 # one to two minutes on one core
    python scripts/benchmark_coverage.py --runs 50       # a quick look

Patients differ in how often the mark occurs and in how hard it is to see there (both normal on the
logit scale), and coders and model see each turn independently given these. A turn of a patient is
then one of 16 patterns (the model, three coders), so that a corpus is a draw of counts of patterns,
and the sums that RIFT takes over turns are these counts times its own sums of each pattern.

Coverage: how often a nominal 95 % interval holds the value of endless patients, and how often there
is none (too few patients to make one; such runs do not count). The model is as good as the coders.

The test: how often four models pass it, over all turns, over active ones, and over these with
patients as clusters, where coders agree moderately and where they agree well.
"""

from __future__ import annotations

import argparse
import itertools
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from rift.codebook import Codebook
from rift.corpus.marks import Marks
from rift.evaluation.substitution import alpha_hh_of, substitution_sums
from rift.evaluation.sums import FLAGS, HITS, delta_of, f1_of, kappa_hh_of, marker_sums, precision_of
from rift.evaluation.units import ScoredMarks, scored
from rift.reliability.alt_test import (
    FALSE_DISCOVERY,
    PASSING_RATE,
    comparison_sums,
    patient_p_values,
    unit_p_values,
)
from rift.reliability.bootstrap import bootstrap_values, patient_draws, percentile_statistic
from rift.reliability.intervals import (
    Floats,
    IntervalRule,
    SumsFunction,
    jackknife_statistic,
    ratio_statistic,
)
from rift.reliability.multiplicity import benjamini_yekutieli
from rift.reliability.result import Statistic

CODERS = 3
LEVEL = 0.95
RULE = IntervalRule(LEVEL, 8)
SENSITIVITIES = (0.7, 0.9)
ENDLESS = 1e9
EPSILON = 0.2
PATTERNS = np.array(list(itertools.product((0, 1), repeat=1 + CODERS)), dtype=np.int8)


@dataclass(frozen=True)
class Rater:
    """How often a rater marks a turn that has the mark, and one that has not."""

    hit: float
    false_alarm: float


@dataclass(frozen=True)
class World:
    """Patients, and what is rated there."""

    rate: float
    turns: int
    spread: float
    sensitivity: float

    def coder(self) -> Rater:
        """Return a coder who marks as often as the mark occurs."""
        return Rater(self.sensitivity, self.rate * (1 - self.sensitivity) / (1 - self.rate))

    def chances(self, model: Rater, patients: int, random: np.random.Generator) -> Floats:
        """Return [patients, 16] the chance of each pattern in a turn of each patient."""
        occurs = expit(logit(self.rate) + random.normal(0, self.spread, patients))
        ease = random.normal(0, self.spread, patients)
        there = np.ones((patients, len(PATTERNS)))
        elsewhere = np.ones((patients, len(PATTERNS)))
        for marks, rater in zip(PATTERNS.T, (model, *[self.coder()] * CODERS), strict=True):
            hit = expit(logit(rater.hit) + ease)[:, None] if 0 < rater.hit < 1 else rater.hit
            there *= np.where(marks, hit, 1 - hit)
            elsewhere *= np.where(marks, rater.false_alarm, 1 - rater.false_alarm)
        return occurs[:, None] * there + (1 - occurs[:, None]) * elsewhere

    def corpus(self, model: Rater, patients: int, random: np.random.Generator) -> Floats:
        """Return [patients, 16] how many turns of each pattern each patient has."""
        return random.multinomial(self.turns, self.chances(model, patients, random)).astype(np.float64)

    def endless(self, model: Rater, random: np.random.Generator) -> Floats:
        """Return [1, 16] the patterns of very many turns of very many patients."""
        return ENDLESS * self.chances(model, 400_000, random).mean(axis=0)[None]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=1000, help="corpora per setting")
    parser.add_argument("--draws", type=int, default=2000, help="of the bootstrap")
    parser.add_argument("--turns", type=int, default=400, help="per patient")
    parser.add_argument("--spread", type=float, default=0.7, help="SD between patients, on the logit scale")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    began = time.monotonic()
    _print_coverage(options)
    _print_trap(options)
    print(f"\n{time.monotonic() - began:.0f} s")


def _print_coverage(options: argparse.Namespace) -> None:
    names = list(_intervals(_Sums.of(np.ones((8, len(PATTERNS)))), np.ones((1, 8))))
    print(f"Coverage of nominal {LEVEL:.0%} intervals, {options.runs} corpora each; in brackets: no interval")
    print(f"{'patients':>8} {'flags':>6}  " + "  ".join(f"{name:>17}" for name in names))
    for rate, patients in itertools.product((0.005, 0.05), (10, 20, 40)):
        world = World(rate, options.turns, options.spread, SENSITIVITIES[0])
        found = _coverage(world, patients, options)
        cells = [f"{_share(held, made)} [{1 - made / options.runs:>4.0%}]" for held, made in found.values()]
        print(f"{patients:>8} {rate:>6.1%}  " + "  ".join(f"{cell:>17}" for cell in cells), flush=True)


def _coverage(world: World, patients: int, options: argparse.Namespace) -> dict[str, tuple[int, int]]:
    """Return per interval in how many runs it held the truth, and in how many there was one."""
    random = np.random.default_rng([options.seed, patients, round(world.rate * 1e4)])
    endless = _Sums.of(world.endless(world.coder(), random))
    truth = {name: float(function(endless.of_name(name))[0]) for name, function in FUNCTIONS.items()}
    tally: dict[str, tuple[int, int]] = {}
    for run in range(options.runs):
        sums = _Sums.of(world.corpus(world.coder(), patients, random))
        weights = patient_draws(patients, options.draws, run)
        for name, known in _intervals(sums, weights).items():
            held, made = tally.get(name, (0, 0))
            if known.low is not None and known.high is not None:
                held += known.low <= truth[name.split()[0]] <= known.high
                made += 1
            tally[name] = held, made
    return tally


@dataclass(frozen=True)
class _Sums:
    """A corpus's sums per patient, as RIFT takes them."""

    counts: Floats
    tables: Floats
    alpha: Floats

    @classmethod
    def of(cls, corpus: Floats) -> _Sums:
        """Return the sums of [patients, 16] counts of patterns."""
        counts, tables, alpha = (np.tensordot(corpus, of_each, axes=1) for of_each in SUMS)
        return cls(counts, tables, alpha)

    def of_name(self, name: str) -> Floats:
        """Return the sums that a statistic is made from."""
        return {"delta": self.tables, "alpha": self.alpha}.get(name, self.counts)


def _pattern_marks() -> ScoredMarks:
    """Return the 16 patterns as the turns of 16 patients."""
    label = {"id": "m", "name": "M", "kind": "marker", "speakers": ["patient"], "definition": "d"}
    book = Codebook.model_validate(
        {"id": "b", "name": "B", "version": "1", "source": "none", "labels": [label], "families": []}
    )
    turns = pd.DataFrame({"patient_id": [f"{at:02}" for at in range(len(PATTERNS))], "session_id": "s"})
    marks = Marks(
        turns.assign(turn=0, speaker="patient"), ("m",), tuple("abcdefgh"[:CODERS]), PATTERNS[:, None, 1:]
    )
    flags = PATTERNS[:, :1].astype(np.float64)
    return scored(marks, book, flags, flags)


def _pattern_sums() -> tuple[Floats, Floats, Floats]:
    data = _pattern_marks()
    known = marker_sums(data, 0)
    return known.counts, known.tables, substitution_sums(data, 0)


SUMS = _pattern_sums()
FUNCTIONS: dict[str, SumsFunction] = {
    "precision": precision_of,
    "F1": f1_of,
    "delta": lambda tables: delta_of(tables, CODERS),
    "alpha": alpha_hh_of,
}


def _intervals(sums: _Sums, weights: Floats) -> dict[str, Statistic]:
    """Return every interval that is compared: what RIFT reports, the bootstrap beside, turns alone."""
    hits, flags = sums.counts[:, HITS], sums.counts[:, FLAGS]
    precision = ratio_statistic(hits, flags, RULE, "nothing flagged", 0)
    found = {"precision Wilson": _wilson(precision, hits.sum(), flags.sum()), "precision logit-t": precision}
    found["precision boot"] = _boot(precision, "precision", sums, weights)
    for name in ("F1", "delta", "alpha"):
        known = jackknife_statistic(
            sums.of_name(name), FUNCTIONS[name], RULE, bounds=(-2.0, 2.0), empty="undefined", n=0
        )
        found |= {f"{name} jackknife": known, f"{name} boot": _boot(known, name, sums, weights)}
    return found


def _boot(known: Statistic, name: str, sums: _Sums, weights: Floats) -> Statistic:
    if known.low is None:
        return known
    return percentile_statistic(known, bootstrap_values(sums.of_name(name), FUNCTIONS[name], weights), LEVEL)


def _wilson(known: Statistic, hits: float, flags: float) -> Statistic:
    """Return the interval of a share of independent turns, which these are not; made where RIFT makes one."""
    if known.value is None or known.low is None:
        return known
    z = 1.959964
    middle = (hits + z * z / 2) / (flags + z * z)
    width = z / (flags + z * z) * np.sqrt(hits * (flags - hits) / flags + z * z / 4)
    return Statistic(known.value, float(middle - width), float(middle + width), 0)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "    -"


def _print_trap(options: argparse.Namespace) -> None:
    print(
        f"\nAlternative annotator test passed, {options.runs} corpora each, prevalence 2%, epsilon {EPSILON}"
    )
    print(
        f"{'kappa HH':>8} {'patients':>8} {'model':>14} {'all turns':>10} {'active, turns':>14} "
        f"{'active, patients':>17}"
    )
    for sensitivity, patients in itertools.product(SENSITIVITIES, (10, 20, 40)):
        world = World(0.02, options.turns, options.spread, sensitivity)
        random = np.random.default_rng([options.seed, patients])
        kappa = kappa_hh_of(_Sums.of(world.endless(world.coder(), random)).tables[0], CODERS)
        for name, model in _models(world.coder()).items():
            corpora = [world.corpus(model, patients, random) for _ in range(options.runs)]
            rates = [f"{rate:.2f}" for rate in _pass_rates(np.stack(corpora, axis=1))]
            print(
                f"{kappa:>8.2f} {patients:>8} {name:>14} {rates[0]:>10} {rates[1]:>14} {rates[2]:>17}",
                flush=True,
            )


def _models(coder: Rater) -> dict[str, Rater]:
    """Return models to be told apart, of which the first two are useless."""
    return {
        "all-negative": Rater(0.0, 0.0),
        "trigger-happy": Rater((1 + coder.hit) / 2, 10 * coder.false_alarm),
        "human-like": coder,
        "better": Rater((1 + coder.hit) / 2, coder.false_alarm / 4),
    }


def _pass_rates(corpora: Floats) -> tuple[float, float, float]:
    """Return how many of corpora [patients, runs, 16] pass: standard, active, active over patients."""
    own = np.arange(len(PATTERNS))
    every, active = (
        np.tensordot(
            corpora, comparison_sums(PATTERNS[:, 0], PATTERNS[:, 1:], own, len(own), active=only), axes=1
        )
        for only in (False, True)
    )
    return (
        _passed(unit_p_values(every.sum(axis=0), EPSILON)),
        _passed(unit_p_values(active.sum(axis=0), EPSILON)),
        _passed(patient_p_values(active, EPSILON, RULE.min_patients)),
    )


def _passed(p_values: Floats) -> float:
    """Return in how many runs at least half of the coders are beaten; a run that cannot tell is no pass."""
    beaten = [benjamini_yekutieli(run) <= FALSE_DISCOVERY for run in p_values]
    return float((np.mean(beaten, axis=1) >= PASSING_RATE).mean())


if __name__ == "__main__":
    main()
