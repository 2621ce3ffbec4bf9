"""Official documents: read, cleaned, divided into clauses, described."""

from __future__ import annotations

import re
from pathlib import Path, PurePath

from bot.policy import regions
from bot.policy.documents.cleaning import paragraphs_of
from bot.policy.documents.facts import (
    find_date,
    find_issuers,
    find_number,
    find_title,
    find_validity,
)
from bot.policy.documents.model import (
    Clause,
    ClauseKind,
    DocumentError,
    ParsedDocument,
    Validity,
)
from bot.policy.documents.readers import load, read_lines
from bot.policy.documents.structure import clauses_of

__all__ = [
    "Clause",
    "ClauseKind",
    "DocumentError",
    "ParsedDocument",
    "Validity",
    "read_document",
]

_NATIONAL = re.compile(
    r"中华人民共和国|国务院|全国人民代表大会|民政部|财政部|国家卫生健康委|公安部|司法部|"
    r"人力资源和?社会保障部|人社部|国家医(?:疗)?保(?:障)?局|中国残(?:疾人联合会|联)|中央"
)


def read_document(
    source: Path | bytes, filename: str | None = None, *, region: str | None = None
) -> ParsedDocument:
    """Read one document (txt, docx, pdf, html) whole.

    `region` is a division code ("" the nation) that the person importing has chosen; without it
    the place is looked for in the issuers and the title. Raises `DocumentError`, whose message is
    a Chinese sentence, when the file is broken, too large, empty, a picture or not text.
    """
    data, name = load(source, filename)
    paragraphs = paragraphs_of(read_lines(data, name))
    if sum(len(re.findall("[\u4e00-\u9fff]", text)) for text in paragraphs) < 20:
        raise DocumentError("文件里没有读出中文内容，请看看是不是选错了文件。")
    text, clauses, doubts = clauses_of(paragraphs)

    title = find_title(clauses)
    if title is None:
        title = PurePath(name).stem or paragraphs[0][:40]
        doubts.append("没有找到文件标题，先用文件名代替，请补上。")
    number = find_number(clauses)
    if number is None:
        doubts.append("没有找到文号。有些文件没有文号；如果有，请补上。")
    issuers = find_issuers(clauses)
    if not issuers:
        doubts.append("没有找到发文机关，请补上。")
    issued, sureness = find_date(clauses)
    if issued is None:
        doubts.append("没有找到成文日期，请补上。")
    elif sureness == "printed":
        doubts.append(f"没有找到落款日期，用了别处写的 {issued.isoformat()}，请核对。")
    if region is None:
        region = _region_of(issuers, title)
        if region is None:
            doubts.append("看不出适用哪个地方，请选一下，不然查不到它。")
    if not any(clause.kind is ClauseKind.BODY for clause in clauses):
        raise DocumentError("没有找到正文。这份文件可能只有标题或者目录。")
    return ParsedDocument(
        title=title,
        number=number,
        issuers=issuers,
        date=issued,
        region=region,
        validity=find_validity(text, issued),
        text=text,
        clauses=clauses,
        doubts=tuple(doubts),
    )


def _region_of(issuers: tuple[str, ...], title: str) -> str | None:
    for text in (*issuers, title):
        place = regions.of_issuer(text)
        if place is not None:
            return place
    return regions.NATION if any(map(_NATIONAL.search, (*issuers, title))) else None
