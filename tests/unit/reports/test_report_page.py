"""The page of an evaluation: what it says, also where there is next to nothing to say."""

import re
from collections import Counter

import pytest
from made_pages import (
    CONFIG,
    Reader,
    apart,
    classes,
    coded,
    no_family,
    not_coded,
    nothing_marked,
    one_coder,
    one_patient,
    one_turn,
    ordinary,
    page_of,
    perfect,
    silent,
    unused,
)  # fmt: skip

from rift.reports.page.write import Study, render_page, write_page

pytestmark = pytest.mark.filterwarnings("error")

SECTIONS = [
    "table", "precision", "kappa", "claims", "curves", "calibration", "beside", "confusion", "sessions",
    "episodes", "people", "sensitivity", "reread", "methods",
]  # fmt: skip
EVERY = [
    ordinary, one_patient, one_coder, no_family, unused, perfect, silent, nothing_marked, apart, not_coded,
    one_turn, classes,
]  # fmt: skip


@pytest.fixture(scope="module", params=EVERY, ids=lambda made: made.__name__)
def page(request):
    return request.param()


@pytest.fixture(scope="module")
def usual():
    return ordinary()


def test_sections_stand_in_their_order(page):
    assert re.findall(r'<section id="(\w+)"', page.html) == SECTIONS


def test_nothing_is_loaded_from_anywhere(page):
    assert not re.search(r"https?://|@import|url\(|<link|<img|<iframe|<object|\bsrc=", page.html)
    assert all(link.startswith("#") and link[1:] in page.read.ids for link in page.read.links)


def test_ids_are_unique(page):
    assert [one for one, times in Counter(page.read.ids).items() if times > 1] == []


def test_no_value_is_a_nan_or_a_none(page):
    found = re.findall(r"\b(?:nan|NaN|inf|None)\b", page.read.text)
    # "None" heads the column of turns without a flag, and the support of a label without turns.
    assert set(found) <= {"None"}
    assert 'data-key="nan"' not in page.html
    assert "None." not in page.html.replace("<p>None.</p>", "")


def test_every_picture_says_what_it_shows(page):
    pictures = re.findall(r"<svg(.*?)>(.*?)</svg>", page.html, re.DOTALL)
    assert len(pictures) >= 4
    for attributes, content in pictures:
        assert 'role="img"' in attributes
        title, description = re.search(r'aria-labelledby="(\S+) (\S+)"', attributes).groups()
        assert re.match(rf'<title id="{title}">[^<]+</title><desc id="{description}">[^<]+</desc>', content)


def test_rows_of_every_table_are_as_wide_as_its_heading(page):
    for table in re.findall(r"<table.*?</table>", page.html, re.DOTALL):
        head, *rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
        wide = len(re.findall("<th", head))
        for row in rows:
            cells = re.findall(r"<t[hd]([^>]*)>", row)
            spans = [int(found.group(1)) if (found := re.search(r'colspan="(\d+)"', c)) else 1 for c in cells]
            assert sum(spans) == wide


def test_page_is_the_same_each_time(usual):
    assert render_page(usual.evaluation, usual.details, usual.study) == usual.html


def test_headline_of_several_labels_is_their_average(usual):
    macro = usual.evaluation.model.averages[0]
    low, high = 100 * macro.precision.low, 100 * macro.precision.high
    lead = (
        f"Of the turns RIFT flags, {100 * macro.precision.value:.0f} % [{low:.0f}, {high:.0f}] carry the mark"
        " of a randomly drawn coder, averaged over the 2 of 2 markers with enough data; where a coder marks"
        f" a turn, another coder does so in {100 * macro.ceiling.value:.0f} %"
    )
    assert lead in usual.read.text
    row = usual.evaluation.model.row("l1")
    assert f"Label 1 {100 * row.precision.value:.0f} % [" in usual.read.text


def test_headline_of_a_single_label_names_it():
    page = unused()
    row = page.evaluation.model.row("l0")
    assert f"Of the turns RIFT flags as Label 0, {100 * row.precision.value:.0f} % [" in page.read.text
    assert "It alone of 2 markers has enough data for a statement." in page.read.text
    assert "Counts only (fewer than 4 flags and marks): Label 1." in page.read.text


def test_headline_without_enough_data_says_what_is_missing():
    page = one_turn()
    assert (
        "Too little data to say how far RIFT's flags can be trusted, for any label of 1 marker."
        in page.read.text
    )
    assert (
        "Nearest is Label 0, with 1 flag, 0.5 marks and 1 patient with marks; a statement takes 10, 10 and 4."
        in page.read.text
    )


def test_one_patient_has_values_but_no_interval():
    page = one_patient()
    assert "The turns are of 1 patient: too few for intervals, which need 4." in page.read.text
    # The label is not a statement about patients: full support takes four.
    assert page.evaluation.model.row("l0").support == "Exploratory"
    assert "no interval: 1 patient, 4 needed" in page.read.text
    assert "no interval: 1 patient, 4 needed" in page.read.text.split("Marker by marker")[1]


def test_one_coder_has_no_ceiling():
    page = one_coder()
    assert "There is only one coder: how far coders agree is unknown" in page.read.text
    assert "how often coders confirm one another is undefined: fewer than two coders" in page.read.text
    assert "Over 2 of 2 markers, the two cannot be compared: fewer than two coders." in page.read.text
    assert "agreement among coders could not be estimated" in page.read.text
    assert "1 coder ·" in page.read.text


def test_coders_who_coded_nothing_are_not_counted():
    states, scores = coded(coders=3)
    states[:, :, 2] = -1
    page = page_of(states, scores, coders=("ann", "bob", "writer"))
    assert "2 coders ·" in page.read.text
    assert "was compared with 2 coders on" in page.read.text
    assert "not coded" in page.read.text


def test_coders_who_never_meet_are_said_to():
    page = apart()
    assert "No turn was coded by two coders: how far coders agree is unknown." in page.read.text
    assert "undefined: no turn coded by two coders" in page.read.text


def test_marker_that_nobody_used_is_undefined_not_zero():
    page = unused()
    assert "undefined: fewer than 4 flags and positives" in page.read.text
    assert "0 flagged and marked, 0 flagged only, 0 marked only" in page.read.text
    assert "nobody marked it" in page.read.text


def test_perfect_agreement_is_one_without_interval():
    page = perfect()
    assert page.evaluation.model.row("l0").kappa_hh.value == 1
    assert "no interval: no variation between patients" in page.read.text
    assert "whether they differ cannot be told" in page.read.text
    assert "RIFT flags, 100 % (no interval: no variation between patients) carry the mark" in page.read.text
    assert "over 99 %" not in page.read.text
    assert "100 %" in page.read.text
    assert "None." in page.read.text, "there is nothing to reread"


def test_silent_model_says_why_everything_is_undefined():
    page = silent()
    assert "The coded turns have no probability, so nothing was judged." in page.read.text
    assert "Coded, but without any probability: Label 0 and Label 1." in page.read.text
    assert page.read.text.count("undefined: no probability for the coded turns") > 3
    assert "nothing can be laid side by side" in page.read.text


def test_nothing_marked_and_nothing_flagged():
    page = nothing_marked()
    assert "Nothing was flagged, and no coder marked anything that was to be judged." in page.read.text


def test_label_that_nobody_coded_is_listed():
    assert "Not coded: Label 1." in not_coded().read.text


def test_exclusive_codebooks_have_their_table_of_classes():
    page = classes()
    table = page.evaluation.classes["model"]
    assert f"Macro F1 {table.macro_f1.value:.2f}".replace("0.", ".") in page.read.text
    assert "Class chosen by RIFT (columns) where most coders gave which (rows)" in page.read.text


def test_table_holds_the_numbers_of_the_evaluation(usual):
    row = usual.evaluation.model.row("l0")
    found = re.search(r'<table id="markers".*?</table>', usual.html, re.DOTALL).group()
    line = next(part for part in found.split("<tr>") if '<th scope="row">Label 0</th>' in part)
    keys = [float(key) for key in re.findall(r'data-key="([^"]+)"', line)]
    statistics = (
        row.precision, row.ceiling, row.model_ceiling, row.recall, row.f1, row.average_precision,
        row.kappa_mh, row.kappa_hh, row.delta,
    )  # fmt: skip
    assert keys[-9:] == [known.value for known in statistics]
    assert keys[:5] == [3, row.turns, row.sessions, row.patients, row.positives]


def test_turns_to_reread_stand_in_their_context(usual):
    first = usual.details.flagged_alone[0]
    article = usual.html.split("<article>")[1]
    turns = usual.study.turns
    own = turns[(turns["patient_id"] == first.patient_id) & (turns["turn"] - first.turn).abs().le(2)]
    assert re.findall(r"words \d+ end", article) == own["text"].tolist()
    spoken = own.loc[own["turn"] == first.turn, "text"].item()
    assert re.search(rf'class="this" aria-current="true">.*?{spoken}', article)
    assert f"marked by 0 of {first.coders} coders" in article


def test_without_text_there_are_no_words():
    page = ordinary(text=False)
    assert "words" not in page.read.text.split("Turns to reread")[0]
    assert not re.search(r"words \d+ end", page.html)
    assert "written without words of the transcripts" in page.read.text
    assert "<article>" not in page.html


def test_all_text_is_escaped():
    evil = '</script><script>alert("x")</script>'
    states, scores = coded()
    page = page_of(states, scores, coders=(f"a{evil}", "b'&"), names=[f"L{evil}", "<b>&amp;"], family=False)
    study = Study(f"S{evil}", page.study.codebook, CONFIG, 3, page.study.turns.assign(text=f"T{evil}"))
    html = render_page(page.evaluation, page.details, study)
    assert html.count("<script>") == html.count("</script>") == 1
    assert "alert(&#34;x&#34;)" in html
    text = Reader(html).text
    for piece in (f"L{evil}", f"S{evil}", f"T{evil}", f"a{evil}", "b'&", "<b>&amp;"):
        assert piece in text


def test_methods_hold_the_numbers_of_this_run(usual):
    text = usual.read.text.split("Methods, ready to paste")[1]
    macro = usual.evaluation.model.averages[0]
    assert "was compared with 2 coders on 120 turns of 6 patients" in text
    assert "patients, not turns, were split into 3 folds" in text
    assert f"precision {macro.precision.value:.2f}".replace("0.", ".") in text
    assert "10 flags, 10 marks and 4 patients with marks" in text
    cited, listed = text.split("References")
    for author in ("Cohen", "Light", "Platt", "Krippendorff", "Woodruff", "Efron", "Angelopoulos", "Reimers"):
        assert cited.count(author) == 1
        assert f"{author}, " in listed
    assert "Codebook: A source." in text


def test_written_whole_into_its_folder(usual, tmp_path):
    path = write_page(usual.evaluation, usual.details, usual.study, tmp_path / "deep" / "er")
    assert path == tmp_path / "deep" / "er" / "report.html"
    assert path.read_text("utf-8") == usual.html
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]


def test_methods_name_only_the_tests_that_the_coders_allow():
    three, two, one = ordinary_of(3), ordinary_of(2), one_coder().read.text
    assert "margin of .10 set beforehand, adjusted after Holm (1979)" in three
    assert "alternative annotator test (Calderon et al., 2025) with an epsilon of .20" in three
    assert "Holm (1979)" in two
    assert "Benjamini, Y." in three
    assert "Benjamini, Y." not in two
    assert "McGraw, K. O." not in one
    assert "McGraw, K. O." in two


def ordinary_of(coders):
    return page_of(*coded(coders=coders), coders="abc"[:coders]).read.text
