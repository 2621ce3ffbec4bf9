"""The linear model: its probabilities and its file."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.linear import LinearModel
from bot.nlu.model import ModelShelf, NoModel, find_model, read_model
from bot.settings import Settings

from .tiny import WORDS, tiny_model, write_as_rasa_model

MODEL = tiny_model()


@pytest.mark.parametrize(("intent", "word"), WORDS.items())
def test_each_word_is_understood(intent: str, word: str) -> None:
    assert MODEL.parse(word).intent == intent


@given(st.text())
def test_probabilities_of_any_text(text: str) -> None:
    parsed = MODEL.parse(text)
    assert sum(share for _, share in parsed.ranking) == pytest.approx(1.0)
    assert sum(share for _, share in parsed.topics) == pytest.approx(1.0)
    assert {intent for intent, _ in parsed.ranking} == set(WORDS)
    assert list(parsed.topics) == sorted(parsed.topics, key=lambda one: -one[1])
    assert parsed.confidence == parsed.topics[0][1]


def test_fine_intents_of_one_topic_speak_for_it_together() -> None:
    parsed = MODEL.parse("医保补贴")
    shares = dict(parsed.ranking)
    assert parsed.topics[0][0] == "policy"
    assert parsed.confidence == pytest.approx(shares["policy_medical"] + shares["policy_subsidy"])
    assert parsed.intent in ("policy_medical", "policy_subsidy")


def test_an_unknown_sentence_is_not_understood_with_confidence() -> None:
    assert MODEL.parse("zzz").confidence < 0.3


def test_what_was_written_reads_the_same() -> None:
    content = io.BytesIO()
    MODEL.write(content)
    again = LinearModel.read(content.getvalue())
    for text in ("俺想报名", "医保补贴", "", "儿子9点吃奥氮平手抖"):
        assert again.parse(text) == MODEL.parse(text)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not an archive", b"\x80\x04pickle"])
def test_other_content_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="linear model"):
        LinearModel.read(content)


def test_the_newest_model_is_found_and_read_again_when_it_changes(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    shelf = ModelShelf(settings)
    with pytest.raises(NoModel):
        shelf.model()
    settings.models_dir.mkdir()
    old, new = settings.models_dir / "a.tar.gz", settings.models_dir / "b.tar.gz"
    write_as_rasa_model(MODEL, old)
    os.utime(old, (1, 1))
    first = shelf.model()
    assert shelf.model() is first
    write_as_rasa_model(MODEL, new)
    assert find_model(settings) == new
    assert shelf.model() is not first


def test_an_archive_without_the_model_says_so(tmp_path: Path) -> None:
    path = tmp_path / "empty.tar.gz"
    with tarfile.open(path, "w:gz"):
        pass
    with pytest.raises(NoModel, match=r"empty\.tar\.gz"):
        read_model(path)


def test_a_broken_archive_says_so(tmp_path: Path) -> None:
    path = tmp_path / "broken.tar.gz"
    path.write_bytes(b"half a model")
    with pytest.raises(NoModel, match=r"broken\.tar\.gz"):
        read_model(path)
