"""Every format gives the same clauses; what cannot be read is refused with a sentence."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.policy.documents import ClauseKind, DocumentError, ParsedDocument, read_document, readers
from tests.unit.policy import files

WRAPPED = [line[start : start + 20] for line in files.NOTICE for start in range(0, len(line), 20)]

FORMATS = {
    "a.txt": files.text(),
    "gb.txt": files.text("gb18030"),
    "bom.txt": files.text("utf-8-sig"),
    "utf16.txt": files.text("utf-16"),
    "a.docx": files.word(),
    "numbered.docx": files.word_with_numbering(),
    "a.html": files.page().encode(),
    "gb.html": files.page().replace("utf-8", "gb2312").encode("gb18030"),
    "a.pdf": files.pdf([files.NOTICE]),
    "two-pages.pdf": files.pdf([files.NOTICE[:6], files.NOTICE[6:]]),
    # Names lie; the first bytes do not.
    "docx-named.txt": files.word(),
    "pdf-named.docx": files.pdf([files.NOTICE]),
}


def answering(document: ParsedDocument) -> list[str]:
    return [clause.path for clause in document.clauses if clause.kind is ClauseKind.BODY]


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_gives_the_same_document(name: str) -> None:
    document = read_document(FORMATS[name], name, region="510400")
    assert document.title == files.NOTICE[0]
    assert document.number == "测民发〔2024〕7号"
    assert document.date == date(2024, 3, 5)
    assert answering(document) == files.PATHS
    squeezed = "".join(document.text.split())
    assert all(line in squeezed for line in files.NOTICE)
    assert "脚本" not in document.text
    assert "栏目" not in document.text


def test_lines_broken_by_a_pdf_are_joined_again() -> None:
    document = read_document(files.pdf([WRAPPED]), "wrapped.pdf", region="510400")
    texts = [clause.text for clause in document.clauses]
    assert files.NOTICE[7] in texts
    assert files.NOTICE[5] in texts


REFUSED = {
    "空的": (b"", "a.txt"),
    "空的 ": (b" \r\n\t\n", "a.txt"),
    "有密码": (files.pdf([files.NOTICE], password="x"), "a.pdf"),
    "pdf 文件已损坏": (files.pdf([files.NOTICE])[:900], "a.pdf"),
    "pdf 文件已损坏 ": (b"%PDF-1.7\nnothing of it", "a.pdf"),
    "扫描的图片": (files.pdf([[], []]), "a.pdf"),
    "图片": (files.PICTURE, "a.pdf"),
    "图片 ": (files.PICTURE, "a.txt"),
    "docx 文件已损坏": (files.word()[:3000], "a.docx"),
    "大得不正常": (files.word_bomb(), "a.docx"),
    "不是 Word": (files.zipped("xl/workbook.xml", b"<x/>"), "a.docx"),
    "旧版 Word": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.doc"),
    "RTF": (rb"{\rtf1\ansi hello}", "a.rtf"),
    "编码认不出来": (bytes(range(128, 256)) * 40, "a.txt"),
    "没有读出中文": (b"Lorem ipsum dolor sit amet. " * 20, "a.txt"),
    "没有找到正文": ("测试市民政局关于办好心灵驿站和其他各项有关工作的通知".encode(), "a.txt"),
    "文字太多": (("很长的一段话。" * 300_000).encode(), "a.txt"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_read_is_refused_with_a_sentence(reason: str) -> None:
    data, name = REFUSED[reason]
    with pytest.raises(DocumentError, match=reason.strip()) as refused:
        read_document(data, name)
    sentence = str(refused.value)
    assert sentence.endswith("。")
    assert "Error" not in sentence


def test_a_file_too_large_is_not_even_opened(tmp_path: Path) -> None:
    large = tmp_path / "large.pdf"
    with large.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    with pytest.raises(DocumentError, match="50 MB，太大了"):
        read_document(large)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.txt", tmp_path):
        with pytest.raises(DocumentError, match="打不开"):
            read_document(path)


def test_a_pdf_of_too_many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "MAX_PAGES", 2)
    with pytest.raises(DocumentError, match="3 页，太多"):
        read_document(files.pdf([files.NOTICE] * 3), "a.pdf")


def test_the_line_that_heads_every_page_is_not_text() -> None:
    pages = [["内部资料 注意保存", line] for line in files.NOTICE]
    document = read_document(files.pdf(pages), "heads.pdf", region="510400")
    assert "内部资料" not in document.text
    assert answering(document) == files.PATHS
