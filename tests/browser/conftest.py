"""A headless Chromium: without one these tests fail, or are skipped if RIFT_NO_BROWSER=1 says so."""

import os
import shutil
import subprocess

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
    "--allow-file-access-from-files", "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=3000",
)  # fmt: skip


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """Run Chromium without network on arguments; return what it printed."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("RIFT_NO_BROWSER") == "1":
        pytest.skip("RIFT_NO_BROWSER=1, and no Chromium here")
    if found is None:
        pytest.fail(
            "no Chromium here: `apt-get install chromium`, or set RIFT_NO_BROWSER=1 to skip these tests",
            pytrace=False,
        )
    profile = tmp_path_factory.mktemp("profile")

    def run(*arguments):
        command = [found, *FLAGS, f"--user-data-dir={profile}", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout

    return run
