import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rift.reliability.multiplicity import benjamini_yekutieli, holm

pytestmark = pytest.mark.filterwarnings("error")

p_values = st.lists(st.floats(0, 1), max_size=12)
levels = st.floats(0.001, 0.999)


def holm_rejects(values, level):
    """Step down one by one: the smallest at level / m, the next at level / (m - 1), until one is kept."""
    rejected = [False] * len(values)
    for step, at in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        if values[at] * (len(values) - step) > level:
            break
        rejected[at] = True
    return rejected


def by_rejects(values, level):
    """Reject all up to the largest rank k whose p-value is at most k / m / (1 + 1/2 + ... 1/m) levels."""
    m, ranked = len(values), sorted(range(len(values)), key=values.__getitem__)
    harmonic = sum(1 / k for k in range(1, m + 1))
    passed = [k for k in range(1, m + 1) if values[ranked[k - 1]] * (m * harmonic / k) <= level]
    return [at in ranked[: max(passed, default=0)] for at in range(m)]


def test_by_hand():
    # Holm: .01 * 3, .02 * 2, and .03 * 1 raised to the one before it.
    assert holm([0.03, 0.01, 0.02]).tolist() == pytest.approx([0.04, 0.03, 0.04])
    # Yekutieli, harmonic 11/6: .01 * 5.5, .02 * 2.75, .03 * 11/6, all of them .055.
    assert benjamini_yekutieli([0.03, 0.01, 0.02]).tolist() == pytest.approx([0.055] * 3)
    assert holm([0.4, 0.9]).tolist() == [0.8, 0.9]
    assert benjamini_yekutieli([0.6, 0.9]).tolist() == [1, 1]


@pytest.mark.parametrize("adjust", [holm, benjamini_yekutieli])
def test_what_was_not_tested_is_not_counted(adjust):
    found = adjust([[np.nan, 0.01], [0.04, np.nan]])
    assert found[[0, 1], [1, 0]].tolist() == adjust([0.01, 0.04]).tolist()
    assert np.isnan(found[[0, 1], [0, 1]]).all()
    assert adjust([]).tolist() == []
    assert adjust([0.03]).tolist() == [0.03]
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjust([1.2])


@given(p_values, levels)
def test_rejections_are_those_of_the_procedures_done_step_by_step(values, level):
    for adjust, plain in ((holm, holm_rejects), (benjamini_yekutieli, by_rejects)):
        adjusted = adjust(values)
        # A value on the very border may fall on either side by rounding.
        clear = abs(adjusted - level) > 1e-9
        assert (adjusted <= level)[clear].tolist() == np.array(plain(values, level), dtype=bool)[
            clear
        ].tolist()


@given(p_values, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_nothing_gets_smaller(values, random):
    order = random.sample(range(len(values)), len(values))
    for adjust in (holm, benjamini_yekutieli):
        adjusted = adjust(values)
        assert adjust([values[at] for at in order]).tolist() == adjusted[order].tolist()
        assert (adjusted >= np.array(values)).all()
        assert (adjusted <= 1).all()
