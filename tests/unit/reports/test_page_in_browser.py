"""The page in headless Chromium: nothing wider than a phone, and headings that sort."""

import shutil
import subprocess

import pytest

from rift.config import load_config
from rift.evaluation.details import Details
from rift.reports.page.write import Study, render_page

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]

FRAME = """<body>
<iframe id=page src=report.html style="border:0;width:390px;height:800px"></iframe><pre id=out></pre>
<script>page.onload = () => {{ const d = page.contentDocument; out.textContent = {script}; }}</script>"""


@pytest.fixture(scope="module")
def folder(evaluation, small_codebook, tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    details = Details(curves=evaluation.curves, confusions=(), flagged_alone=(), missed=())
    html = render_page(evaluation, details, Study("s", small_codebook, load_config(), 5))
    (folder / "report.html").write_text(html, encoding="utf-8")
    return folder


def seen(folder, script):
    """What a script returns of the page in a frame as wide as a phone."""
    (folder / "frame.html").write_text(FRAME.format(script=script), encoding="utf-8")
    browser = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--allow-file-access-from-files",
    ]
    result = subprocess.run(
        [*browser, f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=2000", "--dump-dom",
         (folder / "frame.html").as_uri()],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return result.stdout.split('<pre id="out">')[1].split("</pre>")[0]


def test_page_is_no_wider_than_a_phone(folder):
    assert seen(folder, "d.documentElement.scrollWidth") == "390"


def test_heading_sorts_its_group_and_undefined_stays_last(folder, evaluation):
    script = """(() => {
        const press = [...d.querySelectorAll("#markers thead button")].find(b => b.textContent === "F1");
        const rows = () => [...d.querySelectorAll("#markers tbody")[0].rows].slice(1);
        const names = () => rows().map(row => row.cells[0].textContent).join();
        press.click(); const down = names(); press.click();
        return down + "|" + names();
    })()"""
    rows = [row for row in evaluation.model.rows if row.kind == "marker"]
    known = sorted((row for row in rows if row.f1.defined), key=lambda row: row.f1.value)
    rest = [row.name for row in rows if not row.f1.defined]
    up = [row.name for row in known]
    assert seen(folder, script) == f"{','.join([*up[::-1], *rest])}|{','.join([*up, *rest])}"
