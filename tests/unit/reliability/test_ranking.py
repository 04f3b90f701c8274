import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.reliability.ranking import (
    auroc,
    average_precision,
    average_precision_without,
    precision_recall_points,
)

pytestmark = pytest.mark.filterwarnings("error")

ranked = st.lists(
    st.tuples(st.sampled_from([0.0, 1 / 3, 0.5, 1.0]), st.sampled_from([0.0, 0.1, 0.2, 0.5, 1.0])),
    max_size=20,
)


def test_soft_labels_by_hand():
    soft, scores = [1, 1, 0.5, 0, 0.5, 0], [0.95, 0.9, 0.8, 0.7, 0.3, 0.1]
    assert average_precision(soft, scores).value == pytest.approx((1 + 1 + 0.5 * 2.5 / 3 + 0.5 * 3 / 5) / 3)


def test_ties_are_one_step():
    # .9 alone is right; then three tied, one of them right: recall 1 at precision 2 / 4.
    assert average_precision([1, 1, 0, 0], [0.9, 0.5, 0.5, 0.5]).value == pytest.approx(0.5 + 0.5 * 0.5)
    assert average_precision([1, 0, 1, 0], [0.5] * 4).value == 0.5


def test_undefined_without_positives_or_turns():
    assert average_precision([0, 0], [0.2, 0.4]).reason == "no positives"
    assert average_precision([], []).reason == "no positives"
    assert auroc([0, 0], [0.2, 0.4]).reason == "no positives"
    assert auroc([1, 1], [0.2, 0.4]).reason == "no negatives"


def test_auroc_by_hand():
    assert auroc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).value == 0.75
    assert auroc([0, 1], [0.5, 0.5]).value == 0.5
    # One turn half positive ties with itself.
    assert auroc([0.5], [0.3]).value == 0.5


@given(ranked)
@settings(max_examples=100, deadline=None)
def test_auroc_is_the_share_of_ordered_pairs(table):
    soft, scores = [label for label, _ in table], [score for _, score in table]
    pairs = [(positive * (1 - other), (a > b) + (a == b) / 2) for positive, a in table for other, b in table]
    weight = sum(pair for pair, _ in pairs)
    found = auroc(soft, scores).value
    assert found == (pytest.approx(sum(w * share for w, share in pairs) / weight) if weight else None)


@given(ranked, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_order_of_rows_and_scale_of_scores_do_not_matter(table, random):
    def found(rows, scale=1.0):
        return average_precision([label for label, _ in rows], [score * scale for _, score in rows])

    first = found(table)
    random.shuffle(table)
    assert found(table, 0.5).value == pytest.approx(first.value)


@given(ranked, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_leaving_a_patient_out_is_as_if_there_were_none(table, random):
    groups = np.array([random.randrange(4) for _ in table], dtype=np.int64)
    soft, scores = np.array([label for label, _ in table]), np.array([score for _, score in table])
    found = average_precision_without(soft, scores, groups, 4)
    for group in range(4):
        kept = groups != group
        expected = average_precision(soft[kept], scores[kept]).value
        assert np.isnan(found[group]) if expected is None else found[group] == pytest.approx(expected)


def test_points_of_the_curve():
    thresholds, precision, recall = precision_recall_points([1, 0, 1, 0], [0.9, 0.9, 0.4, 0.1])
    assert thresholds.tolist() == [0.9, 0.4, 0.1]
    assert precision == pytest.approx([1 / 2, 2 / 3, 2 / 4])
    assert recall.tolist() == [0.5, 1, 1]
    assert all(len(part) == 0 for part in precision_recall_points([0], [0.5]))


@pytest.mark.parametrize(
    ("soft", "scores"), [([1], [0.1, 0.2]), ([1, 0], [0.1, np.nan]), ([2], [0.5]), ([np.nan], [0.5])]
)
def test_refuses_what_cannot_be_ranked(soft, scores):
    with pytest.raises(ValueError, match="labels"):
        average_precision(soft, scores)
