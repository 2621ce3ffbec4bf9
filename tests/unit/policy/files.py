"""Official documents as files, made here: docx, pdf with and without text, html, broken ones."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pypdf
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement

DOCUMENTS = Path(__file__).resolve().parents[2] / "data" / "policy" / "documents"

NOTICE = [
    "测试市民政局关于办好心灵驿站的通知",
    "测民发〔2024〕7号",
    "各县（区）民政局：",
    "为办好心灵驿站，现将有关事项通知如下：",
    "一、谁可以来",
    "（一）住在本市的精神障碍患者。本人和监护人都同意的，可以来。",
    "（二）刚出院的患者。医院提出建议的，优先安排。",
    "二、驿站做什么。教做饭、洗衣和按时服药，每周开放5天，不收费。",
    "测试市民政局",
    "2024年3月5日",
]
PATHS = ["引言", "一(一)", "一(二)", "二"]
"""The clauses of `NOTICE` that may answer."""


def text(encoding: str = "utf-8") -> bytes:
    return "\n".join(NOTICE).encode(encoding)


def word(lines: list[str] = NOTICE) -> bytes:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    return _saved(document)


def word_with_numbering() -> bytes:
    """The markers 一、 and （一） are Word's automatic numbers, not text of the paragraphs."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "90")
    for level, template in enumerate(("%1、", "（%2）")):
        row = OxmlElement("w:lvl")
        row.set(qn("w:ilvl"), str(level))
        for tag, value in (
            ("w:start", "1"),
            ("w:numFmt", "chineseCounting"),
            ("w:lvlText", template),
        ):
            child = OxmlElement(tag)
            child.set(qn("w:val"), value)
            row.append(child)
        abstract.append(row)
    numbering.insert(0, abstract)
    number = OxmlElement("w:num")
    number.set(qn("w:numId"), "90")
    reference = OxmlElement("w:abstractNumId")
    reference.set(qn("w:val"), "90")
    number.append(reference)
    numbering.append(number)
    for line in NOTICE:
        level, bare = None, line
        if line[1:2] == "、":
            level, bare = 0, line[2:]
        elif line.startswith("（"):
            level, bare = 1, line[3:]
        paragraph = document.add_paragraph(bare)
        if level is not None:
            properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
            properties.get_or_add_ilvl().val = level
            properties.get_or_add_numId().val = 90
    return _saved(document)


def _saved(document: docx.document.Document) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def word_bomb() -> bytes:
    """A docx of some hundred kilobytes that unpacks to a hundred megabytes."""
    return zipped("word/document.xml", b" " * 100_000_000)


def zipped(name: str, content: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, content)
    return stream.getvalue()


def page() -> str:
    body = "".join(f"<p>{line}</p>" for line in NOTICE[1:])
    menu = "".join(f"<li><a href='/{n}'>栏目{n}</a></li>" for n in range(30))
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>x</title><style>p{{}}</style>"
        f"<script>var a = '脚本不是正文。';</script></head><body><nav>{menu}</nav>"
        f"<div id=main><h1>{NOTICE[0]}</h1><div class=text>{body}</div></div>"
        f"<footer>版权所有。备案号。</footer></body></html>"
    )


def pdf(pages: list[list[str]], *, password: str = "") -> bytes:
    """A pdf whose text can be selected: one font without glyphs, characters by their code."""
    used = sorted({char for lines in pages for line in lines for char in line})
    mapping = "\n".join(f"<{ord(char):04X}> <{ord(char):04X}>" for char in used)
    to_unicode = (
        "/CIDInit /ProcSet findresource begin begincmap /CMapName /X def "
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        f"{len(used)} beginbfchar\n{mapping}\nendbfchar endcmap end"
    )
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "",
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H "
        "/DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /DW 1000 /CIDSystemInfo "
        "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor 6 0 R >>",
        f"<< /Length {len(to_unicode)} >>\nstream\n{to_unicode}\nendstream",
        "<< /Type /FontDescriptor /FontName /X /Flags 4 /FontBBox [0 0 1000 1000] "
        "/ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>",
    ]
    kids = []
    for lines in pages:
        rows = "".join(
            f"<{''.join(f'{ord(char):04X}' for char in line)}> Tj 0 -20 Td\n" for line in lines
        )
        content = f"BT /F1 12 Tf 50 780 Td\n{rows}ET"
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources "
            f"<< /Font << /F1 3 0 R >> >> /Contents {len(objects) + 2} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(out)
    out += (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF"
    ).encode()
    if not password:
        return out
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(out))
    writer.encrypt(password, algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
