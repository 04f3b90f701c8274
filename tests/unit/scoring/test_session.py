"""A session scored: calibration, ineligible speakers, flags, episodes, summary."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logit

from rift.errors import RiftError
from rift.schema import Turn
from rift.scoring.runtime import load_scorer
from rift.scoring.session import SpokenSession, score_session, score_sessions
from rift.scoring.summary import summarise, summary_table

TALK = [
    ("therapist", "so well"),
    ("patient", "silent silent"),
    ("therapist", "feel feel"),
    ("patient", "rain bus"),
    ("therapist", "well"),
    ("therapist", "so"),
    ("patient", "angry angry"),
]


def spoken(talk=TALK, patient="P1", session="S1"):
    turns = tuple(Turn(who, text, 10.0 * i, 10.0 * i + 9) for i, (who, text) in enumerate(talk))
    return SpokenSession(patient, session, turns, tuple(who for who, _ in talk), tuple(range(len(talk))))


def test_probabilities_are_calibrated_and_missing_for_speakers_never_coded(tiny):
    score = score_session(tiny.scorer, spoken())
    (raw,) = tiny.reference([([who for who, _ in TALK], [text for _, text in TALK])])
    patient = np.array([who == "patient" for who, _ in TALK])
    np.testing.assert_allclose(
        score.probabilities[patient, 0], expit(2 * logit(raw[patient, 0]) - 1), atol=1e-4
    )
    np.testing.assert_allclose(score.probabilities[patient, 1], raw[patient, 1], atol=1e-5)
    np.testing.assert_allclose(score.probabilities[~patient, 2], raw[~patient, 2], atol=1e-5)
    assert np.isnan(score.probabilities[~patient][:, [0, 1, 3, 4]]).all()
    assert np.isnan(score.probabilities[patient, 2]).all()
    np.testing.assert_array_equal(score.judged, ~np.isnan(score.probabilities))


def test_flags_and_episodes(tiny):
    score = score_session(tiny.scorer, spoken())
    flagged = {(int(t), tiny.columns[c]) for t, c in zip(*np.nonzero(score.flags), strict=True)}
    assert flagged == {
        (1, "quiet"), (1, "withdrawal"), (2, "explores"), (6, "complains"), (6, "confrontation"),
    }  # fmt: skip
    withdrawal, confrontation = score.episodes
    assert (withdrawal.family, withdrawal.first_turn, withdrawal.last_turn) == ("withdrawal", 1, 1)
    assert (withdrawal.start_s, withdrawal.end_s) == (10.0, 19.0)
    assert (withdrawal.markers, withdrawal.answered_by) == (("quiet",), ("explores",))
    assert withdrawal.peak == score.probabilities[1, 3]
    assert (confrontation.turns, confrontation.answered_by) == ((6,), ())
    assert score.answers_known
    assert score.classes is None


def test_sessions_together_are_as_alone(tiny):
    talks = [spoken(), spoken(TALK[::-1], session="S2"), spoken(TALK[:2], session="S3")]
    for together, talk in zip(score_sessions(tiny.scorer, talks), talks, strict=True):
        alone = score_session(tiny.scorer, talk)
        assert together.session_id == talk.session_id
        np.testing.assert_allclose(together.probabilities, alone.probabilities, atol=1e-5)
        np.testing.assert_array_equal(together.flags, alone.flags)


def test_summary_of_a_session(tiny):
    summary = summarise(score_session(tiny.scorer, spoken()), tiny.scorer.manifest)
    assert summary.episodes == {"withdrawal": 1, "confrontation": 1, "mixed": 0}
    assert (summary.turns, summary.unanswered, summary.longest) == (7, 1, 1)
    assert summary.notes == ("Confrontation: not released",)


def test_what_is_not_known_is_not_zero(tiny, tmp_path):
    none = {"threshold": None, "status": "no examples", "precision_bound": None}
    changed = tuple(
        decision.model_copy(update=none if decision.label in ("explores", "confrontation") else {})
        for decision in tiny.scorer.manifest.decisions
    )
    scorer = load_scorer(tiny.write(tmp_path / "m", decisions=changed), tiny.section)
    score = score_session(scorer, spoken())
    summary = summarise(score, scorer.manifest)
    assert not score.judged[:, 2].any()
    assert np.isfinite(score.probabilities[0, 2])
    assert summary.episodes == {"withdrawal": 1, "confrontation": None, "mixed": None}
    assert summary.unanswered is None
    assert summary.notes == ("Confrontation: no examples",)


def test_a_session_without_the_patient(tiny):
    score = score_session(tiny.scorer, spoken([("therapist", "silent"), ("other", "angry")]))
    summary = summarise(score, tiny.scorer.manifest)
    assert score.episodes == ()
    assert np.isnan(score.probabilities[1]).all()
    assert summary.episodes == {"withdrawal": None, "confrontation": None, "mixed": None}
    assert (summary.longest, summary.unanswered) == (None, None)
    assert summary.notes == ("Withdrawal: no turn that could carry it", "Confrontation: not released")


def test_summary_table_keeps_the_undefined_apart(tiny):
    scores = [
        score_session(tiny.scorer, spoken()),
        score_session(tiny.scorer, spoken([("therapist", "so")], session="S2")),
    ]
    table = summary_table([summarise(score, tiny.scorer.manifest) for score in scores])
    assert table.columns.tolist() == [
        "patient_id", "session_id", "turns", "withdrawal", "confrontation", "mixed",
        "unanswered", "longest", "notes",
    ]  # fmt: skip
    assert table["withdrawal"].tolist()[0] == 1
    assert table["withdrawal"].isna().tolist() == [False, True]
    assert table["longest"].isna().tolist() == [False, True]
    assert len(summary_table([])) == 0


def test_exclusive_codebooks_get_a_class(tiny, tmp_path):
    book = tiny.scorer.manifest.codebook.model_copy(update={"exclusive": True})
    scorer = load_scorer(tiny.write(tmp_path / "m", codebook=book), tiny.section)
    score = score_session(scorer, spoken())
    assert score.classes[1] == "quiet"
    assert score.classes[2] == "explores"
    assert score.classes[6] == "complains"


def test_a_failing_network_is_an_error_with_its_place(tiny):
    class Broken:
        def run(self, *_):
            raise RuntimeError("no memory\nand more")

    with pytest.raises(RiftError, match="no memory") as caught:
        score_session(replace(tiny.scorer, network=Broken()), spoken())
    assert "and more" not in str(caught.value)
