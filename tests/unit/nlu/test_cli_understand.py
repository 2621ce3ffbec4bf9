"""``jingkang understand`` on the command line."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from bot import cli_understand
from bot.settings import Settings

from .tiny import tiny_model, write_as_rasa_model


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JINGKANG_DATA_DIR", str(tmp_path))
    models = Settings().models_dir
    models.mkdir()
    write_as_rasa_model(tiny_model(), models / "tiny.tar.gz")
    return tmp_path


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    cli_understand.add_arguments(parser)
    return cli_understand.run(parser.parse_args(words))


@pytest.mark.usefixtures("trained")
def test_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("我要报名", "--json") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["intent"]["name"] == "apply_rehab"


def test_every_line_of_a_file_is_answered_in_order(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = trained / "lines.jsonl"
    path.write_text(
        '\ufeff{"text": "我要报名"}\n'
        "not json\n"
        "\n"
        '{"sentence": "报名"}\n'
        '{"text": 5}\n'
        '{"text": ""}\n'
        '{"text": "投诉", "id": 7}\n',
        encoding="utf-8",
    )
    assert _run("--input", str(path), "--json") == 1
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["text"] for answer in answers] == [
        "我要报名",
        "not json",
        '{"sentence": "报名"}',
        '{"text": 5}',
        "",
        "投诉",
    ]
    assert ["error" in answer for answer in answers] == [False, True, True, True, False, False]
    assert "line 2" in answers[1]["error"]
    assert answers[-1]["intent"]["name"] == "complaint"


def test_nothing_in_a_file_stops_the_others(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = trained / "odd.jsonl"
    path.write_bytes(
        b"\xff\xfe\xb0\xa1\n"
        + b"[" * 5000
        + b"\n"
        + b'{"text": "\\ud83d"}\n'
        + json.dumps({"text": "长" * 30_000}).encode()
        + b'\n{"text": "\\u0000"}\n[{"text": 1}]\nnull\n'
        + json.dumps({"text": "我要报名"}).encode()
    )
    assert _run("--input", str(path), "--json") == 1
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(answers) == 8
    assert ["error" in answer for answer in answers] == [
        *(True, True, False, True, False, True, True, False)
    ]
    assert answers[-1]["intent"]["name"] == "apply_rehab"


@pytest.mark.usefixtures("trained")
@pytest.mark.parametrize("words", [(), ("报名", "--input", "lines.jsonl")])
def test_exactly_one_source(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(*words) == 2
    assert "--input" in capsys.readouterr().err


def test_no_file(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run("--input", str(trained / "nowhere.jsonl")) == 2
    assert "nowhere.jsonl" in capsys.readouterr().err


def test_no_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JINGKANG_DATA_DIR", str(tmp_path))
    assert _run("你好") == 2
    assert "jingkang train" in capsys.readouterr().err
