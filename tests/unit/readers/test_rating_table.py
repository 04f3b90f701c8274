import openpyxl
import pytest

from rift.errors import RiftError
from rift.readers.rating_cells import number
from rift.readers.rating_layout import RatingLayout
from rift.readers.rating_table import read_ratings
from rift.readers.rating_values import UNCODABLE

LONG = """patient_id,session_id,coder,withdrawal,talk,note
P1,S1,ann,3,Change,she looks at the floor for a long while and says nothing
P1,S1,ben,4,change,he changes the subject as soon as she begins to speak of it
P1,S2,ann,,neutral,nothing that I would call a rupture in the whole of this session
P1,S2,ben,2,n/a,too little was said to tell
P2,S1,ann,5,sustain,
P2,S1,ben,5,sustain,
"""
WIDE = "item,coder_a,coder_b,topic\n1,yes,no,work\n2,no,No,home\n3,,yes,work\n"


@pytest.fixture
def read(tmp_path):
    def reading(text, name="codings.csv", **layout):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read_ratings(path, RatingLayout(**layout))

    return reading


@pytest.fixture
def refused(read):
    def refusal(text, **layout):
        with pytest.raises(RiftError) as error:
            read(text, **layout)
        return error.value

    return refusal


def column(sheet, name):
    return next(one for one in sheet.columns if one.name == name)


def test_a_long_table_is_read_by_its_headings(read):
    sheet = read(LONG)
    assert (sheet.coders, sheet.units) == (("ann", "ben"), 3)
    assert (sheet.cluster, sheet.clusters) == ("patient_id", (0, 0, 1))
    assert sheet.told == (
        "a row per unit and coder; coder: coder",
        "unit: patient_id, session_id",
        "values: withdrawal, talk",
        "cluster: patient_id",
        "left out: note (long texts)",
        "2 coders: ann, ben",
    )


def test_levels_blank_cells_and_uncodable_units(read):
    sheet = read(LONG)
    ratings, talk = column(sheet, "withdrawal"), column(sheet, "talk")
    assert (ratings.scale, ratings.levels) == ("ordinal", ("2", "3", "4", "5"))
    assert ratings.numbers == (2.0, 3.0, 4.0, 5.0)
    # The blank cell of ann's second session is no judgement at all.
    assert ratings.judgements == ((0, 0, 1), (0, 1, 2), (1, 1, 0), (2, 0, 3), (2, 1, 3))
    assert (talk.scale, talk.levels, talk.numbers) == ("nominal", ("Change", "neutral", "sustain"), None)
    assert talk.judgements == ((0, 0, 0), (0, 1, 0), (1, 0, 1), (1, 1, UNCODABLE), (2, 0, 2), (2, 1, 2))
    assert talk.warnings == ("talk: 'n/a' 1 time: uncodable, taken as missing",)


def test_a_wide_table_is_known_by_its_coders(read):
    sheet = read(WIDE)
    assert (sheet.coders, sheet.units, sheet.cluster) == (("coder_a", "coder_b"), 3, None)
    (value,) = sheet.columns
    assert (value.name, value.levels, value.marked) == ("value", ("no", "yes"), True)
    assert value.judgements == ((0, 0, 1), (0, 1, 0), (1, 0, 0), (1, 1, 0), (2, 1, 1))
    assert sheet.told[:2] == ("a column per coder: coder_a, coder_b", "unit: item")


def test_the_user_names_the_coders_of_a_wide_table(read):
    sheet = read("Smith;Jones\n1,5;2\n3;3\n", coders=("jones", "SMITH"))
    (value,) = sheet.columns
    assert (sheet.coders, sheet.units, sheet.told[1]) == (("Jones", "Smith"), 2, "unit: each row")
    assert (value.scale, value.numbers) == ("interval", (1.5, 2.0, 3.0))
    assert value.judgements == ((0, 0, 1), (0, 1, 0), (1, 0, 2), (1, 1, 2))


def test_shape_and_columns_named_by_the_user(read):
    text = "who,what,when,code\nA,x,1,a\nB,x,1,b\nA,x,2,b\nB,x,2,b\n"
    sheet = read(text, coder="who", unit=("what", "when"), values=("code",), cluster="what")
    assert (sheet.coders, sheet.units, sheet.clusters) == (("A", "B"), 2, (0, 0))
    assert [one.name for one in sheet.columns] == ["code"]


def test_workbooks_and_tabs_read_alike(tmp_path, read):
    book = openpyxl.Workbook()
    for line in LONG.splitlines():
        book.active.append(line.split(",", 5))
    book.save(tmp_path / "codings.xlsx")
    layout = RatingLayout()
    expected = read(LONG).columns
    assert read_ratings(tmp_path / "codings.xlsx", layout).columns == expected
    assert read(LONG.replace(",", "\t"), "codings.tsv").columns == expected


@pytest.mark.parametrize(
    ("cells", "scale"),
    [(("0", "1", "1"), "nominal"), (("1", "2", "2"), "ordinal"), (("1", "2.0", "11"), "ordinal"),
     (("1.5", "2", "3"), "interval"), (("a", "1", "2"), "nominal"), (("", "", ""), "nominal"),
     (tuple(map(str, range(12))), "interval")],
)  # fmt: skip
def test_the_scale_is_told_by_the_values(read, cells, scale):
    rows = "".join(f"{at},A,{cell}\n" for at, cell in enumerate(cells))
    (value,) = read(f"item,coder,v\n{rows}", values=("v",)).columns
    assert value.scale == scale


def test_levels_that_nobody_gave_belong_to_a_rating_scale(read):
    text = "item,coder,v\n1,A,1\n1,B,5\n"
    assert read(text).columns[0].levels == ("1", "2", "3", "4", "5")
    assert read(text, scale="interval").columns[0].levels == ("1", "5")
    # Ranks that lie far apart are taken as they are.
    assert read("item,coder,v\n1,A,0\n1,B,100\n").columns[0].levels == ("0", "100")


def test_dashes_are_judgements_beside_plus_signs_alone(read):
    signs = read("item,coder,v\n1,A,+\n1,B,-\n").columns[0]
    assert (signs.levels, signs.marked) == (("-", "+"), True)
    assert [level for *_, level in signs.judgements] == [1, 0]
    alone = read("item,coder,v\n1,A,2\n1,B,–\n2,A,3\n").columns[0]
    assert (alone.scale, [level for *_, level in alone.judgements]) == ("ordinal", [0, UNCODABLE, 1])


def test_99_is_a_number(read):
    value = read("item,coder,v\n1,A,1\n1,B,99\n").columns[0]
    assert (value.levels, value.warnings) == (("1", "99"), ())


def test_a_comma_that_may_be_of_thousands_is_told(read):
    value = read('item,coder,v\n1,A,"1,500"\n1,B,"2,000"\n').columns[0]
    assert value.numbers == (1.5, 2.0)
    assert value.warnings == (
        "v: '1,500' in row 2 is read as 1.5, its comma as a decimal one; if it is of thousands, take it out",
    )
    assert read("item;coder;v\n1;A;0,125\n1;B;1,5\n").columns[0].warnings == ()


def test_words_among_numbers_are_told(read):
    value = read("item,coder,v\n1,A,1\n1,B,2\n2,A,3\n2,B,high\n").columns[0]
    assert value.scale == "nominal"
    assert value.warnings == (
        "v: 1 cell among numbers, the first, 'high', in row 5; all taken as categories",
    )


def test_a_judgement_given_again_counts_once(read):
    value = read("item,coder,v\n1,A,a\n1,A,A\n1,A,\n1,B,b\n").columns[0]
    assert value.judgements == ((0, 0, 0), (0, 1, 1))
    assert value.warnings == ("v: 1 judgement given again with the same value; counted once",)


def test_columns_that_are_no_judgements_are_left_out(read):
    rows = "".join(f"{at},A,{at + 1000},word{at},,{at % 3}\n" for at in range(40))
    sheet = read(f"item,coder,serial,words,empty,v\n{rows}")
    assert [one.name for one in sheet.columns] == ["v"]
    assert sheet.told[-2] == (
        "left out: serial (a number for each row), words (40 different words), empty (nothing coded)"
    )


def test_the_session_is_the_cluster_where_no_patient_is_known(read):
    sheet = read("transcript_id,turn,annotator_id,v\n1,1,A,a\n1,2,A,b\n2,1,A,a\n")
    assert (sheet.cluster, sheet.clusters) == ("transcript_id", (0, 0, 1))


@pytest.mark.parametrize(
    ("text", "value"),
    [("1,5", 1.5), (" -2 ", -2.0), (".5", 0.5), ("1e3", 1000.0), ("1e999", None), ("nan", None),
     ("inf", None), ("1_0", None), ("1.5.2", None), ("", None)],
)  # fmt: skip
def test_numbers_have_a_point_or_a_comma(text, value):
    assert number(text) == value


def test_two_values_of_one_coder_name_both_rows(refused):
    error = refused("item,coder,v\n1,A,a\n2,A,a\n1,A,b\n")
    assert error.problem == "coder 'A' gives one unit 'a' and 'b' for 'v'"
    assert str(error.where).endswith("codings.csv, rows 2 and 4")
    assert "--unit" in error.remedy


def test_two_values_of_one_wide_unit_name_both_rows(refused):
    error = refused("item,rater_1,rater_2\n1,a,b\n1,a,c\n")
    assert error.problem == "coder 'rater_2' gives one unit 'b' and 'c' for 'value'"
    assert str(error.where).endswith("rows 2 and 3")


def test_a_value_and_uncodable_contradict_each_other(refused):
    assert "'a' and 'n/a'" in refused("item,coder,v\n1,A,a\n1,A,n/a\n").problem


@pytest.mark.parametrize(
    ("text", "layout", "problem", "remedy"),
    [
        ("item,v\n1,a\n", {}, "no column says who coded", "--coder"),
        ("coder,v\nA,a\n", {}, "no column says which unit", "--unit"),
        ("item,coder,rater,v\n1,A,B,a\n", {}, "may be the coder: coder, rater", "--coder"),
        ("item,coder,rater1,rater2\n1,A,3,4\n", {}, "may be the coder: coder, rater1, rater2", "--coders"),
        ("item,coder,v\n1,A,a\n", {"coder": "who"}, "no column is called 'who'", "correct --coder"),
        ("item,coder,v,v\n1,A,a,a\n", {"values": ("v",)}, "2 columns are called 'v'", "--values"),
        ("item,coder,v,v\n1,A,a,a\n", {}, "two columns of values have one heading", "rename"),
        ("item,coder,v\n1,A,a\n", {"unit": ("item", "ITEM")}, "--unit names a column twice", "--unit"),
        ("item,coder,v\n1,A,a\n", {"values": ("item",)}, "'item' is taken as unit and as", "--values"),
        ("item,coder,v\n1,A,a\n", {"cluster": "v", "values": ("v",)}, "'v' is taken as cluster", "--cluster"),
        ("item,coder,v\n1,A,\n", {}, "no column looks like a judgement", "--values"),
        ("a,b\n1,2\n", {"coders": ("a",)}, "--coders names one column", "two or more"),
        ("a,b\n1,2\n", {"coders": ("a", "b"), "values": ("a",)}, "--coders and --values exclude", "--coders"),
        ("a,b\n1,2\n", {"coders": ("a", "b"), "coder": "a"}, "--coders and --coder exclude", "--coders"),
        ("item,coder,v\n", {"values": ("v",)}, "no row below the header", None),
        ("item,coder,v\n", {}, "no row below the header", None),
        ("item,coder A,coder A,coder B\n1,2,3,4\n", {}, "two columns of coders have one heading", "rename"),
        ("item,coder,v\n1,,a\n", {}, "'coder', taken as coder, is blank", "--coder"),
        ("item,coder,v\n,A,a\n", {}, "'item', taken as unit, is blank", "--unit"),
        ("item,coder,p,v\n1,A,,a\n", {"cluster": "p"}, "'p', taken as cluster, is blank", "--cluster"),
        ("item,coder,p,v\n1,A,x,a\n1,B,y,a\n", {"cluster": "p"}, "one unit lies in two clusters", "--unit"),
        ("item,coder,v\n1,A,low\n", {"scale": "ordinal"}, "'low' in 'v' is no number", "--values"),
        ("item,coder,v\n1,A,-1\n", {"scale": "ratio"}, "'-1' in 'v' is negative", "--scale interval"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_an_error_with_a_remedy(refused, text, layout, problem, remedy):
    error = refused(text, **layout)
    assert problem in error.problem
    assert "codings.csv" in str(error.where)
    assert error.remedy is None if remedy is None else remedy in error.remedy


@pytest.mark.parametrize(
    ("prefix", "scale", "remedy"), [("word ", None, "free text"), ("", "ordinal", "--scale interval")]
)
def test_too_many_values_for_categories(refused, prefix, scale, remedy):
    rows = "".join(f"{at},A,{prefix}{at * 7}\n" for at in range(201))
    error = refused(f"item,coder,v\n{rows}", values=("v",), scale=scale)
    assert "201 different values, too many" in error.problem
    assert remedy in error.remedy


def test_where_two_clusters_meet_both_rows_are_named(refused):
    error = refused("item,coder,p,v\n1,A,x,a\n2,A,x,a\n1,B,y,a\n", cluster="p")
    assert str(error.where).endswith("rows 2 and 4")


def test_sessions_are_clusters_within_their_patients_and_therapists_across(read):
    cells = [(patient, session, coder) for patient in range(4) for session in (1, 2) for coder in "AB"]
    rows = [f"P{patient},{session},T{patient // 2},{coder},a" for patient, session, coder in cells]
    text = "\n".join(["patient_id,session,therapist,coder,code", *rows])
    sheet = read(text, unit=("patient_id", "session"), values=("code",), cluster="session")
    assert sheet.clusters == tuple(range(8))
    assert "cluster: session within patient_id" in sheet.told
    across = read(text, unit=("patient_id", "session"), values=("code",), cluster="therapist")
    assert across.clusters == (0, 0, 0, 0, 1, 1, 1, 1)
    assert "cluster: therapist" in across.told


def test_an_encoding_may_be_named(tmp_path):
    path = tmp_path / "codes.csv"
    path.write_bytes("item,coder,code\n1,A,žluť\n1,B,žluť\n".encode("cp1250"))
    sheet = read_ratings(path, RatingLayout(unit=("item",), values=("code",), encoding="cp1250"))
    assert sheet.columns[0].levels == ("žluť",)
