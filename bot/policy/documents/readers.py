"""Bytes of an official document → its lines of text. One reader a format, bounded in every size.

A page break is the line `PAGE_BREAK`. Whatever a file is named, its first bytes decide the format.
"""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

from bot.policy.documents.model import DocumentError
from bot.policy.documents.numbering import numbered_text

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 80 * 1024 * 1024
MAX_ENTRIES = 2000
MAX_PAGES = 400
MAX_CHARACTERS = 1_500_000
PAGE_BREAK = "\f"

# A scanned page has no text at all; a page with a photograph still has a caption.
_SCANNED_CHARACTERS_A_PAGE = 15


def load(source: Path | bytes, filename: str | None = None) -> tuple[bytes, str]:
    """The bytes and the name to read by. Raises `DocumentError` when too large or unreadable."""
    if isinstance(source, Path):
        filename = filename or source.name
        try:
            size = source.stat().st_size
            if size > MAX_BYTES:
                raise _too_large(size)
            source = source.read_bytes()
        except OSError as error:
            raise DocumentError(
                f"文件打不开：{filename}。请看看文件还在不在、能不能读。"
            ) from error
    if len(source) > MAX_BYTES:
        raise _too_large(len(source))
    return source, filename or ""


def read_lines(data: bytes, filename: str) -> list[str]:
    """The text of a txt, docx, pdf or html file as lines. Raises `DocumentError`."""
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise DocumentError("这个文件是空的，里面没有文字。")
    lines = _read(data, filename.lower())
    if sum(map(len, lines)) > MAX_CHARACTERS:
        raise DocumentError("文字太多，不像一份文件。请按文件拆开后再导入。")
    return lines


def _read(data: bytes, name: str) -> list[str]:
    head = data[:1024].lstrip()
    if data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")):
        raise DocumentError("这是一张图片，里面没有文字。请换成能选中文字的版本。")
    if head.startswith(b"%PDF") or name.endswith(".pdf"):
        return _read_pdf(data)
    if data.startswith(b"PK\x03\x04") or name.endswith(".docx"):
        return _read_docx(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise DocumentError(
            "这是旧版 Word、WPS 或者加了密码的文件，请去掉密码、另存为 docx 后再导入。"
        )
    if head.startswith(b"{\\rtf"):
        raise DocumentError("这是 RTF 文件，请另存为 docx 后再导入。")
    text = _decode(data)
    if name.endswith((".html", ".htm")) or re.match(r"\s*<(!doctype html|html)\b", text, re.I):
        return _read_html(text)
    return text.replace("\f", f"\n{PAGE_BREAK}\n").splitlines()


def _too_large(size: int) -> DocumentError:
    return DocumentError(
        f"文件有 {size / 1024 / 1024:.0f} MB，太大了，最多 {MAX_BYTES // 1024 // 1024} MB。"
        "请去掉里面的图片，或者换成文字版。"
    )


# --- plain text ---------------------------------------------------------------------------------


def _decode(data: bytes) -> str:
    declared = re.search(rb"charset\s*=\s*[\"']?\s*([\w-]+)", data[:2048], re.I)
    candidates = ["utf-8-sig", "gb18030"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates.insert(0, "utf-16")
    elif data[:400].count(0) > 20:
        candidates[:0] = ["utf-16-le", "utf-16-be"]
    if declared and declared[1].lower() in {b"big5", b"big5-hkscs"}:
        candidates.insert(1, "big5")
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_plausible(text):
            return text
    raise DocumentError("文字编码认不出来，打开会是乱码。请另存为 UTF-8 或 GB18030 编码的文本。")


def _is_plausible(text: str) -> bool:
    """Text in the right encoding is made of everyday characters, whichever language it is in."""
    signs = [char for char in text if not char.isspace()]
    if not signs:
        return True
    odd = sum(
        char == "\ufffd" or not (char.isprintable() and (char < "\u3400" or char in _COMMON))
        for char in signs
    )
    return odd / len(signs) < 0.1


class _CommonCharacters:
    """GB2312's characters and the signs of Chinese texts: what a mis-decoded text is not made of."""

    def __contains__(self, char: str) -> bool:
        if "\u4e00" <= char <= "\u9fff":
            try:
                char.encode("gb2312")
            except UnicodeEncodeError:
                return False
            return True
        return "\uff00" <= char <= "\uffef"


_COMMON = _CommonCharacters()


# --- HTML ---------------------------------------------------------------------------------------

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "body",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "html",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
        "br",
    ]
)
_IGNORED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "header",
        "footer",
        "aside",
        "form",
        "select",
        "button",
        "svg",
        "iframe",
    ]
)
_VOID = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "source",
        "track",
        "wbr",
    ]
)


class _Node:
    __slots__ = ("children", "parent", "tag")

    def __init__(self, tag: str, parent: _Node | None) -> None:
        self.tag = tag
        self.parent = parent
        self.children: list[_Node | str] = []

    def weight(self) -> int:
        """Sentence ends inside: the text proper has them, menus and side columns have not."""
        return sum(
            len(re.findall("[。；]", child)) if isinstance(child, str) else child.weight()
            for child in self.children
        )

    def pieces(self) -> list[str]:
        found: list[str] = []
        for child in self.children:
            if isinstance(child, str):
                found.append(child)
            elif child.tag in _BLOCKS:
                found += ["\n", *child.pieces(), "\n"]
            else:
                found += child.pieces()
        return found


class _Tree(HTMLParser):
    _MAX_DEPTH = 200

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self._here = _Node("", None)
        self._depth = 0
        self._ignored: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _IGNORED:
            self._ignored.append(tag)
        elif tag in _VOID:
            if tag in _BLOCKS:
                self._here.children.append("\n")
        elif self._depth < self._MAX_DEPTH:
            node = _Node(tag, self._here)
            self._here.children.append(node)
            self._here = node
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _IGNORED:
            if tag in self._ignored:
                while self._ignored.pop() != tag:
                    pass
            return
        node: _Node | None = self._here
        up = 0
        while node is not None and node.tag != tag:
            node, up = node.parent, up + 1
        if node is not None and node.parent is not None:
            self._here = node.parent
            self._depth -= up + 1

    def handle_data(self, data: str) -> None:
        if not self._ignored:
            self._here.children.append(re.sub(r"\s+", " ", data))


def _read_html(text: str) -> list[str]:
    tree = _Tree()
    tree.feed(text)
    tree.close()
    # The smallest part of the page that still holds nearly all of its sentences is the document.
    node, total = tree.root, tree.root.weight()
    while True:
        inner = [child for child in node.children if isinstance(child, _Node)]
        heavy = next((child for child in inner if child.weight() >= max(1, total * 0.9)), None)
        if heavy is None or heavy.tag == "p":
            break
        node = heavy
    lines = "".join(node.pieces()).splitlines()
    if node is not tree.root and not any("关于" in line for line in lines[:12]):
        # The headline of a page often stands outside of its text.
        lines = [*_headline(tree.root), *lines]
    return lines


def _headline(node: _Node) -> list[str]:
    for child in node.children:
        if isinstance(child, _Node):
            if child.tag == "h1":
                return ["".join(child.pieces()).strip()]
            if found := _headline(child):
                return found
    return []


# --- DOCX ---------------------------------------------------------------------------------------


def _read_docx(data: bytes) -> list[str]:
    import docx
    from docx.table import Table

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            names = {entry.filename for entry in entries}
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise DocumentError("docx 文件已损坏，打不开。请重新保存一份再导入。") from error
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED:
        raise DocumentError("docx 解开后大得不正常，为了安全没有打开。请换一份文件。")
    if "word/document.xml" not in names:
        raise DocumentError("这不是 Word 的 docx 文件。请另存为 docx 后再导入。")
    try:
        document = docx.Document(io.BytesIO(data))
        lines: list[str] = []
        numbers = numbered_text(document)
        for block in document.iter_inner_content():
            if isinstance(block, Table):
                lines += ["  ".join(_cells(row)) for row in block.rows]
            else:
                lines += numbers(block).splitlines() or [""]
    except Exception as error:  # python-docx and lxml raise their own kinds for broken parts
        raise DocumentError("docx 文件已损坏，打不开。请重新保存一份再导入。") from error
    return lines


def _cells(row: object) -> list[str]:
    seen: list[object] = []
    texts = []
    for cell in row.cells:  # type: ignore[attr-defined]
        # A merged cell is handed out once a column.
        if cell._tc in seen:
            continue
        seen.append(cell._tc)
        texts.append(cell.text.replace("\n", ""))
    return texts


# --- PDF ----------------------------------------------------------------------------------------


def _read_pdf(data: bytes) -> list[str]:
    import pypdf
    from pypdf.errors import PyPdfError

    # pypdf reports every oddity of a file as a warning in the log; the outcome is what counts.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentError("pdf 有密码，打不开。请换一份没有密码的。")
        count = len(reader.pages)
        if count > MAX_PAGES:
            raise DocumentError(f"pdf 有 {count} 页，太多了。请只导入文件本身。")
        pages = [page.extract_text().splitlines() for page in reader.pages]
    except DocumentError:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise DocumentError("pdf 文件已损坏，打不开。请重新下载一份再导入。") from error
    except RecursionError as error:
        raise DocumentError("pdf 文件的结构不正常，打不开。请换一份文件。") from error
    characters = sum(len(line.strip()) for page in pages for line in page)
    if characters < _SCANNED_CHARACTERS_A_PAGE * max(1, count):
        raise DocumentError("pdf 是扫描的图片，里面没有文字。请换成能选中文字的版本。")
    lines: list[str] = []
    for page in _without_running_heads(pages):
        lines += [*page, PAGE_BREAK]
    return lines


def _without_running_heads(pages: list[list[str]]) -> list[list[str]]:
    """Drop the line that begins or ends most pages: a running head, not the document's text."""
    if len(pages) < 4:
        return pages
    edges = Counter(
        line.strip() for page in pages for line in {*page[:1], *page[-1:]} if line.strip()
    )
    repeated = {line for line, times in edges.items() if times > len(pages) / 2}
    return [
        [
            line
            for place, line in enumerate(page)
            if not (place in {0, len(page) - 1} and line.strip() in repeated)
        ]
        for page in pages
    ]
