"""Packed windows against the usual way: one epoch of each on the same turns, in one run.

    python scripts/benchmark_training.py --config configs/demo.yaml
    python scripts/benchmark_training.py --set prepare.out=runs/annomi/processed

The usual way encodes each eligible turn as an input of its own, with eight turns of context before
it; batches are padded to their longest and hold as many tokens as the packed ones. Each way runs in
a process of its own, one after the other, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CONTEXT_TURNS = 8
WAYS = ("packed", "one input per turn")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--config", action="append", default=[])
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE")
    parser.add_argument("--every", type=int, default=1, help="every n-th session only")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(_one_epoch(options)))
        return
    for way in WAYS:
        command = [sys.executable, *sys.argv, "--way", way]
        found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        print(f"{way}: {found.splitlines()[-1]}")


def _one_epoch(options: argparse.Namespace) -> dict[str, Any]:
    from rift.modeling.encoder import stay_offline

    stay_offline()
    import torch

    from rift.config import load_config
    from rift.corpus.prepare import load_prepared
    from rift.modeling.cross_validation import gather_material
    from rift.modeling.examples import class_groups, collate, positive_weights, training_examples
    from rift.modeling.network import build_classifier
    from rift.modeling.training import parameter_groups

    config = load_config(options.config, [*options.set, "train.epochs=1"])
    material = gather_material(load_prepared(Path(config.prepare.out)), config)
    codebook, section = material.corpus.codebook, config.train
    sessions = material.sessions[:: options.every]
    torch.manual_seed(section.seed)
    weights = positive_weights(sessions, section, codebook.exclusive)
    model = build_classifier(material.folder, section.dropout, weights, class_groups(codebook)).train()
    optimizer = torch.optim.AdamW(parameter_groups(model, section))
    if options.way == "packed":
        examples = training_examples(sessions, config.windows, section, material.special)
        size = section.windows_per_step
        batches = [
            [examples[i] for i in range(at, min(at + size, len(examples)))]
            for at in range(0, len(examples), size)
        ]
    else:
        budget = section.windows_per_step * config.windows.max_tokens
        batches = list(_batches(_turn_examples(material, sessions, config.windows.max_tokens), budget))
    began, processor = time.monotonic(), time.process_time()
    for batch in batches:
        loss = model(**collate(batch)).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return {
        "seconds": round(time.monotonic() - began, 1),
        "processor seconds": round(time.process_time() - processor, 1),
        "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "steps": len(batches),
        "tokens encoded": sum(len(example["input_ids"]) for batch in batches for example in batch),
        "turns with loss": sum(sum(any(w) for w in e["weights"]) for batch in batches for e in batch),
    }


def _turn_examples(material: Any, sessions: Any, max_tokens: int) -> Iterator[dict[str, Any]]:
    for session in sessions:
        for turn, tokens in enumerate(session.tokens):
            if not session.weights[turn].any():
                continue
            own = tokens[: max_tokens - 1]
            before = [t for past in session.tokens[max(0, turn - CONTEXT_TURNS) : turn] for t in past]
            context = before[len(before) - min(len(before), max_tokens - 1 - len(own)) :]
            ids = [material.special.start, *context, *own]
            yield {
                "input_ids": ids,
                "spans": [[len(ids) - len(own), len(ids)]],
                "targets": session.targets[[turn]].tolist(),
                "weights": session.weights[[turn]].tolist(),
            }


def _batches(examples: Iterator[dict[str, Any]], budget: int) -> Iterator[list[dict[str, Any]]]:
    """Yield examples of like length, padded to at most as many tokens as a packed step holds."""
    batch: list[dict[str, Any]] = []
    for example in sorted(examples, key=lambda e: len(e["input_ids"])):
        if batch and (len(batch) + 1) * len(example["input_ids"]) > budget:
            yield batch
            batch = []
        batch.append(example)
    if batch:
        yield batch


if __name__ == "__main__":
    main()
