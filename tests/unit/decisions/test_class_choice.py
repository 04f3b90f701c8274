"""The choice of one class where classes are unequally frequent."""

import numpy as np
import pytest

from rift.decisions.class_choice import choose, fit_class_weights

# Eight common turns and two rare ones; the rare class is never the likeliest, but always likelier
# than on common turns.
PROBABILITIES = np.array([[0.9, 0.1]] * 8 + [[0.7, 0.3]] * 2)
SOFT = np.array([[1.0, 0.0]] * 8 + [[0.0, 1.0]] * 2)


def test_rare_class_gets_its_due():
    weights = fit_class_weights(PROBABILITIES, SOFT)
    assert choose(PROBABILITIES, (1.0, 1.0)).tolist() == [0] * 10
    assert choose(PROBABILITIES, weights).tolist() == [0] * 8 + [1] * 2
    assert max(weights) == 1.0
    # Between 7/3 and 9 times the common class's weight, the whole choice is right.
    assert 7 / 3 < weights[1] / weights[0] < 9


def test_tied_uncoded_and_missing_turns_do_not_count():
    extra = np.vstack([PROBABILITIES, [[0.1, 0.9], [0.1, 0.9], [np.nan, np.nan]]])
    soft = np.vstack([SOFT, [[0.5, 0.5], [np.nan, np.nan], [1.0, 0.0]]])
    assert fit_class_weights(extra, soft) == fit_class_weights(PROBABILITIES, SOFT)


@pytest.mark.parametrize("soft", [np.array([[1.0, 0.0]] * 10), np.full((10, 2), np.nan)])
def test_one_class_or_none_leaves_the_weights(soft):
    assert fit_class_weights(PROBABILITIES, soft) == (1.0, 1.0)


def test_choice_without_probability_and_of_equals():
    rows = np.array([[np.nan, np.nan], [np.nan, 0.2], [0.4, 0.4]])
    assert choose(rows, (1.0, 1.0)).tolist() == [-1, 1, 0]
