"""The trained network gives the same probabilities in torch and in onnxruntime, however it is batched."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.integration

CLOSE = 1e-4


@pytest.fixture(scope="module")
def trained(chain, configure):
    """The chain's model in torch, with its material, and the scorer of its folder."""
    from safetensors.torch import load_file

    from rift.corpus.prepare import load_prepared
    from rift.modeling.cross_validation import gather_material
    from rift.modeling.examples import class_groups, positive_weights
    from rift.modeling.network import build_classifier
    from rift.scoring.runtime import load_scorer

    config = configure()
    material = gather_material(load_prepared(chain.processed), config)
    codebook = material.corpus.codebook
    weights = positive_weights(material.sessions, config.train, codebook.exclusive)
    model = build_classifier(material.folder, 0.1, weights, class_groups(codebook))
    missing, unexpected = model.load_state_dict(load_file(chain.model / "model.safetensors"))
    assert not missing
    assert not unexpected
    return model.eval(), material, load_scorer(chain.model, config.score)


def by_torch(trained, sessions, batch_tokens):
    from rift.modeling.cross_validation import predict, torch_network

    model, material, _ = trained
    score = material.config.score.model_copy(update={"batch_tokens": batch_tokens})
    config = material.config.model_copy(update={"score": score})
    return predict(torch_network(model), sessions, replace(material, config=config))


def by_onnx(trained, sessions, batch_tokens):
    _, material, scorer = trained
    turns = material.corpus.turns
    spoken = [
        (turns["speaker"].iloc[session.rows].tolist(), turns["text"].iloc[session.rows].tolist())
        for session in sessions
    ]
    return replace(scorer, batch_tokens=batch_tokens).probabilities(spoken)


@pytest.mark.parametrize("batch_tokens", [64, 128, 100_000])
@pytest.mark.parametrize("together", [False, True])
def test_torch_and_onnx_agree_on_every_turn(trained, batch_tokens, together):
    _, material, _ = trained
    sessions = material.sessions
    groups = [list(sessions)] if together else [[session] for session in sessions]
    torch_found = [p for group in groups for p in by_torch(trained, group, batch_tokens)]
    onnx_found = [p for group in groups for p in by_onnx(trained, group, batch_tokens)]
    assert [p.shape for p in onnx_found] == [(14, 6)] * 8
    for session, one, other in zip(sessions, torch_found, onnx_found, strict=True):
        assert np.abs(one - other).max() < CLOSE, session.rows[0]


def test_a_turns_probability_does_not_depend_on_its_company(trained):
    _, material, _ = trained
    sessions = list(material.sessions)
    alone = np.concatenate([by_onnx(trained, [session], 64)[0] for session in sessions])
    together = np.concatenate(by_onnx(trained, sessions, 100_000))
    reversed_order = np.concatenate(by_onnx(trained, sessions[::-1], 128)[::-1])
    assert np.abs(alone - together).max() < 1e-5
    assert np.abs(alone - reversed_order).max() < 1e-5


def test_probabilities_differ_between_turns(trained):
    """Else the agreement above would say nothing."""
    _, material, _ = trained
    found = np.concatenate(by_onnx(trained, list(material.sessions), 256))
    assert (found.std(axis=0) > 0.01).all()


def test_a_turn_longer_than_a_window_takes_the_maximum_over_its_pieces(trained, chain):
    """The long turn is scored in pieces: each piece's probability by hand, from its own window."""
    import torch

    from rift.corpus.encoding import START_TOKENS, row_ids
    from rift.corpus.windows import scoring_windows

    model, material, _ = trained
    turns = material.corpus.turns
    at = next(
        n for n, s in enumerate(material.sessions)
        if tuple(turns.iloc[s.rows[0]][["patient_id", "session_id"]]) == ("P03", "S02")
    )  # fmt: skip
    session = material.sessions[at]
    lengths = [len(turn) for turn in session.tokens]
    assert lengths[5] > 96
    stream = [token for turn in session.tokens for token in turn]
    pieces = []
    for window in scoring_windows(lengths, 95, 32):
        ids = torch.tensor([row_ids(stream, window.start, window.stop, material.special)])
        for piece in window.pieces:
            if piece.turn == 5:
                pool = torch.zeros(1, 1, ids.shape[1])
                first = piece.start - window.start + START_TOKENS
                pool[0, 0, first : first + piece.stop - piece.start] = 1 / (piece.stop - piece.start)
                with torch.no_grad():
                    logits = model(ids, torch.ones_like(ids), pool).logits[0, 0]
                pieces.append(torch.sigmoid(logits).numpy())
    assert len(pieces) >= 2
    expected = np.max(pieces, axis=0)
    assert np.ptp(np.array(pieces), axis=0).max() > 1e-3
    assert np.abs(by_torch(trained, [session], 256)[0][5] - expected).max() < 1e-5
    assert np.abs(by_onnx(trained, [session], 256)[0][5] - expected).max() < CLOSE


def test_the_scored_table_holds_the_networks_probabilities_calibrated(
    chain, trained, new_sessions, rift_command, tmp_path
):
    import pandas as pd

    from rift.decisions.apply import decide

    folder, lines = new_sessions
    rift_command("score", folder / "N01.txt", "--model", chain.model, "--out", tmp_path, "-c", chain.config)
    table = pd.read_parquet(tmp_path / "turns.parquet")
    roles = ["patient" if line.speaker == "P" else "therapist" for line in lines["N01"]]
    _, _, scorer = trained
    (raw,) = scorer.probabilities([(roles, [line.text for line in lines["N01"]])])
    expected = decide(raw, roles, scorer.manifest.decisions).probabilities
    found = table[[f"p_{label}" for label in scorer.manifest.codebook.columns]].to_numpy()
    assert np.allclose(found, expected, atol=1e-6, equal_nan=True)


def test_a_quantised_model_is_judged_as_it_scores(chain, configure, tmp_path):
    """Its thresholds come from quantised folds; its graph holds 8-bit weights and stays near."""
    import onnx

    from rift.scoring.runtime import load_scorer
    from rift.stages.train import train

    settings = (f"prepare.out={chain.processed}", f"train.out={tmp_path / 'int8'}", "train.onnx_weights=int8")
    config = configure(*settings)
    quantised = train(config).folder
    assert (quantised / "model.safetensors").read_bytes() == (chain.model / "model.safetensors").read_bytes()
    kinds = {tensor.data_type for tensor in onnx.load(quantised / "model.onnx").graph.initializer}
    assert onnx.TensorProto.INT8 in kinds
    spoken = [(["therapist", "patient"], ["How was the week?", "Fine."])]
    (exact,), (rounded,) = (
        load_scorer(folder, config.score).probabilities(spoken) for folder in (chain.model, quantised)
    )
    assert 0 < np.abs(exact - rounded).max() < 0.2
    tables = [pd.read_parquet(folder / "predictions.parquet") for folder in (chain.model, quantised)]
    exact, rounded = (table.filter(like="p_").to_numpy() for table in tables)
    assert (np.isnan(exact) == np.isnan(rounded)).all()
    assert 0 < np.nanmax(np.abs(exact - rounded)) < 0.3
