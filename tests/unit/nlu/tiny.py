"""A model small enough to see through: one word a fine intent."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np

from bot.nlu.features import VIEWS, FeatureReader, Vocabulary
from bot.nlu.linear import FILE_NAME, LinearModel, fit_index

VOCABULARY = Vocabulary(
    words={"drug": ["奥氮平"], "relation": ["儿子", "妈妈"]},
    shapes={"clock": [r"\d{1,2}点"]},
    rewrite={"俺": "我", "咋办": "怎么办"},
)
WORDS = {
    "apply_start": "报名",
    "policy_subsidy": "补贴",
    "policy_medical": "医保",
    "crisis": "刀",
    "complaint": "投诉",
    "side_effect": "手抖",
    "caregiver_stress": "累",
    "greet": "你好",
}


def tiny_model() -> LinearModel:
    """Each word of `WORDS` speaks for its intent, and nothing else does."""
    reader = FeatureReader(VOCABULARY)
    index, idf = fit_index([reader.count(word) for word in WORDS.values()])
    weights = np.zeros((len(WORDS), sum(len(index[view]) for view in VIEWS)))
    for row, word in enumerate(WORDS.values()):
        for gram in reader.count(word)["c"]:
            weights[row, index["c"][gram]] = 4.0
    return LinearModel(
        vocabulary=VOCABULARY,
        index=index,
        idf=idf,
        share={"c": 1.0, "s": 0.5, "p": 0.25},
        sharpness=3.0,
        intents=list(WORDS),
        weights=weights,
        bias=np.full(len(WORDS), -2.0),
    )


def write_as_rasa_model(model: LinearModel, path: Path) -> None:
    """The file where the application looks for it: inside an archive like Rasa's."""
    content = io.BytesIO()
    model.write(content)
    member = tarfile.TarInfo(f"components/train_bot.nlu.component/{FILE_NAME}")
    member.size = len(content.getvalue())
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(member, io.BytesIO(content.getvalue()))
