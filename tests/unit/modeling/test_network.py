import numpy as np
import pytest
import torch

from rift.codebook import Codebook, Family, Label
from rift.modeling.examples import class_groups
from rift.modeling.network import TurnClassifier

IDS = torch.tensor([[2, 5, 6, 7, 3, 8, 9, 3]])
MASK = torch.ones_like(IDS)


def pool_of(*spans, tokens=8):
    pool = torch.zeros(1, len(spans), tokens)
    for row, (start, stop) in enumerate(spans):
        pool[0, row, start:stop] = 1 / (stop - start)
    return pool


POOL = pool_of((1, 5), (5, 8))


def exclusive_codebook(families=True):
    def label(name, family=None):
        return Label(
            id=name, name=name, kind="class", family=family if families else None, speakers=("patient",),
            definition="",
        )  # fmt: skip

    return Codebook(
        id="talk",
        name="Talk",
        version="1",
        source="",
        exclusive=True,
        families=(Family(id="moving", name="moving", definition=""),) if families else (),
        labels=(label("to", "moving"), label("fro", "moving"), label("still")),
    )


def as_batch(array):
    return torch.tensor(array[None], dtype=torch.float32)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_a_turns_logits_are_the_head_over_the_mean_of_its_own_tokens(table):
    model = TurnClassifier(table, 0.5, torch.ones(3)).eval()
    logits = model(IDS, MASK, POOL).logits[0]
    for row, (start, stop) in enumerate(((1, 5), (5, 8))):
        expected = model.head(table.vectors(IDS)[0, start:stop].mean(dim=0))
        assert torch.allclose(logits[row], expected, atol=1e-6)


def test_the_loss_is_the_mean_over_weighted_cells(table):
    weight = np.array([1.0, 4.0, 2.0])
    model = TurnClassifier(table, 0.0, torch.tensor(weight)).eval()
    targets = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.25]])
    weights = np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]])
    output = model(IDS, MASK, POOL, as_batch(targets), as_batch(weights))
    p = sigmoid(output.logits[0].detach().numpy().astype(float))
    cells = -(weight * targets * np.log(p) + (1 - targets) * np.log(1 - p))
    assert output.loss.item() == pytest.approx((cells * weights).sum() / 4, rel=1e-5)


def test_what_was_not_coded_or_is_not_eligible_does_not_count(table):
    model = TurnClassifier(table, 0.0, torch.tensor([1.0, 3.0])).eval()
    weights = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
    targets = torch.tensor([[[1.0, 0.0], [0.0, 0.5]]])
    other = torch.tensor([[[1.0, 1.0], [0.7, 0.5]]])
    loss = model(IDS, MASK, POOL, targets, weights).loss
    assert model(IDS, MASK, POOL, other, weights).loss.item() == loss.item()
    changed = torch.tensor([[[0.9, 0.0], [0.0, 0.5]]])
    assert model(IDS, MASK, POOL, changed, weights).loss.item() != loss.item()


def test_the_words_of_a_turn_that_was_not_coded_do_not_count(table):
    model = TurnClassifier(table, 0.0, torch.ones(2)).eval()
    weights = torch.tensor([[[1.0, 1.0], [0.0, 0.0]]])
    targets = torch.tensor([[[1.0, 0.0], [0.0, 0.0]]])
    other = IDS.clone()
    other[0, 5:7] = torch.tensor([20, 21])
    assert model(other, MASK, POOL, targets, weights).loss == model(IDS, MASK, POOL, targets, weights).loss
    other[0, 1] = 22
    assert model(other, MASK, POOL, targets, weights).loss != model(IDS, MASK, POOL, targets, weights).loss


def test_a_cell_that_does_not_count_has_no_gradient(table):
    model = TurnClassifier(table, 0.0, torch.ones(2)).eval()
    weights = torch.tensor([[[1.0, 0.0], [1.0, 0.0]]])
    model(IDS, MASK, POOL, torch.zeros(1, 2, 2), weights).loss.backward()
    assert model.head.weight.grad[0].abs().sum() > 0
    assert model.head.weight.grad[1].abs().sum() == 0


def test_words_before_a_turn_are_its_context(bert):
    model = TurnClassifier(bert, 0.0, torch.ones(2)).eval()
    other = IDS.clone()
    other[0, 1] = 30
    first, second = model(IDS, MASK, POOL).logits, model(other, MASK, POOL).logits
    assert (first[0, 1] - second[0, 1]).abs().max() > 1e-4


def test_padding_changes_nothing(bert):
    """Neither padded tokens nor padded turns, whatever stands in them."""
    model = TurnClassifier(bert, 0.1, torch.tensor([2.0, 3.0])).eval()
    targets, weights = torch.tensor([[[1.0, 0.5], [0.0, 0.0]]]), torch.ones(1, 2, 2)
    alone = model(IDS, MASK, POOL, targets, weights)
    ids = torch.cat([IDS, torch.tensor([[40, 41, 42]])], dim=1)
    mask = torch.cat([MASK, torch.zeros(1, 3, dtype=torch.long)], dim=1)
    pool = torch.zeros(1, 4, 11)
    pool[:, :2, :8] = POOL
    more = torch.zeros(1, 2, 2)
    padded = model(ids, mask, pool, torch.cat([targets, more], 1), torch.cat([weights, more], 1))
    assert torch.allclose(padded.logits[:, :2], alone.logits, atol=1e-6)
    assert padded.loss.item() == pytest.approx(alone.loss.item(), rel=1e-5)


def test_nothing_coded_at_all_is_a_loss_of_zero(table):
    for groups in (None, torch.eye(2, dtype=torch.bool)):
        model = TurnClassifier(table, 0.0, torch.ones(2), groups)
        loss = model(IDS, MASK, POOL, torch.zeros(1, 2, 2), torch.zeros(1, 2, 2)).loss
        loss.backward()
        assert loss.item() == 0
        assert model.head.weight.grad.abs().sum() == 0


def test_a_codebook_of_one_label_is_a_yes_or_no_question(table):
    """Not a regression, which libraries make of one output."""
    model = TurnClassifier(table, 0.0, torch.tensor([2.0])).eval()
    targets = torch.tensor([[[1.0], [0.0]]])
    output = model(IDS, MASK, POOL, targets, torch.ones(1, 2, 1))
    assert output.logits.shape == (1, 2, 1)
    p = sigmoid(output.logits[0, :, 0].detach().numpy().astype(float))
    expected = -(2 * np.log(p[0]) + np.log(1 - p[1])) / 2
    assert output.loss.item() == pytest.approx(expected, rel=1e-5)


def test_a_sigmoid_of_exclusive_labels_is_their_softmax(table):
    model = TurnClassifier(table, 0.0, torch.ones(3), torch.eye(3, dtype=torch.bool)).eval()
    turns = torch.bmm(POOL, table.vectors(IDS))
    expected = model.head(turns).softmax(dim=-1)
    found = torch.sigmoid(model(IDS, MASK, POOL).logits)
    assert torch.allclose(found, expected, atol=1e-6)
    assert torch.allclose(found.sum(dim=-1), torch.ones(1, 2), atol=1e-6)


def test_a_family_of_exclusive_labels_has_the_sum_of_its_members(table):
    book = exclusive_codebook()
    groups = class_groups(book)
    assert groups.tolist() == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
        [True, True, False],
    ]
    model = TurnClassifier(table, 0.0, torch.ones(4), groups).eval()
    found = torch.sigmoid(model(IDS, MASK, POOL).logits)[0]
    assert found.shape == (2, 4)
    assert torch.allclose(found[:, 3], found[:, 0] + found[:, 1], atol=1e-6)
    assert torch.allclose(found[:, :3].sum(dim=1), torch.ones(2), atol=1e-6)


def test_labels_that_do_not_exclude_one_another_have_no_groups():
    book = exclusive_codebook().model_copy(update={"exclusive": False})
    assert class_groups(book) is None


def test_the_exclusive_loss_is_weighted_cross_entropy_with_soft_targets(table):
    weight = np.array([1.0, 0.5, 2.0])
    groups = class_groups(exclusive_codebook())
    model = TurnClassifier(table, 0.0, torch.tensor([*weight, 9.0]), groups).eval()
    # The second turn was shown by one of four coders as "to", by three as "still".
    targets = np.array([[0.0, 1.0, 0.0, 1.0], [0.25, 0.0, 0.75, 0.25]])
    weights = torch.ones(1, 2, 4)
    output = model(IDS, MASK, POOL, as_batch(targets), weights)
    p = torch.sigmoid(output.logits)[0, :, :3].detach().numpy().astype(float)
    share = targets[:, :3] * weight
    assert output.loss.item() == pytest.approx(-(share * np.log(p)).sum() / share.sum(), rel=1e-5)


@pytest.mark.parametrize("labels", [1, 2, 3])
def test_exclusive_labels_train_with_finite_loss_and_gradient(table, labels):
    """One label alone too, which every turn carries and nothing is learned of."""
    model = TurnClassifier(table, 0.0, torch.ones(labels), torch.eye(labels, dtype=torch.bool))
    targets = torch.zeros(1, 2, labels)
    targets[..., 0] = 1
    output = model(IDS, MASK, POOL, targets, torch.ones(1, 2, labels))
    output.loss.backward()
    assert torch.isfinite(output.loss)
    assert torch.isfinite(output.logits).all()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)
    if labels == 1:
        assert output.loss.item() == 0
        assert torch.sigmoid(output.logits).min() == 1


def test_a_label_with_one_example_trains_with_finite_loss(table):
    model = TurnClassifier(table, 0.0, torch.tensor([10.0, 1.0]))
    targets = torch.tensor([[[1.0, 0.0], [0.0, 0.0]]])
    weights = torch.tensor([[[1.0, 0.0], [0.0, 0.0]]])
    loss = model(IDS, MASK, POOL, targets, weights).loss
    loss.backward()
    assert 0 < loss.item() < 100
    assert torch.isfinite(model.head.weight.grad).all()
