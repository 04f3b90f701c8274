"""The page of an evaluation in headless Chromium: on a phone, a desk and paper, in light and dark."""

import html
import json
import re
from pathlib import Path

import pytest
from made_pages import classes, coded, one_turn, ordinary, page_of

pytestmark = pytest.mark.browser

LOOK = Path(__file__).with_name("look.js")
WIDTHS, SCHEMES = (390, 768, 1280), ("light", "dark")
LONG = ["Unbroken" * 12, "A long name of several words that goes on and on, and then on again for a while"]
PAGES = {
    "ordinary": ordinary,
    "long": lambda: page_of(*coded(), names=LONG, coders=("a" * 40, "b" * 40)),
    "one_turn": one_turn,
    "classes": classes,
}


@pytest.fixture(scope="module")
def made():
    return {name: make() for name, make in PAGES.items()}


@pytest.fixture(scope="module")
def folder(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, page in made.items():
        (folder / f"{name}.html").write_text(page.html, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def found(folder, chromium):
    """What look.js finds of every page at every width in both schemes, in one start of the browser."""
    # A window cannot be as narrow as a phone, a frame can; a frame's scheme is that of its element.
    frames = [
        f'<iframe name="{name} {width} {scheme}" src="{name}.html" width="{width}" height="800"'
        f' style="border: 0; color-scheme: {scheme}"></iframe>'
        for name in PAGES
        for width in WIDTHS
        for scheme in SCHEMES
    ]
    script = LOOK.read_text(encoding="utf-8")
    page = f'<!doctype html><body>{"".join(frames)}<pre id="found"></pre><script>{script}</script>'
    (folder / "frames.html").write_text(page, encoding="utf-8")
    seen = chromium("--dump-dom", (folder / "frames.html").as_uri())
    told = html.unescape(seen.split('<pre id="found">')[1].split("</pre>")[0])
    return json.loads(told)


@pytest.fixture(params=[f"{n} {w} {s}" for n in PAGES for w in WIDTHS for s in SCHEMES])
def seen(request, found):
    known = found[request.param]
    assert "error" not in known
    assert known["width"] == int(request.param.split()[1])
    return known


def test_nothing_is_requested(seen):
    assert seen["loaded"] == []
    assert seen["remote"] == []
    assert all(link.startswith("#") for link in seen["links"])


def test_nothing_is_wider_than_the_screen(seen):
    assert seen["scroll"] <= seen["width"]


def test_every_link_leads_to_its_place(seen):
    assert len(seen["sections"]) >= 10
    assert seen["navigation"] == seen["sections"]
    assert seen["dead"] == []


def test_tables_have_captions_and_their_headings_a_scope(seen):
    assert len(seen["tables"]) >= 3
    for table in seen["tables"]:
        assert table["caption"]
        assert table["headings"] > 0
        assert table["bare"] == 0


def test_pictures_say_what_they_show(seen):
    assert len(seen["pictures"]) >= 4
    for told in seen["pictures"]:
        assert re.fullmatch(r".+: .+", told, re.DOTALL)


def test_words_stand_out_from_their_ground(seen):
    assert seen["contrast"]["count"] > 100
    assert seen["contrast"]["ratio"] >= 4.5, seen["contrast"]["text"]


@pytest.mark.parametrize("name", PAGES)
def test_dark_scheme_has_another_ground(found, name):
    light, dark = (found[f"{name} 1280 {scheme}"] for scheme in SCHEMES)
    assert (light["dark"], dark["dark"]) == (False, True)
    assert light["background"] == "rgb(255, 255, 255)"
    assert sum(map(int, re.findall(r"\d+", dark["background"]))) < 150


def test_headings_sort_their_groups_and_say_so(found, made):
    columns = found["ordinary 1280 light"]["sorted"]["markers"]
    for column in columns:
        ways = ["ascending", "descending"] if column["title"] == "Label" else ["descending", "ascending"]
        assert [press["aria"] for press in column["pressed"]] == ways
        assert [press["others"] for press in column["pressed"]] == [1, 1], "only one column is sorted by"
    by = {column["title"]: [press["groups"][0] for press in column["pressed"]] for column in columns}
    rows = [row for row in made["ordinary"].evaluation.model.rows if row.kind == "marker"]
    for title, key in (("F1", lambda row: row.f1.value), ("Flags", lambda row: row.flags)):
        names = [row.name for row in sorted(rows, key=key)]
        assert names in (["Label 0", "Label 1"], ["Label 1", "Label 0"])
        assert by[title] == [names[::-1], names]
    assert by["Label"] == [["Label 0", "Label 1"], ["Label 1", "Label 0"]]


def test_on_paper_it_has_its_title_and_wide_tables_lie_across(folder, chromium):
    path = folder / "page.pdf"
    chromium("--no-pdf-header-footer", f"--print-to-pdf={path}", (folder / "ordinary.html").as_uri())
    written = path.read_bytes()
    assert written.startswith(b"%PDF-")
    assert b"/Title (RIFT beside the coders: my study)" in written
    sizes = re.findall(rb"/MediaBox \[0 0 (\d+)[\d.]* (\d+)[\d.]*\]", written)
    assert set(sizes) == {(b"594", b"841"), (b"841", b"594")}
    assert 4 <= len(sizes) <= 20
