"""Fine-tuning by `transformers.Trainer`: layer-wise learning rates, averaged weights, resume."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from rift.config import TrainSection
from rift.modeling.examples import collate
from rift.modeling.network import TurnClassifier

Progress = Callable[[int, int], None]
"""Called with steps done and steps in all."""

_AVERAGE_FILE = "average.safetensors"
"""Written last into a checkpoint: one without it is not whole."""


def fine_tune(
    model: TurnClassifier, examples: Dataset, section: TrainSection, folder: Path, progress: Progress
) -> TurnClassifier:
    """Fine-tune on windows laid out in their order of training; resumes from ``folder``.

    Parameters
    ----------
    model
        A new classifier; changed in place and returned.
    examples
        From `rift.modeling.examples.training_examples`: all epochs, one after the other.
    section
        Learning rates, batch, precision.
    folder
        Checkpoints; an interrupted call with the same folder goes on where it stopped.
    progress
        Called after every step.

    Returns
    -------
    TurnClassifier
        With the weights averaged over the last ``averaged_share`` of steps, in eval mode.
    """
    steps = -(-len(examples) // section.windows_per_step)
    average = _WeightAverage(first_step=steps - int(steps * section.averaged_share))
    arguments = TrainingArguments(
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=section.windows_per_step,
        train_sampling_strategy="sequential",
        lr_scheduler_type="linear",
        warmup_steps=max(1, int(steps * section.warmup_share)),
        max_grad_norm=1.0,
        bf16=_use_bf16(section.precision),
        use_cpu=not torch.cuda.is_available(),
        save_steps=max(1, steps // section.epochs),
        save_total_limit=1,
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
        seed=section.seed,
    )
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=examples,
        data_collator=collate,
        optimizers=(torch.optim.AdamW(parameter_groups(model, section)), None),
        callbacks=[average, _Report(progress)],
    )
    # Without the printer Trainer adds, nothing but our own progress bar writes to the terminal.
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=_last_checkpoint(folder))
    average.copy_to(model)
    return model.eval()


def _last_checkpoint(folder: Path) -> str | None:
    """Return the last checkpoint that was written whole, and delete what an interruption left of others."""
    whole = []
    for checkpoint in folder.glob("checkpoint-*"):
        if (checkpoint / _AVERAGE_FILE).is_file():
            whole.append(checkpoint)
        else:
            shutil.rmtree(checkpoint)
    last = max(whole, key=lambda checkpoint: int(checkpoint.name.rpartition("-")[2]), default=None)
    return None if last is None else str(last)


def _use_bf16(precision: str) -> bool:
    """Decide on mixed precision; on the one processor it was tried on it was slower than fp32."""
    if precision == "auto":
        return torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    return precision == "bf16"


def parameter_groups(model: TurnClassifier, section: TrainSection) -> list[dict[str, Any]]:
    """Give each encoder layer its learning rate: the top one's, times the decay per layer below.

    Embeddings stay as they are: in a vocabulary of 30,000 a small corpus touches few rows, and
    moving those away from the rest costs more than it brings. Frozen layers likewise.
    """
    layers = _encoder_layers(model.encoder)
    model.encoder.requires_grad_(False)
    groups = [_group(model.head.named_parameters(), section.head_learning_rate, section.weight_decay)]
    for depth, layer in enumerate(layers):
        if depth >= section.frozen_layers:
            layer.requires_grad_(True)
            rate = section.learning_rate * section.layer_decay ** (len(layers) - 1 - depth)
            groups.append(_group(layer.named_parameters(), rate, section.weight_decay))
    return [half for group in groups for half in group]


def _group(parameters: Any, rate: float, decay: float) -> list[dict[str, Any]]:
    """Split parameters by weight decay: none on biases and norms."""
    named = list(parameters)
    return [
        {"params": [p for _, p in named if p.ndim >= 2], "lr": rate, "weight_decay": decay},
        {"params": [p for _, p in named if p.ndim < 2], "lr": rate, "weight_decay": 0.0},
    ]


def _encoder_layers(encoder: nn.Module) -> nn.ModuleList:
    """Return the transformer layers, bottom first: the largest list of modules."""
    lists = [module for module in encoder.modules() if isinstance(module, nn.ModuleList)]
    return max(lists, key=lambda layers: sum(p.numel() for p in layers.parameters()))


class _Report(TrainerCallback):
    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self._progress(state.global_step, state.max_steps)


class _WeightAverage(TrainerCallback):
    """The mean of the trained weights over the last steps: one run with the calm of several."""

    def __init__(self, first_step: int) -> None:
        self._first_step = first_step
        self._mean: dict[str, Tensor] = {}
        self._count = 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        path = Path(args.output_dir) / f"checkpoint-{state.global_step}" / _AVERAGE_FILE
        if state.global_step and path.is_file():
            stored = load_file(path)
            self._count = int(stored.pop("count"))
            self._mean = stored

    def on_step_end(self, args: Any, state: Any, control: Any, model: nn.Module, **kwargs: Any) -> None:
        if state.global_step <= self._first_step:
            return
        self._count += 1
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                value = parameter.detach().float()
                if name in self._mean:
                    self._mean[name] += (value - self._mean[name]) / self._count
                else:
                    self._mean[name] = value.clone()

    def on_save(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        path = Path(args.output_dir) / f"checkpoint-{state.global_step}" / _AVERAGE_FILE
        aside = path.with_suffix(".aside")
        save_file({**self._mean, "count": torch.tensor(self._count)}, aside)
        aside.replace(path)

    @torch.no_grad()
    def copy_to(self, model: nn.Module) -> None:
        """Put the mean in place of the last weights; without one (share 0) those stay."""
        for name, parameter in model.named_parameters():
            if name in self._mean:
                parameter.copy_(self._mean[name])
