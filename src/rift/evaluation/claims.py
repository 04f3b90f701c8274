"""What may be claimed of the model on a label: no worse than a coder, or fit to replace one."""

from __future__ import annotations

from dataclasses import dataclass

from rift.reliability.alt_test import AltTest
from rift.reliability.noninferiority import NonInferiority
from rift.reliability.result import Statistic


@dataclass(frozen=True, slots=True)
class SubstitutedAlpha:
    """Krippendorff's alpha with the model in the place of one coder, where that coder coded."""

    coder: str
    alpha: Statistic


@dataclass(frozen=True, slots=True)
class Claims:
    """A label's verdicts and what they rest on.

    Attributes
    ----------
    alpha_hh
        Krippendorff's alpha among the coders, on the turns that two or more of them coded and that
        have a probability.
    alpha_mh, alpha_delta
        Mean over coders of alpha with the model in the place of one, on the same turns; and what it
        is above ``alpha_hh``.
    substituted
        The alphas behind ``alpha_mh``, per coder.
    f1_bootstrap, average_precision_bootstrap, delta_bootstrap, alpha_hh_bootstrap,
    alpha_mh_bootstrap, alpha_delta_bootstrap
        The statistic of that name with a percentile interval of drawn patients in place of the
        jackknife-t; with none where the jackknife has none.
    non_inferiority
        Whether ``delta`` of kappa is above the margin; adjusted over the labels of one kind that have
        full support.
    alt_test
        The alternative annotator test on active units with patients as clusters; adjusted over the
        same labels and all coders.
    silent_omega
        The winning rate that a model which flags nothing has in that test. Where coders often mark
        alone, such a model passes too, and passing says nothing.
    alt_test_standard
        The same in its standard form, which says little of a rare label: for comparison.
    """

    alpha_hh: Statistic
    alpha_mh: Statistic
    alpha_delta: Statistic
    substituted: tuple[SubstitutedAlpha, ...]
    f1_bootstrap: Statistic
    average_precision_bootstrap: Statistic
    delta_bootstrap: Statistic
    alpha_hh_bootstrap: Statistic
    alpha_mh_bootstrap: Statistic
    alpha_delta_bootstrap: Statistic
    non_inferiority: NonInferiority
    alt_test: AltTest
    silent_omega: Statistic
    alt_test_standard: AltTest


ALPHAS = ("alpha_hh", "alpha_mh", "alpha_delta")
"""The alphas of a label's claims, in the order in which they are reported."""

BOOTSTRAPPED = ("f1", "average_precision", "delta", *ALPHAS)
"""The statistics of a label that a bootstrap stands beside."""
