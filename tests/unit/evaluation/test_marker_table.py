from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student

from rift.evaluation.averages import Average
from rift.evaluation.markers import evaluate_markers
from rift.evaluation.rows import STATISTICS
from rift.manifest import Decision
from rift.reliability.intervals import ratio_interval

pytestmark = pytest.mark.filterwarnings("error")


def test_row_of_a_table_computed_by_hand(small, make):
    codebook, marks, predictions = small
    row = evaluate_markers(marks, predictions, codebook, make.section()).row("shrugs")
    assert (row.support, row.kind, row.name) == ("Full", "marker", "Shrugs")
    assert (row.turns, row.sessions, row.patients, row.unscored) == (8, 2, 2, 0)
    assert (row.positives, row.positive_patients, row.prevalence) == (3, 2, 3 / 8)
    assert (row.flags, row.hits, row.false_alarms, row.misses) == (4, 2.5, 1.5, 0.5)
    assert row.precision.value == 2.5 / 4
    assert row.recall.value == pytest.approx(2.5 / 3)
    assert row.f1.value == pytest.approx(5 / 7)
    # Hits at ranks 1 and 2; halves at ranks 3 and 5.
    assert row.average_precision.value == pytest.approx((1 + 1 + 0.5 * 2.5 / 3 + 0.5 * 3 / 5) / 3)
    # Coder a marked 3 turns that b coded, b agrees on 2; and the other way round.
    assert row.ceiling.value == pytest.approx(2 / 3)
    # The model's 4 flags: b agrees on 2, a on 3.
    assert row.model_ceiling.value == pytest.approx((2 / 4 + 3 / 4) / 2)
    # On the 7 turns that both coded: .72 with a, .16 with b; a with b 10 / 24.
    assert row.kappa_mh.value == pytest.approx(0.44)
    assert row.kappa_hh.value == pytest.approx(10 / 24)
    assert row.delta.value == pytest.approx(0.44 - 10 / 24)
    assert (row.precision.n, row.recall.n, row.f1.n, row.kappa_mh.n, row.ceiling.n) == (4, 3, 8, 7, 7)


def test_intervals_of_the_table_computed_by_hand(small, make):
    codebook, marks, predictions = small
    row = evaluate_markers(marks, predictions, codebook, make.section()).row("shrugs")
    assert (row.precision.value, row.precision.low, row.precision.high) == ratio_interval(
        [1.5, 1], [2, 2], 0.6
    )
    assert (row.recall.low, row.recall.high) == ratio_interval([1.5, 1], [1.5, 1.5], 0.6)[1:]
    # F1 is 4 / 7 without the first patient and 6 / 7 without the second.
    width = student.ppf(0.8, 1) * 1 / 7
    assert row.f1.low == pytest.approx(5 / 7 - width)
    assert row.f1.high == pytest.approx(5 / 7 + width)
    # Kappas without p1: model-a .4 / 1 ... computed on p2's three turns; without p2 on p1's four.
    without_p1 = (kappa(1, 1, 0, 1) + kappa(1, 1, 1, 0)) / 2 - kappa(1, 0, 1, 1)
    without_p2 = (kappa(2, 0, 0, 2) + kappa(1, 1, 0, 2)) / 2 - kappa(1, 1, 0, 2)
    width = student.ppf(0.8, 1) * abs(without_p1 - without_p2) / 2
    assert row.delta.low == pytest.approx(row.delta.value - width)
    assert row.delta.high == pytest.approx(row.delta.value + width)


def kappa(both, first, second, neither):
    n = both + first + second + neither
    chance = ((both + first) * (both + second) + (second + neither) * (first + neither)) / n**2
    return ((both + neither) / n - chance) / (1 - chance)


def test_support_classes(small, make):
    codebook, marks, predictions = small

    def support(**changes):
        table = evaluate_markers(marks, predictions, codebook, make.section(**changes))
        return table.row("shrugs").support

    assert support(full_support=3) == "Full"
    assert support(full_support=4, exploratory_support=4) == "Exploratory"
    assert support(full_support=5, exploratory_support=5) == "Counts"
    assert support(full_patients=3) == "Exploratory"


def test_thirds_that_sum_to_the_support_are_enough(make):
    codebook = make.codebook(["shrugs"])
    states = np.tile([[1, 0, 0]], (90, 1))[:, None]
    marks = make.marks(["shrugs"], states, [f"p{i % 9}" for i in range(90)], coders="abc")
    predictions = make.predictions(marks, np.full((90, 1), 0.5), np.ones((90, 1)))
    row = evaluate_markers(marks, predictions, codebook, make.section(full_support=30)).row("shrugs")
    assert (row.positives, row.support) == (30.0, "Full")


def test_counts_rows_give_counts_and_no_estimates(small, make):
    codebook, marks, predictions = small
    table = evaluate_markers(
        marks, predictions, codebook, make.section(full_support=9, exploratory_support=9)
    )
    row = table.row("shrugs")
    assert (row.hits, row.false_alarms, row.misses) == (2.5, 1.5, 0.5)
    for name in STATISTICS:
        assert getattr(row, name).reason == "fewer than 9 flags and positives"


def test_few_patients_have_values_without_intervals(small, make):
    codebook, marks, predictions = small
    row = evaluate_markers(marks, predictions, codebook, make.section(min_patients_interval=8)).row("shrugs")
    for name in STATISTICS:
        known = getattr(row, name)
        assert known.defined
        assert (known.low, known.reason) == (None, "no interval: 2 patients, 8 needed")


def test_one_coder_has_a_model_kappa_and_no_coder_kappa(small, make):
    codebook, marks, predictions = small
    alone = make.marks(marks.columns, marks.states[:, :, :1], marks.turns["patient_id"], coders=["a"])
    row = evaluate_markers(alone, predictions, codebook, make.section()).row("shrugs")
    assert row.kappa_mh.value == pytest.approx(kappa(3, 1, 0, 4))
    for known in (row.kappa_hh, row.delta, row.ceiling, row.model_ceiling):
        assert (known.value, known.reason) == (None, "fewer than two coders")


def test_ceiling_passes_over_turns_that_one_coder_coded(small, make):
    codebook, marks, predictions = small
    states = marks.states.copy()
    states[7, 0] = [1, -1]  # marked by a, not coded by b: nobody to agree with
    more = make.marks(marks.columns, states, marks.turns["patient_id"])
    row = evaluate_markers(more, predictions, codebook, make.section()).row("shrugs")
    assert row.positives == 4
    assert row.ceiling.value == pytest.approx(2 / 3)
    assert row.model_ceiling.value == pytest.approx((2 / 4 + 3 / 4) / 2)


def test_two_coders_who_never_meet(small, make):
    codebook, marks, predictions = small
    states = marks.states.copy()
    states[:4, :, 0] = -1
    states[4:, :, 1] = -1
    apart = make.marks(marks.columns, states, marks.turns["patient_id"])
    row = evaluate_markers(apart, predictions, codebook, make.section()).row("shrugs")
    assert row.kappa_mh.n == 8
    assert row.kappa_hh.reason == "no turn coded by two coders"
    assert row.ceiling.reason == "no turn coded by two coders"


def test_nobody_marked_and_nothing_flagged(small, make):
    codebook, marks, predictions = small
    silent = make.marks(marks.columns, np.zeros((8, 1, 2)), marks.turns["patient_id"])
    row = evaluate_markers(silent, predictions, codebook, make.section()).row("shrugs")
    assert (row.precision.value, row.f1.value, row.kappa_mh.value) == (0, 0, 0)
    assert (row.recall.reason, row.average_precision.reason) == ("no positives", "no positives")
    assert (row.ceiling.reason, row.kappa_hh.reason, row.delta.reason) == ("nobody marked it",) * 3
    quiet = predictions.assign(flag_shrugs=False)
    row = evaluate_markers(marks, quiet, codebook, make.section()).row("shrugs")
    assert row.precision.reason == "nothing flagged"
    assert row.model_ceiling.reason == "nothing flagged"
    assert (row.recall.value, row.f1.value, row.kappa_mh.value) == (0, 0, 0)


def test_perfect_agreement(small, make):
    codebook, marks, predictions = small
    marked = np.array([1, 0, 0, 0, 1, 1, 0, 0])
    agreed = make.marks(marks.columns, np.stack([marked, marked], axis=1)[:, None], marks.turns["patient_id"])
    found = predictions.assign(p_shrugs=marked * 0.5, flag_shrugs=marked == 1)
    row = evaluate_markers(agreed, found, codebook, make.section()).row("shrugs")
    for name in STATISTICS:
        assert getattr(row, name).value == (0 if name == "delta" else 1)
    assert row.precision.low == pytest.approx(0.2**0.5)  # Clopper-Pearson, two patients, both right
    assert row.f1.reason == "no interval: no variation between patients"


def test_coded_turns_without_probability_are_counted(small, make):
    codebook, marks, predictions = small
    partial = predictions.assign(p_shrugs=predictions["p_shrugs"].where(predictions["patient_id"] == "p1"))
    row = evaluate_markers(marks, partial, codebook, make.section()).row("shrugs")
    assert (row.turns, row.unscored, row.patients) == (4, 4, 1)
    row = evaluate_markers(marks, predictions.assign(p_shrugs=np.nan), codebook, make.section()).row("shrugs")
    assert (row.turns, row.unscored, row.prevalence) == (0, 8, None)
    assert row.precision.reason == "no probability for the coded turns"


def two_markers(make, small, marked=(0,)):
    """The small corpus with a second marker, by both coders on some turns, and an uncoded third."""
    _, marks, predictions = small
    codebook = make.codebook(["shrugs", "sighs", "yawns"])
    sighs = np.zeros((8, 1, 2), dtype=np.int8)
    sighs[list(marked)] = 1
    states = np.concatenate([marks.states, sighs, np.full((8, 1, 2), -1)], axis=1)
    more = make.marks(codebook.columns, states, marks.turns["patient_id"])
    scores = np.column_stack([predictions["p_shrugs"], [0.4] * 8, [0.4] * 8])
    flags = np.column_stack([predictions["flag_shrugs"], [True] * 2 + [False] * 6, [False] * 8])
    return codebook, more, make.predictions(more, scores, flags)


def test_macro_is_over_full_markers_micro_over_all_coded(small, make):
    codebook, marks, predictions = two_markers(make, small)
    table = evaluate_markers(marks, predictions, codebook, make.section())
    assert [row.support for row in table.rows] == ["Full", "Exploratory", "Counts"]
    assert table.row("yawns").precision.reason == "not coded"
    macro, micro = table.averages
    assert (macro.method, macro.columns, macro.total) == ("macro", ("shrugs",), 3)
    shrugs = table.row("shrugs")
    for name in ("f1", "average_precision", "ceiling", "model_ceiling", "kappa_mh", "kappa_hh", "delta"):
        alone, mean = getattr(shrugs, name), getattr(macro, name)
        assert (mean.value, mean.low, mean.high) == pytest.approx((alone.value, alone.low, alone.high))
        assert mean.n == 1
    assert micro.columns == ("shrugs", "sighs")
    assert micro.precision.value == pytest.approx((2.5 + 1) / (4 + 2))
    assert micro.recall.value == pytest.approx((2.5 + 1) / (3 + 1))
    assert micro.f1.value == pytest.approx(2 * 3.5 / (6 + 4))
    assert (micro.kappa_mh, micro.average_precision) == (None, None)


def test_macro_of_two_markers_is_their_mean_with_one_interval(small, make):
    codebook, marks, predictions = two_markers(make, small, marked=(0, 4))
    table = evaluate_markers(marks, predictions, codebook, make.section())
    macro = table.averages[0]
    assert macro.columns == ("shrugs", "sighs")
    # Sighs: flagged on two turns of p1, one of them right; F1 1/2, without p1 0, without p2 2/3.
    assert macro.f1.value == pytest.approx((5 / 7 + 1 / 2) / 2)
    without_p1, without_p2 = (4 / 7 + 0) / 2, (6 / 7 + 2 / 3) / 2
    width = student.ppf(0.8, 1) * (without_p2 - without_p1) / 2
    assert macro.f1.low == pytest.approx(macro.f1.value - width)
    assert macro.f1.high == pytest.approx(macro.f1.value + width)
    ranking = table.row("shrugs").average_precision.value
    assert macro.average_precision.value == pytest.approx((ranking + 2 / 8) / 2)
    # Coders agree fully on sighs, so kappa_HH is 1 there.
    assert macro.kappa_hh.value == pytest.approx((10 / 24 + 1) / 2)
    assert macro.kappa_hh.n == 2


def test_no_full_marker_no_macro(small, make):
    codebook, marks, predictions = small
    table = evaluate_markers(marks, predictions, codebook, make.section(full_support=9))
    macro = table.averages[0]
    assert (macro.columns, macro.f1.reason) == ((), "no marker has full support")
    assert isinstance(table.averages[1], Average)
    assert table.averages[1].f1.value == pytest.approx(5 / 7)


def test_families_are_rows_and_stay_out_of_averages(small, make):
    _, marks, predictions = small
    codebook = make.codebook(["shrugs"], family="away")
    both = make.marks(codebook.columns, np.repeat(marks.states, 2, axis=1), marks.turns["patient_id"])
    frame = predictions.assign(p_away=predictions["p_shrugs"], flag_away=predictions["flag_shrugs"])
    table = evaluate_markers(both, frame, codebook, make.section())
    assert table.row("away").kind == "family"
    assert table.row("away").f1 == table.row("shrugs").f1
    assert [average.kind for average in table.averages] == ["marker", "marker"]
    assert table.averages[0].columns == ("shrugs",)


def test_decisions_are_printed_and_support_can_be_taken_over(small, make):
    codebook, marks, predictions = small
    decision = Decision(label="shrugs", speakers=("patient",), status="not released", rule="r", threshold=0.5)
    table = evaluate_markers(marks, predictions, codebook, make.section(), [decision])
    row = table.row("shrugs")
    assert (row.threshold, row.status) == (0.5, "not released")
    counted = replace(table, rows=(replace(row, support="Counts"),))
    again = evaluate_markers(marks, predictions, codebook, make.section(), like=counted)
    assert again.row("shrugs").support == "Counts"
    assert again.averages[0].columns == ()


def test_order_of_rows_patients_and_coders_does_not_matter(make):
    random = np.random.default_rng(3)
    codebook = make.codebook(["shrugs", "sighs"])
    patients = np.repeat([f"p{i}" for i in range(9)], 12)
    states = random.integers(-1, 2, size=(108, 2, 3))
    scores = random.random((108, 2)).round(1)
    marks = make.marks(codebook.columns, states, patients, coders="abc")
    predictions = make.predictions(marks, scores, scores > 0.6)
    table = evaluate_markers(marks, predictions, codebook, make.section(interval=0.95))

    renamed = {f"p{i}": f"p{(i * 4) % 9}" for i in range(9)}
    order = random.permutation(108)
    turns = marks.turns.assign(patient_id=marks.turns["patient_id"].map(renamed)).iloc[order]
    other = replace(marks, turns=turns.reset_index(drop=True), states=marks.states[order][:, :, [2, 0, 1]])
    moved = predictions.assign(patient_id=predictions["patient_id"].map(renamed))
    again = evaluate_markers(other, moved, codebook, make.section(interval=0.95))
    for one, two in zip(table.rows + table.averages, again.rows + again.averages, strict=True):
        for name in STATISTICS:
            first, second = getattr(one, name), getattr(two, name)
            if first is None:
                continue
            assert (second.value, second.low, second.high) == pytest.approx(
                (first.value, first.low, first.high), nan_ok=False
            )
            assert first.low <= first.value <= first.high
