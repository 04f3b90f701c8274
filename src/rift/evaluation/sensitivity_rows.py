"""A label's row of the sensitivity table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rift.evaluation.rows import MarkerRow
from rift.reliability.result import Statistic, Verdict

MARGINS = (-0.05, -0.1, -0.15)
EPSILONS = (0.2, 0.1, 0.05)
"""Settings that are tried beside those of the configuration."""

LABEL_RULES = ("random coder", "majority", "any coder", "every coder")
"""How a turn's coders make its label: as one of them drawn at random says; as most of them do, ties left
out; marked if any marked it; marked if all did. The first is the evaluation's own."""

PATIENTS, CASELOADS = "patients", "patients who share a therapist"

SENSITIVITY_STATISTICS = ("precision", "recall", "f1", "delta", "omega")
"""The statistics of a row, in the order in which they are reported."""


@dataclass(frozen=True, slots=True)
class SensitivityRow:
    """One label under one setting; what the setting does not touch is ``None``.

    Attributes
    ----------
    column, name, kind
        The label.
    aspect, setting
        What is varied (``label rule``, ``margin``, ``epsilon``, ``clusters``, ``training``), and how.
    chosen
        Whether it is the evaluation's own setting.
    turns, left_out
        Turns that count, and ties that do not; of label rules.
    precision, recall, f1
        Of label rules, clusters and trainings.
    delta
        Kappa of model and coder less kappa of coders; of margins, clusters and trainings.
    omega
        Winning rate of the alternative annotator test on active units; of epsilons.
    verdict
        Of margins (non-inferiority, after Holm) and epsilons (the test).
    """

    column: str
    name: str
    kind: str
    aspect: str
    setting: str
    chosen: bool
    turns: int | None = None
    left_out: int | None = None
    precision: Statistic | None = None
    recall: Statistic | None = None
    f1: Statistic | None = None
    delta: Statistic | None = None
    omega: Statistic | None = None
    verdict: Verdict | None = None


def varied(row: MarkerRow, aspect: str, setting: str, chosen: bool, **found: Any) -> SensitivityRow:
    """Return a label's row under one setting."""
    return SensitivityRow(row.column, row.name, row.kind, aspect, setting, chosen, **found)
