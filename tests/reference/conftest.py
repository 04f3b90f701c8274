"""``pytest tests/reference --values`` lists what was expected of every vector, and what was found."""

import pytest

APPROX = pytest.approx
FOUND = []


class Recorded:
    """An approximate value that remembers what it was compared with."""

    # So that numpy leaves the comparison to this side, as it does with pytest's own.
    __array_ufunc__, __array_priority__ = None, 100
    __hash__ = None

    def __init__(self, *given, **options):
        self.expected, self.approx = given[0], APPROX(*given, **options)

    def __eq__(self, actual):
        same = self.approx == actual
        FOUND.append((self.test, self.expected, actual, same))
        return same

    def __repr__(self):
        return repr(self.approx)


def pytest_addoption(parser):
    parser.addoption("--values", action="store_true", help="list the vectors' values")


@pytest.fixture(autouse=True)
def _recorded(request, monkeypatch):
    if request.config.getoption("--values", default=False):
        Recorded.test = request.node.name.removeprefix("test_")
        monkeypatch.setattr(pytest, "approx", Recorded)


def pytest_terminal_summary(terminalreporter):
    for test, expected, actual, same in FOUND:
        terminalreporter.write_line(f"{'' if same else 'NOT '}{test}: expected {expected}, found {actual}")
