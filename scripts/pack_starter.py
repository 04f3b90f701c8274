"""Take from a training what `rift score` needs, into models/starter, and its figures into the model card.

rift prepare -c configs/starter.yaml && rift train -c configs/starter.yaml
rift evaluate -c configs/starter.yaml && python scripts/pack_starter.py
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from rift.config import load_config
from rift.manifest import ONNX_NAME, TOKENIZER_NAME, load_manifest, starter_folder, write_manifest, write_text
from rift.reports.markdown import table

CONFIG = Path("configs/starter.yaml")
CARD = "README.md"
BEGIN, END = "<!-- figures, by scripts/pack_starter.py -->\n", "<!-- end of figures -->"
NEEDED = (ONNX_NAME, TOKENIZER_NAME)


def main() -> None:
    config = load_config([CONFIG], [])
    trained, starter = Path(config.train.out), starter_folder()
    manifest = load_manifest(trained)
    starter.mkdir(parents=True, exist_ok=True)
    for name in NEEDED:
        shutil.copyfile(trained / name, starter / name)
    files = {name: manifest.files[name] for name in NEEDED}
    write_manifest(manifest.model_copy(update={"name": starter.name, "files": files}), starter)
    evaluation = json.loads((Path(config.evaluate.out) / "evaluation" / "evaluation.json").read_text("utf-8"))
    card = (starter / CARD).read_text(encoding="utf-8")
    start, end = card.index(BEGIN) + len(BEGIN), card.index(END)
    write_text(starter / CARD, card[:start] + figures(evaluation) + card[end:])
    size = sum(path.stat().st_size for path in starter.iterdir())
    print(f"{starter}: {size / 2**20:.1f} MiB")


def figures(evaluation: dict[str, Any]) -> str:
    """Return a row per label: what was marked and flagged, and how well, beside coders and TF-IDF."""
    (baseline,) = [rows for name, rows in evaluation["baselines"].items() if name.startswith("TF-IDF")]
    plain = baseline["rows"]
    head = [
        "label",
        "marked",
        "flags",
        "precision",
        "human",
        "recall",
        "AP",
        "AP of TF-IDF",
        "kappa MH",
        "kappa HH",
    ]
    rows = []
    for row in evaluation["model"]["rows"].values():
        label = row["column"] + ("" if row["status"] == "released" else " *")
        counts = (f"{row['positives']:.0f}", f"{row['flags']:.0f}")
        precision = (_shown(row["precision"]), _value(row["ceiling"]))
        ranked = (_shown(row["average_precision"]), _value(plain[row["column"]]["average_precision"]))
        kappas = (_value(row["kappa_mh"]), _value(row["kappa_hh"]))
        rows.append((label, *counts, *precision, _shown(row["recall"]), *ranked, *kappas))
    return table(head, rows)


def _value(statistic: dict[str, Any] | None) -> str:
    value = None if statistic is None else statistic["value"]
    return "undefined" if value is None else f"{value:.2f}".replace("0.", ".", 1)


def _shown(statistic: dict[str, Any] | None) -> str:
    if statistic is None or statistic["low"] is None:
        return _value(statistic)
    low, high = (f"{statistic[name]:.2f}".replace("0.", ".", 1) for name in ("low", "high"))
    return f"{_value(statistic)} [{low}, {high}]"


if __name__ == "__main__":
    main()
