import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rift.evaluation.rating_statistics import STATISTICS
from rift.evaluation.ratings import rating_agreement
from rift.readers.rating_layout import RatingLayout
from rift.readers.rating_table import read_ratings
from rift.reliability.intervals import IntervalRule

pytestmark = pytest.mark.filterwarnings("error")

VECTORS = {
    vector["id"]: vector
    for vector in json.loads(
        (Path(__file__).parents[2] / "reference" / "reliability_vectors.json").read_text("utf-8")
    )["vectors"]
}


def expected(name, key):
    return pytest.approx(VECTORS[name]["expected"][key], abs=VECTORS[name]["tolerance"])


def long_table(units, head="item,coder,v", cluster=lambda at: ""):
    """A row per unit and coder of a table of units by coders, None for what is not coded."""
    rows = [
        f"{cluster(at)}{at},c{coder},{'' if value is None else value}"
        for at, unit in enumerate(units)
        for coder, value in enumerate(unit)
    ]
    return "\n".join([head, *rows, ""])


def wide_table(units):
    """A row per unit and a column per coder."""
    head = ["item", *(f"coder_{'abcdef'[at]}" for at in range(len(units[0])))]
    rows = [[at, *("" if value is None else value for value in unit)] for at, unit in enumerate(units)]
    return "\n".join([*(",".join(map(str, row)) for row in [head, *rows]), ""])


@pytest.fixture
def agreement(tmp_path):
    def of(text, **layout):
        path = tmp_path / "codings.csv"
        path.write_text(text, encoding="utf-8")
        return rating_agreement(read_ratings(path, RatingLayout(**layout)), IntervalRule(0.95, 8))

    return of


@given(
    st.integers(2, 4).flatmap(
        lambda coders: st.lists(
            st.lists(st.sampled_from([None, 0, 1, 2, 4]), min_size=coders, max_size=coders),
            min_size=1, max_size=8,
        )
    ),
    st.sampled_from([None, "nominal", "interval"]),
)  # fmt: skip
@settings(max_examples=60)
def test_both_shapes_and_any_order_of_units_say_the_same(units, scale):
    def statistics(text, values):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "codings.csv"
            path.write_text(text, encoding="utf-8")
            row = rating_agreement(
                read_ratings(path, RatingLayout(values=values, scale=scale)), IntervalRule(0.95, 8)
            ).rows[0]
        known = [getattr(row, name) for name in STATISTICS]
        return [(one.value, one.reason, one.n) if one else None for one in known]

    long = statistics(long_table(units), ("v",))
    for same in (statistics(wide_table(units), ()), statistics(long_table(units[::-1]), ("v",))):
        for one, other in zip(long, same, strict=True):
            assert (one is None) == (other is None)
            if one:
                assert one[1:] == other[1:]
                assert other[0] is None if one[0] is None else other[0] == pytest.approx(one[0], abs=1e-4)


CANONICAL = list(zip(*VECTORS["alpha_krippendorff_canonical"]["input"], strict=True))


@pytest.mark.parametrize("scale", ["nominal", "ordinal", "interval", "ratio"])
@pytest.mark.parametrize("shape", [long_table, wide_table])
def test_krippendorffs_data_on_every_scale_in_both_shapes(agreement, scale, shape):
    row = agreement(shape(CANONICAL), scale=scale).rows[0]
    assert row.alpha.value == expected("alpha_krippendorff_canonical", scale)
    assert (row.scale, row.units, row.shared, row.coders, row.coded) == (scale, 12, 11, 4, 41)
    assert row.alpha.n == 11


def test_whole_numbers_are_ordinal_unless_told(agreement):
    row = agreement(long_table(CANONICAL)).rows[0]
    assert row.scale == "ordinal"
    assert row.levels == (("2", 13), ("3", 11), ("1", 9), ("4", 5), ("5", 3))
    assert row.mean == pytest.approx(103 / 41)


def test_nominal_values_by_gwet(agreement):
    row = agreement(long_table(VECTORS["gwet_raw4raters"]["input"]), scale="nominal").rows[0]
    of = {"alpha": "alpha_nominal", "fleiss": "fleiss", "ac1": "AC1", "agreement": "percent_agreement"}
    for name, key in of.items():
        assert getattr(row, name).value == expected("gwet_raw4raters", key)
    assert row.kappa.defined
    assert (row.kappa_quadratic, row.ac2, row.icc_single, row.pabak, row.difference) == (None,) * 5


def test_ordinal_values_by_gwet(agreement):
    row = agreement(long_table(VECTORS["gwet_raw4raters"]["input"])).rows[0]
    assert row.ac2.value == expected("gwet_raw4raters", "AC2_ordinal")
    assert row.agreement.value == expected("gwet_raw4raters", "percent_agreement")
    assert (row.kappa, row.fleiss, row.ac1) == (None, None, None)


def test_fleiss_raters(agreement):
    units = [
        [category for category, count in enumerate(counts) for _ in range(count)]
        for counts in VECTORS["fleiss_1971"]["input"]
    ]
    row = agreement(long_table(units), scale="nominal").rows[0]
    assert row.fleiss.value == expected("fleiss_1971", "kappa")
    assert row.alpha.value == expected("fleiss_1971", "alpha_nominal")
    assert row.pairs_possible == len(row.pairs) == 15


def test_weighted_kappa_of_two_coders(agreement):
    table = VECTORS["cohen_1960"]["input"]
    units = [
        [one + 1, other + 1]
        for one, counts in enumerate(table)
        for other, count in enumerate(counts)
        for _ in range(count)
    ]
    ordinal = agreement(long_table(units)).rows[0]
    assert ordinal.kappa_linear.value == expected("cohen_1960", "kappa_linear")
    assert ordinal.kappa_quadratic.value == expected("cohen_1960", "kappa_quadratic")
    assert ordinal.pairs[0].kappa.value == expected("cohen_1960", "kappa_quadratic")
    nominal = agreement(long_table(units), scale="nominal").rows[0]
    assert nominal.kappa.value == nominal.pairs[0].kappa.value == expected("cohen_1960", "kappa")


@pytest.mark.parametrize("words", [("0", "1"), ("no", "Yes"), ("False", "true"), ("absent", "present")])
@pytest.mark.parametrize("name", ["feinstein_cicchetti_T1", "feinstein_cicchetti_T3"])
def test_two_valued_columns(agreement, words, name):
    (both, first), (second, neither) = VECTORS[name]["input"]
    cells = ([1, 1], both), ([1, 0], first), ([0, 1], second), ([0, 0], neither)
    units = [[words[code] for code in codes] for codes, count in cells for _ in range(count)]
    row = agreement(long_table(units)).rows[0]
    of = {
        "agreement": "po", "kappa": "kappa", "positive_agreement": "ppos", "negative_agreement": "pneg",
        "pabak": "pabak", "prevalence": "PI", "ac1": "ac1",
    }  # fmt: skip
    for statistic, key in of.items():
        assert getattr(row, statistic).value == expected(name, key)
    assert row.bias.value == pytest.approx(abs(VECTORS[name]["expected"]["BI"]))


def test_iccs_of_shrout_and_fleiss(agreement):
    row = agreement(long_table(VECTORS["icc_shrout_fleiss_1979"]["input"])).rows[0]
    assert row.icc_single.value == pytest.approx(0.2898, abs=1e-4)
    assert row.icc_average.value == pytest.approx(0.6201, abs=1e-4)
    assert (row.averaged, row.icc_single.n) == (pytest.approx(4), 6)
    assert row.icc_single.low < row.icc_single.value < row.icc_single.high


def test_iccs_of_incomplete_ratings(agreement):
    row = agreement(long_table(VECTORS["icc_incomplete_reml"]["input"]), scale="interval").rows[0]
    assert row.icc_single.value == expected("icc_incomplete_reml", "ICC(A,1)")
    assert row.kappa_quadratic is None


def test_mean_differences_are_over_a_units_pairs_then_over_units(agreement):
    row = agreement(long_table([[1.5, 2.5, 4.5], [2, 2, None], [3, None, None]])).rows[0]
    assert row.scale == "interval"
    assert row.difference.value == pytest.approx((2 + 0) / 2)
    assert row.agreement.value == pytest.approx((0 + 1) / 2)
    pair = row.pairs[0]
    assert (pair.first, pair.second, pair.overlap, pair.kappa) == ("c0", "c1", 2, None)
    assert (pair.difference.value, pair.agreement.value) == (0.5, 0.5)


def clustered(clusters, head="patient_id,item,coder,v"):
    units = [["a", "a"], ["b", "b"], ["a", "b"], ["b", "a"], ["a", "a"]] * 8
    return long_table(units, head, lambda at: f"p{at % clusters},")


def test_intervals_are_over_clusters(agreement):
    table = agreement(clustered(12))
    alpha = table.rows[0].alpha
    assert (table.cluster, table.rows[0].clusters) == ("patient_id", 12)
    assert alpha.low < alpha.value < alpha.high


@pytest.mark.parametrize("scale", ["ordinal", "interval"])
def test_intervals_of_numbers_are_over_clusters(agreement, scale):
    text = clustered(12).replace(",a", ",1").replace(",b", ",2")
    row = agreement(text, scale=scale).rows[0]
    # Of two values the scale is without meaning, so that its interval is that of nominal alpha.
    nominal = agreement(text, scale="nominal").rows[0]
    for bound in ("value", "low", "high"):
        assert getattr(row.alpha, bound) == pytest.approx(getattr(nominal.alpha, bound))


def test_ordinal_alpha_of_many_levels_is_that_of_few(agreement):
    units = [[1, 2], [3, 3], [5, 4], [2, 2], [6, 6]] * 4
    text = long_table(units, "patient_id,item,coder,v", lambda at: f"p{at % 9},")
    few = agreement(text).rows[0].alpha
    # Units coded once add levels and nothing to alpha.
    once = [[0.5 * at, None] for at in range(40)]
    text = long_table([*units, *once], "patient_id,item,coder,v", lambda at: f"p{at % 9},")
    row = agreement(text, scale="ordinal").rows[0]
    assert len(row.levels) > 25
    assert (row.alpha.value, row.alpha.low) == (pytest.approx(few.value), pytest.approx(few.low))


@pytest.mark.parametrize(
    ("head", "unit", "word"), [("patient_id", (), "patients"), ("video", ("item",), "clusters")]
)
def test_few_clusters_have_no_interval(agreement, head, unit, word):
    text = clustered(5, f"{head},item,coder,v")
    alpha = agreement(text, unit=unit, cluster=head, values=("v",)).rows[0].alpha
    assert (alpha.low, alpha.reason) == (None, f"no interval: 5 {word}, 8 needed")


def test_without_a_cluster_there_is_no_interval_and_why(agreement):
    table = agreement(long_table([["a", "a"], ["b", "a"], ["b", "b"]]))
    assert (table.cluster, table.rows[0].clusters) == (None, None)
    assert table.rows[0].alpha.reason == "no interval: no column of clusters is known"


@pytest.mark.parametrize(
    ("units", "reason"),
    [([["a"], ["b"]], "one coder only"), ([["a", None], [None, "b"]], "no unit coded by two coders"),
     ([["n/a", None], [None, "n/a"]], "nothing coded")],
)  # fmt: skip
@pytest.mark.parametrize("scale", [None, "nominal"])
def test_what_cannot_be_compared_is_undefined(agreement, units, reason, scale):
    row = agreement(long_table(units), values=("v",), scale=scale).rows[0]
    for statistic in (row.alpha, row.agreement, row.kappa, row.fleiss, row.ac1):
        assert (statistic.value, statistic.reason) == (None, reason)
    assert (row.averaged, row.pairs) == (None, ())


def test_one_coder_of_numbers(agreement):
    row = agreement(long_table([[1], [2], [2]])).rows[0]
    for statistic in (row.alpha, row.kappa_linear, row.ac2, row.icc_single, row.icc_average, row.difference):
        assert statistic.reason == "one coder only"


def test_values_that_never_vary(agreement):
    words = agreement(long_table([["a", "a"], ["a", "a"]])).rows[0]
    assert (words.kappa.reason, words.alpha.reason) == ("no variation: one value only",) * 2
    assert (words.fleiss.reason, words.agreement.value) == ("no variation: one value only", 1.0)
    marks = agreement(long_table([["no", "no"], ["no", "no"]])).rows[0]
    assert (marks.kappa.reason, marks.positive_agreement.reason) == ("nobody marked it",) * 2
    assert (marks.pabak.value, marks.negative_agreement.value) == (1.0, 1.0)
    numbers = agreement(long_table([[3, 3], [3, 3]])).rows[0]
    assert numbers.alpha.reason == numbers.kappa_quadratic.reason == "no variation: one value only"
    assert numbers.icc_single.reason == "no variation: all ratings are alike"
    assert numbers.averaged is None


def test_uncodable_is_counted_and_missing(agreement):
    table = agreement(long_table([["a", "n/a"], ["b", "b"], ["a", "a"], [None, "uncodable"]]))
    row = table.rows[0]
    assert (row.units, row.shared, row.coded, row.uncodable) == (3, 2, 5, 2)
    assert row.alpha.value == 1.0
    assert "v: 'n/a' 1 time, 'uncodable' 1 time: uncodable, taken as missing" in table.warnings


def test_a_column_that_describes_the_unit_is_told(agreement):
    head, rows = "item,coder,kind,v\n", "1,A,x,a\n1,B,x,b\n2,A,y,b\n2,B,y,b\n"
    table = agreement(head + rows)
    assert [warning.split(":")[0] for warning in table.warnings] == ["kind"]
    assert table.row("v").agreement.value == 0.5
    with pytest.raises(KeyError):
        table.row("w")


def test_pairs_without_a_kappa_are_told(agreement):
    row = agreement(long_table([["a", "a", "a"], ["b", "b", None], ["a", "b", None]])).rows[0]
    # The third coder coded one unit: no kappa with either of the others.
    assert row.kappa.value == row.pairs[0].kappa.value
    assert row.kappa.reason == "the mean over 1 of 3 pairs of coders, undefined for the others"


def test_too_many_numbers_for_alpha(agreement, monkeypatch):
    monkeypatch.setattr("rift.evaluation.rating_statistics.MOST_VALUES", 3)
    row = agreement(long_table([[1.5, 2.5], [3.5, 3.6]])).rows[0]
    assert row.alpha.reason.startswith("more than 3 different values")
    assert row.difference.value == pytest.approx(0.55)
