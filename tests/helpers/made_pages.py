"""Made-up evaluations, and their pages, for tests: from plain to next to nothing."""

from collections import Counter
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pandas as pd

from rift.codebook import Codebook
from rift.config import load_config
from rift.corpus.marks import Marks
from rift.evaluation.details import evaluation_details
from rift.evaluation.results import Beside, evaluate
from rift.reports.page.write import Study, render_page

CONFIG = load_config(
    settings=[
        "evaluate.full_support=10", "evaluate.full_patients=4", "evaluate.exploratory_support=4",
        "evaluate.min_patients_interval=4",
    ]
)  # fmt: skip
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Reader(HTMLParser):
    """Reads a page as a browser would: its text, ids, links; complains of unbalanced tags."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.tags, self.words = [], [], [], Counter(), []
        self.feed(html)
        assert self.open == []
        self.text = " ".join(" ".join(self.words).replace("\u00a0", " ").split())

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        self.tags[tag] += 1
        self.ids += [known["id"]] if "id" in known else []
        self.links += [known[name] for name in ("href", "src") if name in known]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words.append(data)


def codebook_of(names, exclusive=False, family=True):
    kind = "class" if exclusive else "marker"
    own = family and not exclusive
    labels = [
        {"id": f"l{at}", "name": name, "kind": kind, "family": "away" if own else None,
         "speakers": ["patient"], "definition": "d"}
        for at, name in enumerate(names)
    ]  # fmt: skip
    families = [{"id": "away", "name": "Moving away", "definition": "d"}] if own else []
    return Codebook.model_validate(
        {"id": "small", "name": "Small", "version": "1", "source": "A source.", "exclusive": exclusive,
         "families": families, "labels": labels}
    )  # fmt: skip


def page_of(
    states, scores, patients=6, *, coders=("ann", "bob"), names=None, text=True, decisions=(), **book
):
    """The page of [T, L, C] states and [T, L] scores, flagged above .5; turns dealt to patients in runs."""
    states, scores = np.asarray(states, dtype=np.int8), np.asarray(scores, dtype=float)
    count = len(states)
    codebook = codebook_of(names or [f"Label {at}" for at in range(states.shape[1])], **book)
    if codebook.families:
        states = np.concatenate([states, states.max(axis=1, keepdims=True)], axis=1)
        scores = np.concatenate([scores, scores.max(axis=1, keepdims=True)], axis=1)
    turns = pd.DataFrame(
        {"patient_id": [f"p{at * patients // count}" for at in range(count)], "session_id": "s1"}
    )
    turns["turn"] = turns.groupby("patient_id").cumcount()
    turns["speaker"] = "patient"
    marks = Marks(turns, codebook.columns, tuple(coders), states)
    frame = turns.copy()
    for at, column in enumerate(codebook.columns):
        frame[f"p_{column}"] = scores[:, at]
        frame[f"flag_{column}"] = np.nan_to_num(scores[:, at]) > 0.5
    evaluation = evaluate(marks, frame, codebook, CONFIG.evaluate, decisions, Beside({"TF-IDF": frame}))
    details = evaluation_details(marks, frame, codebook, evaluation.model)
    spoken = turns.assign(text=[f"words {at} end" for at in range(count)])
    study = Study("my study", codebook, CONFIG, 3, spoken if text else None)
    html = render_page(evaluation, details, study)
    return SimpleNamespace(html=html, evaluation=evaluation, details=details, study=study, read=Reader(html))


def coded(turns=120, labels=2, coders=2, seed=3):
    """States and scores with an honest signal; every label is marked about every fourth turn."""
    random = np.random.default_rng(seed)
    latent = random.normal(size=(turns, labels))
    noise = random.normal(0, 0.5, size=(turns, labels, coders))
    return (latent[:, :, None] + noise > 0.7).astype(int), 1 / (1 + np.exp(-3 * (latent - 0.7)))


def ordinary(**options):
    return page_of(*coded(), **options)


def one_patient():
    return page_of(*coded(), patients=1)


def one_coder():
    return page_of(*coded(coders=1), coders=("ann",))


def no_family():
    return page_of(*coded(), family=False)


def unused():
    states, scores = coded()
    states[:, 1], scores[:, 1] = 0, 0.1
    return page_of(states, scores)


def perfect():
    states, _ = coded()
    states[:, :, 1] = states[:, :, 0]
    return page_of(states, np.where(states[:, :, 0] == 1, 0.9, 0.1))


def silent():
    states, scores = coded()
    return page_of(states, np.full_like(scores, np.nan))


def nothing_marked():
    states, scores = coded()
    return page_of(np.zeros_like(states), np.zeros_like(scores))


def apart():
    """No turn is coded by two coders."""
    states, scores = coded()
    states[::2, :, 0], states[1::2, :, 1] = -1, -1
    return page_of(states, scores)


def not_coded():
    states, scores = coded()
    states[:, 1] = -1
    return page_of(states, scores, family=False)


def one_turn():
    return page_of([[[1, 0]]], [[0.9]], patients=1)


def classes():
    random = np.random.default_rng(5)
    latent = random.normal(size=(150, 3))
    noisy = latent[:, :, None] + random.normal(0, 0.6, size=(150, 3, 2))
    scores = np.exp(latent) / np.exp(latent).sum(axis=1, keepdims=True)
    return page_of(noisy == noisy.max(axis=1, keepdims=True), scores, exclusive=True)
