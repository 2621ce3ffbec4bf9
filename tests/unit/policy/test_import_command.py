"""`jingkang policy import` and `policy ask`: every file whole or not at all, the others go on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.cli import main
from bot.installation import Installation
from bot.policy.models import PolicyDocument
from tests.unit.policy import files


@pytest.fixture(autouse=True)
def environment(
    installation: Installation, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JINGKANG_DATABASE_URL", database_url)
    monkeypatch.setenv("JINGKANG_DATA_DIR", str(tmp_path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    return made


def kept(installation: Installation) -> list[tuple[str, str | None]]:
    with installation.database.transaction() as session:
        rows = session.execute(select(PolicyDocument.title, PolicyDocument.region)).all()
    return [(title, region) for title, region in rows]


def test_what_can_be_read_is_kept_and_the_rest_is_named(
    folder: Path, installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "1.pdf").write_bytes(b"%PDF-1.4 broken")
    (folder / "2.docx").write_bytes(files.word_bomb())
    (folder / "3.txt").write_bytes(b"")
    (folder / "4.pdf").write_bytes(files.PICTURE)
    with (folder / "5.pdf").open("wb") as large:
        large.truncate(50 * 1024 * 1024)
    (folder / "6.pdf").write_bytes(files.pdf([files.NOTICE], password="x"))
    (folder / "7.txt").write_bytes(files.text("gb18030"))

    assert main(["policy", "import", str(folder), "--region", "攀枝花市"]) == 1

    output = capsys.readouterr()
    assert kept(installation) == [(files.NOTICE[0], "510400")]
    assert "测民发〔2024〕7号，4 条" in output.out
    refused = output.err.strip().splitlines()
    assert [line.split(":")[0].rsplit("/", 1)[1][0] for line in refused] == list("123456")
    assert all(line.endswith("。") for line in refused)
    assert "Traceback" not in output.err


def test_importing_again_replaces(
    folder: Path, installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, data in (("a.txt", files.text()), ("b.docx", files.word())):
        (folder / name).write_bytes(data)
        assert main(["policy", "import", str(folder / name), "--region", "510400"]) == 0
    assert len(kept(installation)) == 1
    assert "替换" in capsys.readouterr().out


@pytest.mark.parametrize("region", ["火星", "999999"])
def test_an_unknown_region_is_refused_before_anything(
    region: str, folder: Path, installation: Installation
) -> None:
    (folder / "a.txt").write_bytes(files.text())
    assert main(["policy", "import", str(folder), "--region", region]) == 2
    assert kept(installation) == []


def test_an_empty_folder_is_no_success(folder: Path) -> None:
    assert main(["policy", "import", str(folder)]) == 2


def test_a_file_of_questions_is_answered_line_by_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.txt").write_bytes(files.text())
    main(["policy", "import", str(folder), "--region", "510400"])
    capsys.readouterr()
    questions = folder / "questions.jsonl"
    questions.write_text(
        '{"question": "刚出院能不能优先安排去驿站", "region": "攀枝花市"}\n\n'
        '{"question": "驿站的地址在哪条路", "region": "攀枝花市"}\nnot json\n',
        encoding="utf-8",
    )
    assert main(["policy", "ask", "--input", str(questions), "--json"]) == 1
    answered, refused, wrong = map(json.loads, capsys.readouterr().out.splitlines())
    assert answered["answered"] is True
    assert answered["citations"][0]["clause"] == "一(二)"
    assert answered["citations"][0]["quote"] in files.NOTICE[6]
    assert refused == {
        "question": "驿站的地址在哪条路",
        "answered": False,
        "answer": refused["answer"],
        "citations": [],
    }
    assert "line 4" in wrong["error"]


def test_a_missing_file_of_questions_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "ask", "--input", str(folder / "missing.jsonl")]) == 2
    assert "missing.jsonl" in capsys.readouterr().err
